"""Reactions and pins: who may, what is kept, and where it shows."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server.api import pins, reactions
from asnity_server.bus import MessageEdited, ReactionsChanged
from asnity_server.protocol import limits, requests
from asnity_server.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from asnity_server.protocol.models import Message, Reaction
from tests.api.harness import ApiHarness, Person


async def _react(
    harness: ApiHarness, person: Person, message: Message, emoji: str = "👍", *, on: bool = True
) -> Message:
    request = requests.React(channel_id=message.channel_id, chat_id=message.id, emoji=emoji, on=on)
    return await harness.do(person, reactions.react, request)


async def _pin(harness: ApiHarness, person: Person, message: Message, *, on: bool = True) -> Message:
    request = requests.OfMessage(channel_id=message.channel_id, chat_id=message.id)
    return await harness.do(person, pins.pin if on else pins.unpin, request)


async def _pins(harness: ApiHarness, person: Person, channel_id: str) -> list[int]:
    found = await harness.ask(person, pins.list_pins, requests.OfChannel(channel_id=channel_id))
    return [each.id for each in found.messages]


async def test_one_each_per_person(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    message = await harness.post(alice, general, "done")
    harness.forget()
    await _react(harness, bob, message)
    changed = await _react(harness, alice, message)
    assert changed.reactions == {"👍": Reaction(count=2, users=(bob.id, alice.id))}
    assert (changed.rev, changed.updated_at) == (message.rev + 2, message.updated_at)
    assert await _react(harness, bob, message) == changed  # once more is nothing more
    assert await _react(harness, bob, message, "👍\ufe0f") == changed
    less = await _react(harness, bob, message, on=False)
    assert less.reactions == {"👍": Reaction(count=1, users=(alice.id,))}
    assert await _react(harness, bob, message, on=False) == less
    assert (await _react(harness, alice, message, on=False)).reactions == {}
    assert [each.message.rev for each in harness.told(ReactionsChanged)] == [2, 3, 4, 5]


async def test_they_show_wherever_the_message_does(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    message = await harness.post(alice, general, "done")
    changed = await _react(harness, bob, message, "🎉")
    await harness.kick(alice, lab, bob)
    page = await harness.history(alice, general)
    assert page.messages == (changed,)
    assert page.users[bob.id].former
    assert (await harness.changes_since(alice, general, message.rev)).messages == (changed,)
    assert (await harness.edit(alice, changed, "all done")).reactions == changed.reactions


async def test_twenty_are_named_and_all_counted(harness: ApiHarness) -> None:
    alice, *crowd = await harness.people("alice", *(f"person{number}" for number in range(24)))
    general = await harness.general(await harness.community(alice, *crowd))
    message = await harness.post(alice, general, "who comes?")
    await asyncio.gather(*(_react(harness, each, message) for each in crowd))
    told = (await harness.history(alice, general)).messages[0].reactions["👍"]
    assert told.count == 24
    assert len(told.users) == limits.REACTION_USERS
    first = next(each for each in crowd if each.id == told.users[0])
    less = (await _react(harness, first, message, on=False)).reactions["👍"]
    assert less.count == 23
    assert less.users[:-1] == told.users[1:]  # the next one moves up


async def test_a_message_has_so_many_different_ones_at_most(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    message = await harness.post(alice, general, "all of them")
    for number in range(limits.REACTIONS):
        await _react(harness, alice, message, chr(0x1F600 + number))
    with pytest.raises(Conflict):
        await _react(harness, bob, message, "👍")
    await _react(harness, bob, message, "😀")
    await _react(harness, alice, message, "😁", on=False)
    assert list((await _react(harness, bob, message, "👍")).reactions)[-1] == "👍"


async def test_what_is_refused(harness: ApiHarness) -> None:
    alice, bob, eve = await harness.people("alice", "bob", "eve")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans")
    message = await harness.post(alice, plans.id, "here")
    with pytest.raises(Invalid):
        await _react(harness, alice, message, "yes")
    with pytest.raises(Forbidden):
        await _react(harness, bob, message)
    with pytest.raises(NotFound):
        await _react(harness, eve, message)
    for nothing in (0, 2, limits.MAX_INTEGER):
        request = requests.React(channel_id=plans.id, chat_id=nothing, emoji="👍", on=True)
        with pytest.raises(NotFound):
            await harness.do(alice, reactions.react, request)
    await harness.database.write(lambda tx: tx.run("UPDATE channels SET archived = 1 WHERE id = ?", (plans.id,)))
    with pytest.raises(Forbidden):
        await _react(harness, alice, message)


async def test_a_deleted_message_loses_its_reactions_and_its_pin(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    message = await harness.post(alice, general, "wrong")
    await _react(harness, bob, message)
    await _pin(harness, alice, message)
    deleted = await harness.delete(alice, message)
    assert (deleted.reactions, deleted.pinned) == ({}, False)
    assert await harness.sql("SELECT 1 FROM reactions") == []
    assert await _pins(harness, alice, general) == []
    with pytest.raises(NotFound):
        await _react(harness, bob, message)
    with pytest.raises(NotFound):
        await _pin(harness, alice, message)


async def test_a_pin_moves_nothing_but_the_rev(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    first, second = await harness.post(bob, general, "one"), await harness.post(bob, general, "two")
    with pytest.raises(Forbidden):
        await _pin(harness, bob, first)
    harness.forget()
    pinned = await _pin(harness, alice, second)
    assert (pinned.pinned, pinned.updated_at, pinned.rev) == (True, second.updated_at, 3)
    assert await _pin(harness, alice, second) == pinned
    harness.clock.forward(1000)
    await _pin(harness, alice, first)
    assert await _pins(harness, bob, general) == [first.id, second.id]  # the last one pinned comes first
    assert (await _pin(harness, alice, second, on=False)).pinned is False
    assert await _pins(harness, bob, general) == [first.id]
    assert [(each.message.id, each.message.pinned) for each in harness.told(MessageEdited)] == [
        (second.id, True),
        (first.id, True),
        (second.id, False),
    ]
    assert (await harness.counters(alice, general)).unread == 2


async def test_a_channel_has_fifty_pins_at_most(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    messages = [await harness.post(alice, general, f"{number}") for number in range(limits.PINS + 1)]
    for message in messages[:-1]:
        await _pin(harness, alice, message)
    with pytest.raises(Conflict):
        await _pin(harness, alice, messages[-1])
    await _pin(harness, alice, messages[0], on=False)
    await _pin(harness, alice, messages[-1])
    assert len(await _pins(harness, alice, general)) == limits.PINS


async def test_pins_of_a_channel_that_one_cannot_read_are_nobodys(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    secret = await harness.channel(alice, lab, "secret", kind="private")
    await _pin(harness, alice, await harness.post(alice, secret.id, "hush"))
    with pytest.raises(NotFound):
        await _pins(harness, bob, secret.id)


STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from("👍🎉😀"), st.booleans()), max_size=30)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_reactions_equal_a_list_of_who_did_what(
    harness: ApiHarness, steps: list[tuple[int, int, str, bool]]
) -> None:
    people = [await _somebody(harness, name) for name in ("alice", "bob", "carol")]
    general = await harness.general(await harness.community(*people))
    messages = [await harness.post(people[0], general, "one"), await harness.post(people[0], general, "two")]
    model: list[dict[str, list[str]]] = [{}, {}]
    rev = 2
    for who, which, emoji, on in steps:
        told = await _react(harness, people[who], messages[which], emoji, on=on)
        holders = model[which].setdefault(emoji, [])
        if (people[who].id in holders) != on:
            (holders.append if on else holders.remove)(people[who].id)
            rev += 1
            assert told.rev == rev
        if not holders:
            del model[which][emoji]
        assert told.reactions == {
            key: Reaction(count=len(found), users=tuple(found)) for key, found in model[which].items()
        }
    page = await harness.history(people[0], general)
    assert [{key: list(each.users) for key, each in found.reactions.items()} for found in page.messages] == model
    assert page.rev == rev


async def _somebody(harness: ApiHarness, name: str) -> Person:
    rows = await harness.sql("SELECT id FROM users WHERE username = ?", (name,))
    return await harness.device(Person(name, rows[0][0], "")) if rows else await harness.person(name)
