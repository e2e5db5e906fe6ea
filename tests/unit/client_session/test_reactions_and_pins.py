"""Reactions, pins and muting through the session."""

from __future__ import annotations

import pytest

from asnity_server.protocol import routes
from asnity_server.protocol.errors import ErrorInfo, Forbidden
from asnity_tui.state import changes as facts

from .session_harness import SessionHarness, quiet


@pytest.fixture
async def read(live: SessionHarness) -> SessionHarness:
    """`general` with 3 messages of bob's, on the screen."""
    live.posts(live.general, 3)
    live.session.open_channel(live.general)
    await quiet()
    return live


def reactions(harness: SessionHarness, message_id: int = 2) -> dict[str, int]:
    timeline = harness.channel(harness.general).timeline
    row = timeline.row(message_id) if timeline is not None else None
    assert row is not None
    return {emoji: each.count for emoji, each in row.message.reactions.items()}


def stored(harness: SessionHarness, message_id: int = 2) -> dict[str, int]:
    message = harness.server.world.channels[harness.general].messages[message_id - 1]
    return {emoji: each.count for emoji, each in message.reactions.items()}


async def test_a_reaction_shows_before_the_server_has_it_and_stays(read: SessionHarness) -> None:
    read.client.faults.hold_requests(routes.REACT)
    read.session.reactions.react(read.general, 2, "👍", True)
    assert reactions(read) == {"👍": 1}
    await quiet()
    assert stored(read) == {}
    read.client.faults.release()
    await quiet()
    assert stored(read) == reactions(read) == {"👍": 1}
    read.session.reactions.react(read.general, 2, "👍", False)
    assert reactions(read) == {}
    await quiet()
    assert stored(read) == reactions(read) == {}


async def test_whoever_changes_their_mind_quickly_gets_what_they_wanted_last(read: SessionHarness) -> None:
    read.client.faults.hold_answers(routes.REACT)
    read.session.reactions.react(read.general, 2, "👍", True)
    await quiet()
    read.session.reactions.react(read.general, 2, "👍", False)
    read.session.reactions.react(read.general, 2, "👍", True)
    read.session.reactions.react(read.general, 2, "👍", False)
    assert reactions(read) == {}
    read.client.faults.release()
    await quiet()
    assert stored(read) == reactions(read) == {}
    assert read.client.count("react") == 2


async def test_a_refused_one_goes_again_and_says_why(read: SessionHarness) -> None:
    read.client.faults.refuse_next(ErrorInfo(code="conflict", message="Too many."), routes.REACT)
    read.session.reactions.react(read.general, 2, "👍", True)
    await quiet()
    assert reactions(read) == {}
    assert facts.Notice("Too many.", "warning") in read.facts
    read.client.faults.lose_next_answer(routes.REACT)
    read.session.reactions.react(read.general, 2, "🍊", True)
    await quiet()
    await read.clock.advance(5)
    assert reactions(read) == stored(read) == {"🍊": 1}


async def test_an_answer_that_overtakes_a_missing_step_shows_at_once(read: SessionHarness) -> None:
    read.client.faults.drop_events(name="new-chat")
    read.server.post(read.general, read.bob, "4")
    await quiet()
    read.session.reactions.react(read.general, 2, "👍", True)
    await quiet()
    assert reactions(read) == {"👍": 1}
    await read.clock.advance(2)
    assert reactions(read) == {"👍": 1}
    assert read.shown(read.general) == ["1", "2", "3", "4"]


async def test_where_i_am_not_nothing_happens(read: SessionHarness) -> None:
    read.session.reactions.react("nowhereaaaaa-aaaaaaaa", 2, "👍", True)
    read.session.reactions.react(read.random, 2, "👍", True)
    await quiet()
    assert read.client.count("react") == 1


async def test_pins(read: SessionHarness) -> None:
    with pytest.raises(Forbidden):
        await read.session.pins.pin(read.general, 2)
    read.server.set_role(read.lab, read.alice, "admin")
    await read.session.pins.pin(read.general, 2)
    timeline = read.channel(read.general).timeline
    assert timeline is not None
    assert timeline.row(2).message.pinned  # type: ignore[union-attr]
    found = await read.session.pins.of_channel(read.general)
    assert [each.id for each in found.messages] == [2]
    await read.session.pins.unpin(read.general, 2)
    assert not timeline.row(2).message.pinned  # type: ignore[union-attr]
    assert (await read.session.pins.of_channel(read.general)).messages == ()


async def test_muting_is_known_everywhere(read: SessionHarness) -> None:
    await read.session.channels.mute(read.general, True)
    assert read.channel(read.general).badge.sign == "none"
    assert read.server.world.channels[read.general].seats[read.alice.id].muted
    await read.session.channels.mute(read.general, False)
    assert read.channel(read.general).badge.sign == "count"
