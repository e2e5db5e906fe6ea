"""What a clock that was ahead once leaves behind: none of it lasts until that time has come."""

from __future__ import annotations

from functools import partial
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server.api import invites, moderation, pins
from asnity_server.api.accounts import sessions, users
from asnity_server.api.storage.clock_skew import LEAD
from asnity_server.api.storage.timekeeping import mend, note
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Forbidden, NotFound
from asnity_server.protocol.times import from_wire, to_wire

from .house import House
from .searching import found, index_everything

NUMBERS = count()
YEARS = 26 * 365 * 24 * 3600 * 1000
"""A clock that was this far ahead says 2052."""


async def test_a_clock_that_was_ahead_once_leaves_no_mark_on_what_comes_after(house: House) -> None:
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    house.clock.forward(YEARS)
    await house.post(alice, general, "in 2052")
    house.clock.forward(-YEARS)
    for _ in range(2):
        healed = await house.post(alice, general, "today")
        assert healed.created_at == to_wire(house.clock.now)
        house.clock.forward(1000)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(-YEARS, YEARS) | st.integers(-2 * LEAD, 2 * LEAD), min_size=1, max_size=12))
async def test_no_time_leads_the_clock_by_more_than_a_minute(house: House, steps: list[int]) -> None:
    alice = await house.person(f"alice-{next(NUMBERS)}")
    general = await house.general(await house.community(alice))
    start, last, last_id = house.clock.now, 0, 0
    try:
        for step in steps:
            house.clock.now = max(0, min(house.clock.now + step, 4_000_000_000_000))
            message = await house.post(alice, general, "now")
            at = from_wire(message.created_at)
            assert house.clock.now <= at <= house.clock.now + LEAD
            assert at >= last or last > house.clock.now + LEAD
            assert message.id == last_id + 1
            last, last_id = at, message.id
    finally:
        house.clock.now = start


async def test_nobody_stays_muted_for_decades(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    general = await house.general(lab)
    house.clock.forward(YEARS)
    mute = requests.PatchMember(community_id=lab.id, user_id=bob.id, muted_for=600)
    await house.do(alice, moderation.patch_member, mute)
    with pytest.raises(Forbidden):
        await house.post(bob, general, "psst")
    house.clock.forward(-YEARS)
    await house.post(bob, general, "back")
    await house.do(alice, moderation.patch_member, mute)
    with pytest.raises(Forbidden):
        await house.post(bob, general, "psst")


async def test_a_mute_holds_again_where_time_was_set_back(house: House) -> None:
    """What the writer recalls of who may write was found out at a time that isn't so any more."""
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    general = await house.general(lab)
    mute = requests.PatchMember(community_id=lab.id, user_id=bob.id, muted_for=600)
    await house.do(alice, moderation.patch_member, mute)
    house.clock.forward(YEARS)
    for _ in range(2):
        await house.post(bob, general, "in 2052 it is over")
    house.clock.forward(-YEARS)
    for _ in range(2):
        with pytest.raises(Forbidden):
            await house.post(bob, general, "psst")


@pytest.mark.parametrize("ahead", [YEARS, 3 * 24 * 3600 * 1000])
async def test_what_was_begun_ahead_of_time_lasts_as_long_as_it_was_to_last(house: House, ahead: int) -> None:
    alice, bob, carol = await house.people("alice", "bob", "carol")
    lab = await house.community(alice, bob, carol)
    general = await house.general(lab)
    early = await house.post(bob, general, "early")
    house.clock.forward(ahead)
    for who in (bob, carol):
        mute = requests.PatchMember(community_id=lab.id, user_id=who.id, muted_for=600)
        await house.do(alice, moderation.patch_member, mute)
    await house.kick(alice, lab, carol)
    for_an_hour = requests.CreateInvite(community_id=lab.id, expires_in=3600)
    made = await house.do(alice, house.api.invites.create, for_an_hour)
    device = await house.device(alice)
    await house.edit(alice, await house.post(alice, general, "x"), "y", nonce="n-1")
    house.clock.forward(-ahead)
    await house.database.write(mend)
    now = house.clock.now

    async def is_open() -> None:
        await house.database.read(lambda view: invites.require_open(view, made.code))

    assert await house.sql("SELECT expires_at, created_at FROM invites") == [(now + 3_600_000, now)]
    await house.enter(lab.id, carol)
    for who in (bob, carol):
        with pytest.raises(Forbidden):
            await house.post(who, general, "psst")
    await is_open()
    assert {row for (row,) in await house.sql("SELECT max(last_seen_at, created_at) FROM sessions")} == {now}
    assert await house.sql("SELECT created_at FROM receipts WHERE kind = 'modify'") == [(now,)]
    assert device.id == alice.id
    house.clock.forward(600_000)
    for who in (bob, carol):
        await house.post(who, general, "again")
    assert (await house.history(alice, general)).messages[0].created_at == early.created_at
    house.clock.forward(3_000_000)
    with pytest.raises(NotFound):
        await is_open()


async def test_what_is_right_is_left_alone(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    mute = requests.PatchMember(community_id=lab.id, user_id=bob.id, muted_for=30 * 24 * 3600)
    await house.do(alice, moderation.patch_member, mute)
    await house.do(alice, house.api.invites.create, requests.CreateInvite(community_id=lab.id, expires_in=365 * 86400))
    await house.edit(alice, await house.post(alice, await house.general(lab), "x"), "y", nonce="n-1")
    tables = [
        name
        for (name,) in await house.sql(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search%'"
        )
    ]

    async def everything() -> list[object]:
        return [await house.sql(f"SELECT * FROM {name}") for name in tables]

    before = await everything()
    house.clock.forward(1000)
    await house.database.write(mend)
    assert await everything() == before


async def test_an_invite_for_a_day_isnt_good_for_decades(house: House) -> None:
    alice = await house.person("alice")
    lab = await house.community(alice)
    house.clock.forward(YEARS)
    for_a_day = requests.CreateInvite(community_id=lab.id, expires_in=24 * 3600)
    made = await house.do(alice, house.api.invites.create, for_a_day)
    for_ever = await house.do(alice, house.api.invites.create, requests.CreateInvite(community_id=lab.id))
    house.clock.forward(-YEARS)
    with pytest.raises(NotFound):
        await house.database.read(lambda view: invites.require_open(view, made.code))
    await house.database.read(lambda view: invites.require_open(view, for_ever.code))
    good = await house.do(alice, house.api.invites.create, for_a_day)
    await house.database.read(lambda view: invites.require_open(view, good.code))


async def test_a_session_is_seen_again(house: House) -> None:
    alice = await house.person("alice")
    lab = await house.community(alice)
    general = await house.general(lab)
    house.clock.forward(YEARS)
    await house.post(alice, general, "in 2052")
    house.clock.forward(-YEARS)
    await house.post(alice, general, "today")
    (session,) = (await house.ask(alice, sessions.list_sessions, requests.Page())).sessions
    assert session.last_seen_at == to_wire(house.clock.now)


@pytest.mark.parametrize("ran_before", [True, False], ids=["a restart", "the first start"])
@pytest.mark.parametrize("behind", [YEARS, 100 * 24 * 3600 * 1000])
async def test_nobody_is_signed_out_by_a_clock_that_was_behind_at_a_start(
    house: House, behind: int, ran_before: bool
) -> None:
    """A machine that learns the time from the network begins in 1970, and its people come at once."""
    await house.database.write(partial(sessions.set_lifetime, lifetime=90 * 24 * 3600 * 1000))
    known = [await house.person("alice")] if ran_before else []
    if ran_before:
        await house.database.write(note)
    house.clock.forward(-behind)
    known.append(await house.person("bob"))
    known.append(await house.device(known[0]))
    for each in known:
        for _ in range(2):
            await house.post(each, await house.general(await house.community(each)), "hello")
            house.clock.forward(61_000)
    listed = (await house.ask(known[-1], sessions.list_sessions, requests.Page())).sessions
    ids = tuple(each.id for each in listed)
    await house.database.write(partial(sessions.touch_some, session_ids=ids))
    house.clock.forward(behind)
    await house.database.write(mend)
    await house.database.write(note)
    assert not await house.database.write(sessions.end_unused)
    for each in known:
        await house.ask(each, users.me, requests.Empty())


async def test_what_is_pinned_last_stands_first(house: House) -> None:
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    for number in (1, 2, 3):
        await house.post(alice, general, f"{number}")
    for number, step in ((2, YEARS), (1, -YEARS), (3, -5000)):
        house.clock.forward(step)
        await house.do(alice, pins.pin, requests.OfMessage(channel_id=general, chat_id=number))
    listed = await house.ask(alice, pins.list_pins, requests.OfChannel(channel_id=general))
    assert [each.id for each in listed.messages] == [3, 1, 2]


async def test_a_day_leads_to_its_place_and_search_finds_by_it(house: House) -> None:
    """Messages of 2052 stand in the middle of a channel: what comes before and after them is found by its day."""
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    day = 24 * 3600 * 1000
    start = house.clock.now
    for _ in range(20):
        await house.post(alice, general, "note")
        house.clock.forward(day)
    house.clock.forward(YEARS)
    for _ in range(15):
        await house.post(alice, general, "note from 2052")
    house.clock.now = start + 20 * day
    for _ in range(20):
        await house.post(alice, general, "note")
        house.clock.forward(day)
    for number in range(20):
        first = await house.history(alice, general, at=to_wire(start + number * day), limit=1)
        assert [each.id for each in first.messages] == [number + 1]
    for number in range(1, 20):
        first = await house.history(alice, general, at=to_wire(start + (20 + number) * day), limit=1)
        assert [each.id for each in first.messages] == [36 + number]
    await index_everything(house)
    since = await found(house, alice, "note", after=to_wire(start + 38 * day))
    assert [each for each in since if each != "note from 2052"] == ["note", "note"]
    assert len(await found(house, alice, "note", before=to_wire(start + 2 * day))) == 2
    (slack,) = (await house.sql("SELECT slack FROM search_state"))[0]
    assert slack < day
