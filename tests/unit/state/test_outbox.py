"""Unsent entries, outcome by outcome."""

from __future__ import annotations

import pytest

from asnity_server.protocol.errors import Code, ErrorInfo
from asnity_tui.state.outbox import Outbox
from asnity_tui.state.outbox_entry import OutboxEntry

from .making import HERE, entry

NOW = 1_000_000


def error(code: Code, retry_after: float | None = None) -> ErrorInfo:
    return ErrorInfo(code=code, message="A sentence.", retry_after=retry_after)


def outbox(*entries: OutboxEntry) -> Outbox:
    made = Outbox()
    for each in entries:
        made.add(each)
    return made


def ready(box: Outbox, now: int = NOW) -> list[str]:
    return [each.nonce for each in box.ready(now, lambda each: True)]


def test_one_of_each_channel_goes_at_a_time_in_order() -> None:
    box = outbox(entry("a"), entry("b"), entry("x", channel_id=HERE + "-other"))
    assert ready(box) == ["a", "x"]
    box.begin("a")
    assert ready(box) == ["x"]
    box.settle("a")
    assert ready(box) == ["b", "x"]
    assert [each.nonce for each in box.ready(NOW, lambda each: each.nonce == "x")] == ["x"]


def test_a_failed_one_does_not_hold_back_the_next() -> None:
    box = outbox(entry("a"), entry("b"))
    box.begin("a")
    failed = box.refuse("a", error("forbidden"), NOW)
    assert failed is not None
    assert failed.state == "failed"
    assert ready(box) == ["b"]
    assert [each.nonce for each in box.failed] == ["a"]
    assert box.waiting == 1


def test_a_waiting_one_holds_back_those_behind_it() -> None:
    box = outbox(entry("a"), entry("b"))
    box.begin("a")
    box.refuse("a", error("rate-limited", 3), NOW)
    assert ready(box) == []
    assert box.next_due(NOW) == NOW + 3000
    assert box.next_due(NOW + 3000) is None
    assert ready(box, NOW + 2999) == []
    assert ready(box, NOW + 3000) == ["a"]


@pytest.mark.parametrize("code", ["invalid", "forbidden", "not-found", "conflict", "too-large"])
def test_what_trying_again_will_not_mend_fails_at_once(code: Code) -> None:
    box = outbox(entry("a"))
    box.begin("a")
    failed = box.refuse("a", error(code), NOW)
    assert failed is not None
    assert (failed.state, failed.error, failed.reason) == ("failed", error(code), None)


def test_unavailable_waits_longer_each_time_and_no_less_than_asked() -> None:
    box = outbox(entry("a"))
    waits = []
    for _ in range(7):
        box.begin("a")
        waiting = box.refuse("a", error("unavailable"), NOW)
        assert waiting is not None
        assert waiting.reason == "unavailable"
        waits.append((waiting.not_before or 0) - NOW)
    assert waits == [1000, 2000, 4000, 8000, 16000, 30000, 30000]
    box.begin("a")
    waiting = box.refuse("a", error("unavailable", 60), NOW)
    assert waiting is not None
    assert waiting.not_before == NOW + 60_000


def test_internal_is_tried_three_times() -> None:
    box = outbox(entry("a"))
    states = []
    for code in ("internal", "unavailable", "internal", "internal", "internal"):
        box.begin("a")
        after = box.refuse("a", error(code), NOW)  # type: ignore[arg-type]
        states.append(after.state if after else None)
    assert states == ["waiting", "waiting", "waiting", "waiting", "failed"]


def test_signed_out_waits_for_the_connection_not_for_a_time() -> None:
    box = outbox(entry("a"))
    box.begin("a")
    waiting = box.refuse("a", error("unauthorized"), NOW)
    assert waiting is not None
    assert (waiting.reason, waiting.not_before) == ("signed-out", None)
    assert ready(box, NOW + 10**9) == []
    assert [each.nonce for each in box.release(HERE)] == ["a"]
    assert ready(box) == ["a"]


def test_without_a_connection_everything_waits_and_with_one_it_goes_on() -> None:
    box = outbox(entry("a"), entry("b"), entry("c"))
    box.begin("a")
    held = box.hold("a", "no-answer")
    assert held is not None
    assert (held.state, held.reason, held.unknown) == ("waiting", "no-answer", True)
    assert [each.nonce for each in box.hold_back("offline")] == ["b", "c"]
    assert [each.reason for each in box.entries()] == ["no-answer", "offline", "offline"]
    assert box.hold_back("offline") == ()
    assert box.release("another") == ()
    assert len(box.release(HERE)) == 3
    assert ready(box) == ["a"]


def test_what_waits_for_a_time_is_not_released_by_the_connection() -> None:
    box = outbox(entry("a"))
    box.begin("a")
    box.refuse("a", error("rate-limited", 3), NOW)
    assert box.hold_back("offline") == ()
    assert box.release(HERE) == ()


@pytest.mark.parametrize("late", ["settle", "refuse", "hold", "retry", "take_back"])
def test_whatever_comes_after_it_is_settled_changes_nothing(late: str) -> None:
    box = outbox(entry("a"))
    box.begin("a")
    assert box.settle("a") is not None
    outcomes = {
        "settle": lambda: box.settle("a"),
        "refuse": lambda: box.refuse("a", error("forbidden"), NOW),
        "hold": lambda: box.hold("a", "no-answer"),
        "retry": lambda: box.retry("a"),
        "take_back": lambda: box.take_back("a"),
    }
    assert outcomes[late]() is None
    assert len(box) == 0


def test_retry_keeps_nonce_and_place() -> None:
    box = outbox(entry("a"), entry("b"))
    box.begin("a")
    box.refuse("a", error("forbidden"), NOW)
    again = box.retry("a")
    assert again is not None
    assert (again.nonce, again.state, again.error, again.attempts) == ("a", "queued", None, 0)
    assert ready(box) == ["a"]


def test_only_what_the_server_certainly_lacks_can_be_taken_back() -> None:
    box = outbox(entry("new"), entry("failed"), entry("sending"), entry("unknown"))
    box.begin("failed")
    box.refuse("failed", error("forbidden"), NOW)
    box.begin("sending")
    box.begin("unknown")
    box.hold("unknown", "no-answer")
    assert [box.can_take_back(each.nonce) for each in box.entries()] == [True, True, False, False]
    assert not box.can_take_back("never heard of")
    assert box.take_back("sending") is None
    taken = box.take_back("failed")
    assert taken is not None
    assert taken.content == "text of failed"
    assert [each.nonce for each in box.entries()] == ["new", "sending", "unknown"]


def test_a_refusal_at_the_door_leaves_an_unknown_outcome_unknown() -> None:
    box = outbox(entry("a"))
    box.begin("a")
    box.hold("a", "no-answer")
    box.begin("a")
    box.refuse("a", error("rate-limited", 1), NOW)
    assert not box.can_take_back("a")


def test_a_restart_sends_again_what_was_on_its_way() -> None:
    kept = [
        entry("a", state="sending"),
        entry("b", state="waiting", reason="rate-limited", not_before=NOW + 10**9),
        entry("c", state="failed", error=error("forbidden")),
    ]
    box = Outbox()
    assert [each.nonce for each in box.restore(kept)] == ["a", "b", "c"]
    assert [(each.state, each.unknown) for each in box.entries()] == [
        ("queued", True),
        ("queued", False),
        ("failed", False),
    ]
    assert box.restore(kept) == ()
    assert ready(box) == ["a"]


def test_a_lost_channel_fails_what_was_to_go_there() -> None:
    box = outbox(entry("a"), entry("b"), entry("x", channel_id=HERE + "-other"))
    box.begin("a")
    failed = box.fail_channel("commaaaaaaaa-aaaaaaaa", error("not-found"))
    assert [each.nonce for each in failed] == ["a", "b"]
    assert ready(box) == ["x"]
