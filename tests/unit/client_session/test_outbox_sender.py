"""Outbox entries from writing to their outcome."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from asnity_server.protocol import routes
from asnity_server.protocol.errors import Code, ErrorInfo, Invalid, NotFound, TooLarge
from asnity_server.protocol.limits import Limits
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.state import changes as facts
from asnity_tui.state.outbox_entry import OutboxEntry

from .session_harness import SessionHarness, quiet


@pytest.fixture
async def general(live: SessionHarness) -> SessionHarness:
    """A live harness with `general` on the screen."""
    live.session.open_channel(live.general)
    await quiet()
    return live


def refusal(code: Code, retry_after: float | None = None) -> ErrorInfo:
    return ErrorInfo(code=code, message=f"It is {code}.", retry_after=retry_after)


def only(harness: SessionHarness) -> OutboxEntry:
    (entry,) = harness.session.outbox.entries()
    return entry


async def test_pending_then_sent(general: SessionHarness) -> None:
    general.client.faults.hold_answers(routes.CHAT_NEW)
    nonce = await general.session.messages.send(general.general, "hello  ")
    assert general.shown(general.general) == ["…hello"]
    assert general.storage.outbox[nonce].content == "hello"
    await quiet()
    assert only(general).state == "sending"
    assert general.storage.outbox[nonce].state == "sending"
    general.client.faults.release()
    await quiet()
    assert general.shown(general.general) == ["hello"]
    assert general.storage.outbox == {}
    assert facts.EntrySettled(nonce) in general.facts


async def test_it_is_on_disk_before_it_is_on_its_way(general: SessionHarness) -> None:
    general.storage.full = True
    with pytest.raises(StorageError):
        await general.session.messages.send(general.general, "hello")
    await quiet()
    assert general.shown(general.general) == []
    assert general.client.count("chat") == 0


async def test_what_no_server_takes_is_refused_before_it_is_cleared(general: SessionHarness) -> None:
    with pytest.raises(Invalid):
        await general.session.messages.send(general.general, "  ")
    with pytest.raises(TooLarge):
        await general.session.messages.send(general.general, "x" * 4001)
    server = general.session.connection.server
    assert server is not None
    general.session.connection.server = replace(server, limits=Limits(content=5))
    with pytest.raises(TooLarge, match="at most 5 characters"):
        await general.session.messages.send(general.general, "123456")
    with pytest.raises(NotFound):
        await general.session.messages.send(general.lab + "-elsewher", "hello")
    assert not len(general.session.outbox)


async def test_one_at_a_time_in_order_and_other_channels_beside_it(general: SessionHarness) -> None:
    general.client.faults.hold_requests(routes.CHAT_NEW)
    for content in ("one", "two", "three"):
        await general.session.messages.send(general.general, content)
    await general.session.messages.send(general.random, "beside")
    await quiet()
    assert general.client.faults.held_requests == 2
    assert general.shown(general.general) == ["…one", "…two", "…three"]
    general.client.faults.release()
    await quiet()
    assert general.stored(general.general) == ["one", "two", "three"]
    assert general.stored(general.random) == ["beside"]


async def test_sending_many_at_once_keeps_the_order(general: SessionHarness) -> None:
    contents = [f"{number}" for number in range(30)]
    await asyncio.gather(*(general.session.messages.send(general.general, each) for each in contents))
    for _ in range(30):
        await quiet()
    assert general.stored(general.general) == contents
    assert general.shown(general.general) == contents


@pytest.mark.parametrize("lost", ["request", "answer"])
async def test_an_outcome_that_is_unknown_is_asked_for_with_the_same_nonce(general: SessionHarness, lost: str) -> None:
    if lost == "request":
        general.client.faults.lose_next_request(routes.CHAT_NEW)
    else:
        general.client.faults.lose_next_answer(routes.CHAT_NEW)
    for content in ("one", "two"):
        await general.session.messages.send(general.general, content)
    await quiet()
    assert general.shown(general.general) == ["…one", "…two"]
    await general.clock.advance(2)
    assert general.stored(general.general) == ["one", "two"]
    assert general.shown(general.general) == ["one", "two"]
    assert not len(general.session.outbox)


async def test_written_offline_it_goes_out_with_the_connection(general: SessionHarness) -> None:
    general.client.go_offline()
    await quiet()
    await general.session.messages.send(general.general, "later")
    assert (only(general).state, only(general).reason) == ("waiting", "offline")
    assert general.shown(general.general) == ["…later"]
    general.client.go_online()
    await general.clock.advance(3)
    assert general.stored(general.general) == ["later"]


async def test_the_broadcast_may_settle_it_first(general: SessionHarness) -> None:
    general.client.faults.hold_requests(routes.CHAT_NEW)
    nonce = await general.session.messages.send(general.general, "hello")
    await quiet()
    general.server.post(general.general, general.alice, "hello", nonce=nonce)
    await quiet()
    assert general.shown(general.general) == ["hello"]
    general.client.faults.release()
    await quiet()
    assert general.shown(general.general) == ["hello"]
    assert general.stored(general.general) == ["hello"]


@pytest.mark.parametrize("code", ["forbidden", "invalid", "not-found", "conflict", "too-large"])
async def test_refused_for_good_it_fails_and_the_next_goes_on(general: SessionHarness, code: Code) -> None:
    general.client.faults.refuse_next(refusal(code), routes.CHAT_NEW)
    nonce = await general.session.messages.send(general.general, "one")
    await general.session.messages.send(general.general, "two")
    await quiet()
    assert general.shown(general.general) == ["two", "!one"]
    assert facts.EntryFailed(nonce) in general.facts
    assert general.storage.outbox[nonce].state == "failed"
    await general.clock.advance(100)
    assert general.stored(general.general) == ["two"]


async def test_retry_take_back_and_discard(general: SessionHarness) -> None:
    general.client.faults.refuse_next(refusal("forbidden"), routes.CHAT_NEW, times=3)
    nonces = [await general.session.messages.send(general.general, each) for each in ("one", "two", "three")]
    await quiet()
    general.session.sender.retry(nonces[0])
    taken = general.session.sender.take_back(nonces[1])
    assert taken is not None
    assert taken.content == "two"
    assert general.session.sender.take_back(nonces[2])
    assert not general.session.sender.take_back(nonces[2])
    assert general.session.sender.take_back("unknown") is None
    await quiet()
    assert general.shown(general.general) == ["one"]
    assert general.storage.outbox == {}


async def test_retry_all(general: SessionHarness) -> None:
    general.client.faults.refuse_next(refusal("forbidden"), routes.CHAT_NEW, times=2)
    for content in ("one", "two"):
        await general.session.messages.send(general.general, content)
    await quiet()
    assert general.session.sender.retry_all() == 2
    for _ in range(3):
        await quiet()
    assert general.stored(general.general) == ["one", "two"]


async def test_what_may_be_on_its_way_can_not_be_taken_back(general: SessionHarness) -> None:
    general.client.faults.hold_requests(routes.CHAT_NEW)
    nonce = await general.session.messages.send(general.general, "hello")
    await quiet()
    assert general.session.sender.take_back(nonce) is None
    assert not general.session.sender.take_back(nonce)
    general.client.faults.release()


async def test_rate_limited_it_waits_as_long_as_it_is_told(general: SessionHarness) -> None:
    general.client.faults.refuse_next(refusal("rate-limited", 7), routes.CHAT_NEW)
    await general.session.messages.send(general.general, "one")
    await general.session.messages.send(general.general, "two")
    await quiet()
    assert only_head(general) == ("waiting", "rate-limited", general.clock.now() + 7000)
    await general.clock.advance(6.9)
    assert general.stored(general.general) == []
    await general.clock.advance(0.1)
    assert general.stored(general.general) == ["one", "two"]


def only_head(harness: SessionHarness) -> tuple[str, str | None, int | None]:
    head = harness.session.outbox.entries()[0]
    return head.state, head.reason, head.not_before


async def test_what_falls_due_without_a_connection_goes_out_with_the_next_one(general: SessionHarness) -> None:
    general.client.faults.refuse_next(refusal("rate-limited", 7), routes.CHAT_NEW)
    await general.session.messages.send(general.general, "one")
    await quiet()
    general.client.go_offline()
    await general.clock.advance(10)
    assert general.stored(general.general) == []
    general.client.go_online()
    await general.clock.advance(30)
    assert general.stored(general.general) == ["one"]


async def test_unavailable_it_is_tried_until_it_works(general: SessionHarness) -> None:
    general.client.faults.refuse_next(refusal("unavailable"), routes.CHAT_NEW, times=4)
    await general.session.messages.send(general.general, "one")
    await general.clock.advance(1 + 2 + 4)
    assert general.stored(general.general) == []
    await general.clock.advance(8)
    assert general.stored(general.general) == ["one"]


async def test_internal_is_tried_three_times(general: SessionHarness) -> None:
    general.client.faults.refuse_next(refusal("internal"), routes.CHAT_NEW, times=3)
    await general.session.messages.send(general.general, "one")
    await general.clock.advance(100)
    assert general.shown(general.general) == ["!one"]
    assert general.client.count("chat") == 3


async def test_signed_out_it_waits(general: SessionHarness) -> None:
    general.client.faults.refuse_next(refusal("unauthorized"), routes.CHAT_NEW)
    await general.session.messages.send(general.general, "one")
    await quiet()
    assert general.session.connection.status == "signed-out"
    assert only(general).reason == "signed-out"
    await general.session.messages.send(general.general, "two")
    assert {each.reason for each in general.session.outbox.entries()} == {"signed-out"}
    await general.session.sign_in_again("tangerine")
    await general.clock.advance(2)
    assert general.stored(general.general) == ["one", "two"]


# Edits and deletions


async def test_an_edit_shows_at_once_and_is_confirmed(general: SessionHarness) -> None:
    await general.session.messages.send(general.general, "one")
    await quiet()
    general.client.faults.hold_requests(routes.CHAT_MODIFY)
    await general.session.messages.edit(general.general, 1, "two")
    assert general.shown(general.general) == ["…two"]
    general.client.faults.release()
    await quiet()
    assert general.stored(general.general) == ["two"]
    assert general.shown(general.general) == ["two"]


async def test_a_refused_edit_gives_the_old_text_back_and_keeps_the_new_one(general: SessionHarness) -> None:
    await general.session.messages.send(general.general, "one")
    await quiet()
    general.client.faults.refuse_next(refusal("forbidden"), routes.CHAT_MODIFY)
    nonce = await general.session.messages.edit(general.general, 1, "two")
    await quiet()
    assert general.shown(general.general) == ["!one"]
    taken = general.session.sender.take_back(nonce)
    assert taken is not None
    assert (taken.kind, taken.chat_id, taken.content) == ("modify", 1, "two")
    assert general.shown(general.general) == ["one"]


async def test_a_deletion_survives_a_lost_answer(general: SessionHarness) -> None:
    await general.session.messages.send(general.general, "one")
    await quiet()
    general.client.faults.lose_next_answer(routes.CHAT_DELETE)
    await general.session.messages.delete(general.general, 1)
    assert general.shown(general.general) == ["…"]
    await general.clock.advance(2)
    assert general.stored(general.general) == [""]
    assert general.shown(general.general) == [""]
    assert not len(general.session.outbox)


# Restarts


async def test_what_was_unsent_goes_out_at_the_next_start(general: SessionHarness) -> None:
    general.client.go_offline()
    await quiet()
    for content in ("one", "two"):
        await general.session.messages.send(general.general, content)
    await general.session.close()
    general.restart_program()
    assert general.session.outbox.waiting == 2
    await general.begin()
    await quiet()
    assert general.stored(general.general) == ["one", "two"]
    assert general.storage.outbox == {}


async def test_a_crash_in_mid_send_doubles_nothing(general: SessionHarness) -> None:
    general.client.faults.hold_answers(routes.CHAT_NEW)
    await general.session.messages.send(general.general, "once")
    await quiet()
    kept = dict(general.storage.outbox)
    await general.session.close()
    general.storage.outbox = kept
    general.restart_program()
    await general.begin()
    await quiet()
    assert general.stored(general.general) == ["once"]
    assert general.storage.outbox == {}


async def test_a_failed_one_is_still_there_at_the_next_start(general: SessionHarness) -> None:
    general.client.faults.refuse_next(refusal("forbidden"), routes.CHAT_NEW)
    nonce = await general.session.messages.send(general.general, "one")
    await quiet()
    await general.session.close()
    general.restart_program()
    await general.begin()
    general.session.open_channel(general.general)
    await general.clock.advance(5)
    assert general.shown(general.general) == ["!one"]
    general.session.sender.retry(nonce)
    await quiet()
    assert general.stored(general.general) == ["one"]


async def test_what_a_window_that_is_gone_left_is_taken_over(general: SessionHarness) -> None:
    nonce = "left"
    general.storage.other.append(
        OutboxEntry(
            nonce=nonce,
            community_id=general.lab,
            channel_id=general.general,
            kind="new",
            content="left behind",
            created_at=general.clock.now(),
        )
    )
    await general.clock.advance(60)
    assert general.stored(general.general) == ["left behind"]
    await general.clock.advance(60)
    assert general.stored(general.general) == ["left behind"]
    assert general.storage.outbox == {}


async def test_in_a_channel_that_is_lost_it_fails_and_can_be_taken_back(live: SessionHarness) -> None:
    live.client.faults.hold_requests(routes.CHAT_NEW)
    one = await live.session.messages.send(live.random, "one")
    two = await live.session.messages.send(live.random, "two")
    await quiet()
    await live.session.channels.leave(live.random)
    live.client.faults.release()
    await quiet()
    assert [each.state for each in live.session.outbox.entries()] == ["failed", "failed"]
    assert live.session.sender.take_back(two) is not None
    assert live.session.outbox.get(one) is not None


async def test_what_is_written_after_a_night_in_suspend_has_the_new_day(live: SessionHarness) -> None:
    live.client.faults.hold_requests(routes.CHAT_NEW)
    live.clock.ahead = 9 * 3600 * 1000
    nonce = await live.session.messages.send(live.general, "good morning")
    entry = live.session.outbox.get(nonce)
    assert entry is not None
    assert entry.created_at == live.clock.wall()


async def test_a_clock_that_is_set_back_makes_nothing_wait_longer(live: SessionHarness) -> None:
    busy = ErrorInfo(code="rate-limited", message="Too fast.", retry_after=2)
    live.client.faults.refuse_next(busy, routes.CHAT_NEW)
    await live.session.messages.send(live.general, "soon")
    await quiet()
    live.clock.ahead = -26 * 365 * 24 * 3600 * 1000
    await live.clock.advance(3)
    assert live.stored(live.general) == ["soon"]


async def test_what_the_disk_does_not_take_is_sent_all_the_same_if_that_is_wanted(general: SessionHarness) -> None:
    general.storage.full = True
    general.session.messages.sends_unkept = True
    general.session.messages.hold_ms = 3000
    general.client.faults.hold_answers(routes.CHAT_NEW)
    await general.session.messages.send(general.general, "hello")
    await quiet()
    assert only(general).unkept
    assert only(general).state == "sending"
    general.client.faults.release()
    await quiet()
    assert general.shown(general.general) == ["hello"]
    assert not general.session.sender.unkept


async def test_without_a_connection_nothing_is_taken_that_cannot_be_kept(general: SessionHarness) -> None:
    assert general.session.messages.may_send_unkept(general.general)
    general.storage.full = True
    general.session.messages.sends_unkept = True
    general.client.cut()
    await quiet()
    assert not general.session.messages.may_send_unkept(general.general)
    with pytest.raises(StorageError):
        await general.session.messages.send(general.general, "hello")


async def test_what_is_neither_sent_nor_kept_is_kept_as_soon_as_it_can_be(general: SessionHarness) -> None:
    general.storage.full = True
    general.session.messages.sends_unkept = True
    general.client.faults.hold_answers(routes.CHAT_NEW)
    nonce = await general.session.messages.send(general.general, "hello")
    await quiet()
    general.client.cut()
    await quiet()
    assert [each.content for each in general.session.sender.unkept] == ["hello"]
    general.storage.full = False
    await general.session.close()
    assert not general.session.sender.unkept
    assert general.storage.outbox[nonce].content == "hello"
    assert not general.storage.outbox[nonce].unkept


@pytest.mark.slow
async def test_what_is_neither_sent_nor_kept_at_the_end_is_there_to_be_told(general: SessionHarness) -> None:
    general.storage.full = True
    general.session.messages.sends_unkept = True
    general.client.faults.hold_answers(routes.CHAT_NEW)
    await general.session.messages.send(general.general, "hello")
    await quiet()
    await general.session.close()
    assert [each.content for each in general.session.sender.unkept] == ["hello"]
