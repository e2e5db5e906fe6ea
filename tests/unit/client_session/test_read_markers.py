"""Read markers, typing, drafts, and what is remembered."""

from __future__ import annotations

import pytest

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import ErrorInfo, Unavailable
from asnity_tui.state import changes as facts

from .session_harness import SessionHarness, quiet


@pytest.fixture
async def unread(live: SessionHarness) -> SessionHarness:
    """`general` with 10 unread messages, on the screen."""
    live.posts(live.general, 10)
    await quiet()
    live.session.open_channel(live.general)
    await quiet()
    live.client.asked.clear()
    return live


def marker(harness: SessionHarness) -> int:
    return harness.server.world.channels[harness.general].seats[harness.alice.id].read_id


async def test_the_badge_falls_at_once_and_the_server_hears_not_too_often(unread: SessionHarness) -> None:
    for message_id in range(1, 8):
        unread.session.read_markers.read_up_to(unread.general, message_id)
        await quiet()
        assert unread.channel(unread.general).badge.unread == 10 - message_id
    assert marker(unread) == 1
    assert unread.client.count("read") == 1
    await unread.clock.advance(0.3)
    assert marker(unread) == 7
    assert unread.client.count("read") == 2
    unread.session.read_markers.read_up_to(unread.general, 5)
    await unread.clock.advance(5)
    assert unread.client.count("read") == 2


async def test_leaving_a_channel_tells_at_once(unread: SessionHarness) -> None:
    unread.session.read_markers.read_up_to(unread.general, 1)
    await quiet()
    unread.session.read_markers.read_up_to(unread.general, 4)
    unread.session.close_channel()
    await unread.clock.advance(0.3)
    assert marker(unread) == 4
    assert unread.session.open_channel_id is None


async def test_what_is_read_offline_is_told_with_the_connection(unread: SessionHarness) -> None:
    unread.client.cut()
    unread.session.read_markers.read_up_to(unread.general, 9)
    assert unread.channel(unread.general).badge.unread == 1
    await quiet()
    assert marker(unread) == 0
    await unread.clock.advance(2)
    assert marker(unread) == 9
    assert unread.channel(unread.general).badge.unread == 1


async def test_what_is_read_offline_is_told_at_the_next_start(unread: SessionHarness) -> None:
    unread.client.go_offline()
    unread.session.read_markers.read_up_to(unread.general, 9)
    await unread.session.close()
    assert marker(unread) == 0
    unread.restart_program()
    assert unread.channel(unread.general).read_id == 9
    unread.session.open_channel(unread.general)
    assert unread.channel(unread.general).badge.unread == 1
    await unread.begin()
    await unread.clock.advance(1)
    assert marker(unread) == 9
    assert unread.channel(unread.general).badge.unread == 1
    await unread.session.close()
    assert not unread.storage.choices.keys() & {f"read/{unread.general}"}


async def test_a_marker_that_is_refused_for_now_is_told_later_and_else_given_up(unread: SessionHarness) -> None:
    unread.client.faults.refuse_next(ErrorInfo(code="rate-limited", message="Slow down."), routes.READ)
    unread.session.read_markers.read_up_to(unread.general, 9)
    await unread.clock.advance(6)
    assert marker(unread) == 9
    unread.client.faults.refuse_next(ErrorInfo(code="internal", message="Oops."), routes.READ)
    unread.session.read_markers.read_up_to(unread.general, 10)
    await unread.clock.advance(1)
    assert unread.channel(unread.general).badge.unread == 1
    assert facts.Notice("Oops.", "warning") in unread.facts


async def test_my_other_device_reads(unread: SessionHarness) -> None:
    unread.server.read(unread.general, unread.alice, 6)
    await quiet()
    assert unread.channel(unread.general).badge.unread == 4


async def test_marked_as_unread_it_stays_so_until_it_is_opened_again(unread: SessionHarness) -> None:
    unread.session.read_markers.read_up_to(unread.general, 10)
    await quiet()
    await unread.session.read_markers.mark_unread_from(unread.general, 4)
    assert marker(unread) == 3
    assert unread.channel(unread.general).badge.unread == 7
    unread.session.read_markers.read_up_to(unread.general, 10)
    await unread.clock.advance(1)
    assert marker(unread) == 3
    unread.session.open_channel(unread.general)
    unread.session.read_markers.read_up_to(unread.general, 10)
    await unread.clock.advance(1)
    assert marker(unread) == 10


async def test_marking_as_unread_may_fail(unread: SessionHarness) -> None:
    unread.client.faults.refuse_next(ErrorInfo(code="unavailable", message="Busy."), routes.READ)
    with pytest.raises(Unavailable):
        await unread.session.read_markers.mark_unread_from(unread.general, 4)
    assert not unread.channel(unread.general).marked_unread


async def test_what_was_read_is_told_before_my_message(unread: SessionHarness) -> None:
    unread.session.read_markers.read_up_to(unread.general, 1)
    await quiet()
    unread.session.read_markers.read_up_to(unread.general, 10)
    await unread.session.messages.send(unread.general, "hello")
    await unread.clock.advance(1)
    assert marker(unread) == 11
    assert unread.channel(unread.general).read_id == 11


async def test_closing_tells_what_was_read(unread: SessionHarness) -> None:
    unread.session.read_markers.read_up_to(unread.general, 1)
    await quiet()
    unread.session.read_markers.read_up_to(unread.general, 10)
    await unread.session.close()
    assert marker(unread) == 10
    assert unread.session.connection.status == "closed"
    await unread.session.close()


# Typing


async def test_typing_is_told_at_most_every_three_seconds(live: SessionHarness) -> None:
    for _ in range(29):
        live.session.typing.typed(live.general)
        await live.clock.advance(0.1)
    assert live.client.count("typing") == 1
    await live.clock.advance(0.1)
    live.session.typing.typed(live.general)
    await quiet()
    assert live.client.count("typing") == 2
    await live.session.messages.send(live.general, "hello")
    live.session.typing.typed(live.general)
    await quiet()
    assert live.client.count("typing") == 3


async def test_typing_without_a_connection_or_permission_is_no_trouble(live: SessionHarness) -> None:
    live.client.faults.refuse_next(ErrorInfo(code="rate-limited", message="Slow down."), routes.TYPING)
    live.session.typing.typed(live.general)
    await quiet()
    live.client.go_offline()
    live.session.typing.typed(live.random)
    live.session.typing.typed("nowhere")
    await quiet()
    assert live.told(facts.Notice) == []


# Drafts


async def test_drafts_are_told_when_they_begin_and_end_and_written_a_second_later(live: SessionHarness) -> None:
    for length in range(1, 6):
        live.session.drafts.set(live.general, "hello"[:length])
    assert live.session.drafts.get(live.general) == "hello"
    assert live.session.drafts.ids() == {live.general}
    assert live.storage.drafts == {}
    await live.clock.advance(1)
    assert live.storage.drafts == {live.general: "hello"}
    assert live.facts.count(facts.DraftChanged(live.general)) == 1
    live.session.drafts.set(live.general, "")
    await live.clock.advance(1)
    assert live.storage.drafts == {}
    assert live.facts.count(facts.DraftChanged(live.general)) == 2
    live.session.drafts.set(live.general, "")
    assert live.session.drafts.get("elsewhere") == ""


async def test_drafts_survive_a_restart_even_a_hasty_one(live: SessionHarness) -> None:
    live.session.drafts.set(live.general, "half a thou")
    await live.session.close()
    live.restart_program()
    assert live.session.drafts.get(live.general) == "half a thou"


# Remembering


async def test_the_second_start_shows_everything_before_it_connects(unread: SessionHarness) -> None:
    unread.session.read_markers.read_up_to(unread.general, 4)
    await unread.clock.advance(1)
    await unread.session.close()
    assert unread.storage.closed
    unread.restart_program()
    assert unread.session.connection.status == "offline"
    assert unread.session.persistence.last_channel() == unread.general
    assert unread.channel(unread.general).badge.unread == 6
    unread.session.open_channel(unread.general)
    assert unread.shown(unread.general) == [f"{each}" for each in range(1, 11)]
    assert unread.session.store.name_of(unread.bob.id) == "Bob"


async def test_it_is_written_a_while_after_it_changed(unread: SessionHarness) -> None:
    assert unread.general not in unread.storage.channels
    await unread.clock.advance(5)
    assert len(unread.storage.channels[unread.general].messages) == 10
    sidebar = unread.storage.sidebar
    assert sidebar is not None
    unread.server.post(unread.random, unread.bob, "hi")
    await unread.clock.advance(5)
    assert unread.storage.sidebar != sidebar


async def test_a_channel_that_is_lost_is_forgotten_but_not_its_draft(unread: SessionHarness) -> None:
    unread.session.open_channel(unread.random)
    unread.session.open_channel(unread.general)
    unread.session.drafts.set(unread.random, "too late")
    unread.server.post(unread.random, unread.bob, "hi")
    await unread.clock.advance(6)
    assert unread.random in unread.storage.channels
    await unread.session.channels.leave(unread.random)
    await unread.clock.advance(6)
    assert unread.random not in unread.storage.channels
    assert unread.session.drafts.ids() == frozenset()
    assert unread.storage.drafts == {}
    (kept,) = unread.session.outbox.failed
    assert (kept.content, kept.place, kept.channel_id) == ("too late", "#random", unread.random)
    assert kept.error is not None
    assert kept.error.message == "You left #random."
    assert list(unread.storage.outbox) == [kept.nonce]


async def test_a_draft_in_the_open_channel_stays_one_while_it_is_being_written(unread: SessionHarness) -> None:
    unread.session.open_channel(unread.random)
    unread.session.drafts.set(unread.random, "half a sent")
    unread.server.call(
        unread.server.token(unread.bob), routes.DELETE_CHANNEL, requests.OfChannel(channel_id=unread.random)
    )
    await quiet()
    assert unread.session.store.channel(unread.random) is None
    assert unread.session.drafts.get(unread.random) == "half a sent"
    assert not unread.session.outbox.failed
    unread.session.persistence.keep_text(unread.random, "half a sentence", place="#random", why="#random was deleted.")
    await quiet()
    assert [each.content for each in unread.session.outbox.failed] == ["half a sentence"]
    assert unread.session.drafts.ids() == frozenset()


async def test_a_draft_whose_channel_is_gone_at_the_next_start_is_among_what_is_not_sent(
    unread: SessionHarness,
) -> None:
    unread.storage.drafts[f"{unread.lab}-nowhereaaa"] = "for whom?"
    await unread.session.close()
    unread.restart_program()
    assert unread.session.drafts.ids() == {f"{unread.lab}-nowhereaaa"}
    await unread.begin()
    assert [each.content for each in unread.session.outbox.failed] == ["for whom?"]
    assert unread.session.drafts.ids() == frozenset()


async def test_a_last_channel_that_is_gone_is_none(live: SessionHarness) -> None:
    assert live.session.persistence.last_channel() is None
    live.storage.last = live.lab + "-gonegone"
    assert live.session.persistence.last_channel() is None
    live.session.open_channel(live.lab + "-gonegone")
    assert live.session.open_channel_id is None
