"""Catch-up: one list, looking without reading, marking as read and taking that back."""

from __future__ import annotations

import pytest

from asnity_server.protocol import routes
from asnity_server.protocol.errors import ErrorInfo
from asnity_tui.client.transport.client import NoAnswer

from .session_harness import SessionHarness, quiet


@pytest.fixture
async def missed(live: SessionHarness) -> tuple[SessionHarness, str, str]:
    """Unread in `random`, a mention in another community, a direct message; the direct channel and the other's."""
    live.posts(live.random, 6)
    other = live.server.community("Other", live.bob, live.alice)
    there = live.server.general(other)
    live.posts(there, 120)
    live.server.post(there, live.bob, "@alice look")
    await quiet()
    direct = await live.session.directs.open(live.lab, [live.bob.id])
    live.server.post(direct, live.bob, "psst")
    await quiet()
    return live, direct, there


def read_id(harness: SessionHarness, channel_id: str) -> int:
    return harness.server.world.channels[channel_id].seats[harness.alice.id].read_id


async def test_the_list(missed: tuple[SessionHarness, str, str]) -> None:
    harness, direct, there = missed
    found = harness.session.catch_up.items()
    assert [(each.channel_id, each.kind, each.unread, each.mentions) for each in found] == [
        (there, "mention", 100, 1),
        (direct, "direct", 1, 1),
        (harness.random, "unread", 6, 0),
    ]
    assert [(each.title, each.community) for each in found] == [("general", "Other"), ("Bob", "Lab"), ("random", "Lab")]
    assert all(each.messages == () for each in found)
    loaded = await harness.session.catch_up.load()
    assert [[each.content for each in item.messages] for item in loaded] == [
        ["@alice look"],
        ["psst"],
        ["1", "2", "3"],
    ]
    await harness.session.channels.mute(harness.random, True)
    assert len(harness.session.catch_up.items()) == 2


async def test_what_is_held_isnt_asked_for_again(live: SessionHarness) -> None:
    live.session.open_channel(live.general)
    await quiet()
    live.session.close_channel()
    live.posts(live.general, 5)
    await quiet()
    live.client.asked.clear()
    (item,) = await live.session.catch_up.load()
    assert [each.content for each in item.messages] == ["1", "2", "3"]
    assert live.client.asked == []


async def test_what_the_server_refuses_is_shown_without_messages(missed: tuple[SessionHarness, str, str]) -> None:
    harness, _, _ = missed
    harness.client.faults.refuse_next(ErrorInfo(code="not-found", message="Gone."), routes.HISTORY)
    loaded = await harness.session.catch_up.load()
    assert [len(each.messages) for each in loaded] == [0, 1, 3]
    harness.client.faults.lose_next_answer(routes.HISTORY)
    with pytest.raises(NoAnswer):
        await harness.session.catch_up.load()


async def test_a_peek_reads_nothing(missed: tuple[SessionHarness, str, str]) -> None:
    harness, _, there = missed
    peek = await harness.session.catch_up.peek(there, limit=10)
    assert [each.id for each in peek.messages] == list(range(1, 11))
    assert peek.first_unread == 1
    harness.server.read(there, harness.alice, 50)
    await quiet()
    peek = await harness.session.catch_up.peek(there, limit=10)
    assert [each.id for each in peek.messages] == list(range(48, 58))
    assert peek.first_unread == 51
    await harness.clock.advance(1)
    assert read_id(harness, there) == 50
    assert harness.session.open_channel_id is None
    assert harness.channel(there).timeline is None


async def test_marked_as_read_and_taken_back(missed: tuple[SessionHarness, str, str]) -> None:
    harness, direct, there = missed
    undo = harness.session.catch_up.mark_read([there, direct, there])
    assert [each.channel_id for each in harness.session.catch_up.items()] == [harness.random]
    await harness.clock.advance(1)
    assert (read_id(harness, there), read_id(harness, direct)) == (121, 1)
    await harness.session.catch_up.undo(undo)
    assert (read_id(harness, there), read_id(harness, direct)) == (0, 0)
    assert len(harness.session.catch_up.items()) == 3
    everything = harness.session.catch_up.mark_all()
    assert harness.session.catch_up.items() == ()
    assert len(everything.marks) == 3
    await harness.clock.advance(1)
    assert read_id(harness, there) == 121
    assert harness.session.catch_up.mark_all().marks == ()


async def test_taken_back_before_the_server_hears_of_it(missed: tuple[SessionHarness, str, str]) -> None:
    harness, _, there = missed
    harness.client.go_offline()
    await quiet()
    undo = harness.session.catch_up.mark_read([there])
    assert harness.channel(there).badge.unread == 0
    await harness.session.catch_up.undo(undo)
    assert harness.channel(there).badge.mentions == 1
    harness.client.go_online()
    await harness.clock.advance(40)
    assert read_id(harness, there) == 0


async def test_what_i_marked_as_unread_is_read_when_i_say_so(live: SessionHarness) -> None:
    live.posts(live.general, 5)
    await quiet()
    live.session.open_channel(live.general)
    await quiet()
    live.session.read_markers.read_up_to(live.general, 5)
    await live.session.read_markers.mark_unread_from(live.general, 2)
    live.session.catch_up.mark_read([live.general])
    await live.clock.advance(1)
    assert read_id(live, live.general) == 5
