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

from .house import House, Person


async def _react(house: House, person: Person, message: Message, emoji: str = "👍", *, on: bool = True) -> Message:
    request = requests.React(channel_id=message.channel_id, chat_id=message.id, emoji=emoji, on=on)
    return await house.do(person, reactions.react, request)


async def _pin(house: House, person: Person, message: Message, *, on: bool = True) -> Message:
    request = requests.OfMessage(channel_id=message.channel_id, chat_id=message.id)
    return await house.do(person, pins.pin if on else pins.unpin, request)


async def _pins(house: House, person: Person, channel_id: str) -> list[int]:
    found = await house.ask(person, pins.list_pins, requests.OfChannel(channel_id=channel_id))
    return [each.id for each in found.messages]


async def test_one_each_per_person(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    general = await house.general(await house.community(alice, bob))
    message = await house.post(alice, general, "done")
    house.forget()
    await _react(house, bob, message)
    changed = await _react(house, alice, message)
    assert changed.reactions == {"👍": Reaction(count=2, users=(bob.id, alice.id))}
    assert (changed.rev, changed.updated_at) == (message.rev + 2, message.updated_at)
    assert await _react(house, bob, message) == changed  # once more is nothing more
    assert await _react(house, bob, message, "👍\ufe0f") == changed
    less = await _react(house, bob, message, on=False)
    assert less.reactions == {"👍": Reaction(count=1, users=(alice.id,))}
    assert await _react(house, bob, message, on=False) == less
    assert (await _react(house, alice, message, on=False)).reactions == {}
    assert [each.message.rev for each in house.told(ReactionsChanged)] == [2, 3, 4, 5]


async def test_they_show_wherever_the_message_does(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    general = await house.general(lab)
    message = await house.post(alice, general, "done")
    changed = await _react(house, bob, message, "🎉")
    await house.kick(alice, lab, bob)
    page = await house.history(alice, general)
    assert page.messages == (changed,)
    assert page.users[bob.id].former
    assert (await house.changes_since(alice, general, message.rev)).messages == (changed,)
    assert (await house.edit(alice, changed, "all done")).reactions == changed.reactions


async def test_twenty_are_named_and_all_counted(house: House) -> None:
    alice, *crowd = await house.people("alice", *(f"person{number}" for number in range(24)))
    general = await house.general(await house.community(alice, *crowd))
    message = await house.post(alice, general, "who comes?")
    await asyncio.gather(*(_react(house, each, message) for each in crowd))
    told = (await house.history(alice, general)).messages[0].reactions["👍"]
    assert told.count == 24
    assert len(told.users) == limits.REACTION_USERS
    first = next(each for each in crowd if each.id == told.users[0])
    less = (await _react(house, first, message, on=False)).reactions["👍"]
    assert less.count == 23
    assert less.users[:-1] == told.users[1:]  # the next one moves up


async def test_a_message_has_so_many_different_ones_at_most(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    general = await house.general(await house.community(alice, bob))
    message = await house.post(alice, general, "all of them")
    for number in range(limits.REACTIONS):
        await _react(house, alice, message, chr(0x1F600 + number))
    with pytest.raises(Conflict):
        await _react(house, bob, message, "👍")
    await _react(house, bob, message, "😀")
    await _react(house, alice, message, "😁", on=False)
    assert list((await _react(house, bob, message, "👍")).reactions)[-1] == "👍"


async def test_what_is_refused(house: House) -> None:
    alice, bob, eve = await house.people("alice", "bob", "eve")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "plans")
    message = await house.post(alice, plans.id, "here")
    with pytest.raises(Invalid):
        await _react(house, alice, message, "yes")
    with pytest.raises(Forbidden):
        await _react(house, bob, message)
    with pytest.raises(NotFound):
        await _react(house, eve, message)
    for nothing in (0, 2, limits.MAX_INTEGER):
        request = requests.React(channel_id=plans.id, chat_id=nothing, emoji="👍", on=True)
        with pytest.raises(NotFound):
            await house.do(alice, reactions.react, request)
    await house.database.write(lambda tx: tx.run("UPDATE channels SET archived = 1 WHERE id = ?", (plans.id,)))
    with pytest.raises(Forbidden):
        await _react(house, alice, message)


async def test_a_deleted_message_loses_its_reactions_and_its_pin(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    general = await house.general(await house.community(alice, bob))
    message = await house.post(alice, general, "wrong")
    await _react(house, bob, message)
    await _pin(house, alice, message)
    deleted = await house.delete(alice, message)
    assert (deleted.reactions, deleted.pinned) == ({}, False)
    assert await house.sql("SELECT 1 FROM reactions") == []
    assert await _pins(house, alice, general) == []
    with pytest.raises(NotFound):
        await _react(house, bob, message)
    with pytest.raises(NotFound):
        await _pin(house, alice, message)


async def test_a_pin_moves_nothing_but_the_rev(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    general = await house.general(await house.community(alice, bob))
    first, second = await house.post(bob, general, "one"), await house.post(bob, general, "two")
    with pytest.raises(Forbidden):
        await _pin(house, bob, first)
    house.forget()
    pinned = await _pin(house, alice, second)
    assert (pinned.pinned, pinned.updated_at, pinned.rev) == (True, second.updated_at, 3)
    assert await _pin(house, alice, second) == pinned
    house.clock.forward(1000)
    await _pin(house, alice, first)
    assert await _pins(house, bob, general) == [first.id, second.id]  # the last one pinned comes first
    assert (await _pin(house, alice, second, on=False)).pinned is False
    assert await _pins(house, bob, general) == [first.id]
    assert [(each.message.id, each.message.pinned) for each in house.told(MessageEdited)] == [
        (second.id, True),
        (first.id, True),
        (second.id, False),
    ]
    assert (await house.counters(alice, general)).unread == 2


async def test_a_channel_has_fifty_pins_at_most(house: House) -> None:
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    messages = [await house.post(alice, general, f"{number}") for number in range(limits.PINS + 1)]
    for message in messages[:-1]:
        await _pin(house, alice, message)
    with pytest.raises(Conflict):
        await _pin(house, alice, messages[-1])
    await _pin(house, alice, messages[0], on=False)
    await _pin(house, alice, messages[-1])
    assert len(await _pins(house, alice, general)) == limits.PINS


async def test_pins_of_a_channel_that_one_cannot_read_are_nobodys(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    secret = await house.channel(alice, lab, "secret", kind="private")
    await _pin(house, alice, await house.post(alice, secret.id, "hush"))
    with pytest.raises(NotFound):
        await _pins(house, bob, secret.id)


STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from("👍🎉😀"), st.booleans()), max_size=30)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_reactions_equal_a_list_of_who_did_what(house: House, steps: list[tuple[int, int, str, bool]]) -> None:
    people = [await _somebody(house, name) for name in ("alice", "bob", "carol")]
    general = await house.general(await house.community(*people))
    messages = [await house.post(people[0], general, "one"), await house.post(people[0], general, "two")]
    model: list[dict[str, list[str]]] = [{}, {}]
    rev = 2
    for who, which, emoji, on in steps:
        told = await _react(house, people[who], messages[which], emoji, on=on)
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
    page = await house.history(people[0], general)
    assert [{key: list(each.users) for key, each in found.reactions.items()} for found in page.messages] == model
    assert page.rev == rev


async def _somebody(house: House, name: str) -> Person:
    rows = await house.sql("SELECT id FROM users WHERE username = ?", (name,))
    return await house.device(Person(name, rows[0][0], "")) if rows else await house.person(name)
