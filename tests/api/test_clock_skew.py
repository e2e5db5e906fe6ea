"""A clock that was ahead leaves times in the future: none of them lasts until that time has come."""

from __future__ import annotations

from functools import partial
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server.api import invites, moderation, pins
from asnity_server.api.accounts import sessions, users
from asnity_server.api.storage.clock_skew import LEAD
from asnity_server.api.storage.timekeeping import correct_times, note
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Forbidden, NotFound
from asnity_server.protocol.times import from_wire, to_wire
from tests.api.harness import ApiHarness

from .searching import found, index_everything

NUMBERS = count()
YEARS = 26 * 365 * 24 * 3600 * 1000
"""A clock that was this far ahead says 2052."""


async def test_a_clock_that_was_ahead_once_leaves_no_mark_on_what_comes_after(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    harness.clock.forward(YEARS)
    await harness.post(alice, general, "in 2052")
    harness.clock.forward(-YEARS)
    for _ in range(2):
        healed = await harness.post(alice, general, "today")
        assert healed.created_at == to_wire(harness.clock.now)
        harness.clock.forward(1000)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(-YEARS, YEARS) | st.integers(-2 * LEAD, 2 * LEAD), min_size=1, max_size=12))
async def test_no_time_leads_the_clock_by_more_than_a_minute(harness: ApiHarness, steps: list[int]) -> None:
    alice = await harness.person(f"alice-{next(NUMBERS)}")
    general = await harness.general(await harness.community(alice))
    start, last, last_id = harness.clock.now, 0, 0
    try:
        for step in steps:
            harness.clock.now = max(0, min(harness.clock.now + step, 4_000_000_000_000))
            message = await harness.post(alice, general, "now")
            at = from_wire(message.created_at)
            assert harness.clock.now <= at <= harness.clock.now + LEAD
            assert at >= last or last > harness.clock.now + LEAD
            assert message.id == last_id + 1
            last, last_id = at, message.id
    finally:
        harness.clock.now = start


async def test_nobody_stays_muted_for_decades(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    harness.clock.forward(YEARS)
    mute = requests.PatchMember(community_id=lab.id, user_id=bob.id, muted_for=600)
    await harness.do(alice, moderation.patch_member, mute)
    with pytest.raises(Forbidden):
        await harness.post(bob, general, "psst")
    harness.clock.forward(-YEARS)
    await harness.post(bob, general, "back")
    await harness.do(alice, moderation.patch_member, mute)
    with pytest.raises(Forbidden):
        await harness.post(bob, general, "psst")


async def test_a_mute_holds_again_where_time_was_set_back(harness: ApiHarness) -> None:
    """The cached access of a person was found out at a time that isn't so any more."""
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    mute = requests.PatchMember(community_id=lab.id, user_id=bob.id, muted_for=600)
    await harness.do(alice, moderation.patch_member, mute)
    harness.clock.forward(YEARS)
    for _ in range(2):
        await harness.post(bob, general, "in 2052 it is over")
    harness.clock.forward(-YEARS)
    for _ in range(2):
        with pytest.raises(Forbidden):
            await harness.post(bob, general, "psst")


@pytest.mark.parametrize("ahead", [YEARS, 3 * 24 * 3600 * 1000])
async def test_what_was_begun_ahead_of_time_lasts_as_long_as_it_was_to_last(harness: ApiHarness, ahead: int) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, carol)
    general = await harness.general(lab)
    early = await harness.post(bob, general, "early")
    harness.clock.forward(ahead)
    for who in (bob, carol):
        mute = requests.PatchMember(community_id=lab.id, user_id=who.id, muted_for=600)
        await harness.do(alice, moderation.patch_member, mute)
    await harness.kick(alice, lab, carol)
    for_an_hour = requests.CreateInvite(community_id=lab.id, expires_in=3600)
    made = await harness.do(alice, harness.api.invites.create, for_an_hour)
    device = await harness.device(alice)
    await harness.edit(alice, await harness.post(alice, general, "x"), "y", nonce="n-1")
    harness.clock.forward(-ahead)
    await harness.database.write(correct_times)
    now = harness.clock.now

    async def is_open() -> None:
        await harness.database.read(lambda view: invites.require_open(view, made.code))

    assert await harness.sql("SELECT expires_at, created_at FROM invites") == [(now + 3_600_000, now)]
    await harness.enter(lab.id, carol)
    for who in (bob, carol):
        with pytest.raises(Forbidden):
            await harness.post(who, general, "psst")
    await is_open()
    assert {row for (row,) in await harness.sql("SELECT max(last_seen_at, created_at) FROM sessions")} == {now}
    assert await harness.sql("SELECT created_at FROM receipts WHERE kind = 'modify'") == [(now,)]
    assert device.id == alice.id
    harness.clock.forward(600_000)
    for who in (bob, carol):
        await harness.post(who, general, "again")
    assert (await harness.history(alice, general)).messages[0].created_at == early.created_at
    harness.clock.forward(3_000_000)
    with pytest.raises(NotFound):
        await is_open()


async def test_what_is_right_is_left_alone(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    mute = requests.PatchMember(community_id=lab.id, user_id=bob.id, muted_for=30 * 24 * 3600)
    await harness.do(alice, moderation.patch_member, mute)
    await harness.do(
        alice, harness.api.invites.create, requests.CreateInvite(community_id=lab.id, expires_in=365 * 86400)
    )
    await harness.edit(alice, await harness.post(alice, await harness.general(lab), "x"), "y", nonce="n-1")
    tables = [
        name
        for (name,) in await harness.sql(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search%'"
        )
    ]

    async def everything() -> list[object]:
        return [await harness.sql(f"SELECT * FROM {name}") for name in tables]

    before = await everything()
    harness.clock.forward(1000)
    await harness.database.write(correct_times)
    assert await everything() == before


async def test_an_invite_for_a_day_isnt_good_for_decades(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    harness.clock.forward(YEARS)
    for_a_day = requests.CreateInvite(community_id=lab.id, expires_in=24 * 3600)
    made = await harness.do(alice, harness.api.invites.create, for_a_day)
    for_ever = await harness.do(alice, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    harness.clock.forward(-YEARS)
    with pytest.raises(NotFound):
        await harness.database.read(lambda view: invites.require_open(view, made.code))
    await harness.database.read(lambda view: invites.require_open(view, for_ever.code))
    good = await harness.do(alice, harness.api.invites.create, for_a_day)
    await harness.database.read(lambda view: invites.require_open(view, good.code))


async def test_a_session_is_seen_again(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    harness.clock.forward(YEARS)
    await harness.post(alice, general, "in 2052")
    harness.clock.forward(-YEARS)
    await harness.post(alice, general, "today")
    (session,) = (await harness.ask(alice, sessions.list_sessions, requests.Page())).sessions
    assert session.last_seen_at == to_wire(harness.clock.now)


@pytest.mark.parametrize("ran_before", [True, False], ids=["a restart", "the first start"])
@pytest.mark.parametrize("behind", [YEARS, 100 * 24 * 3600 * 1000])
async def test_nobody_is_signed_out_by_a_clock_that_was_behind_at_a_start(
    harness: ApiHarness, behind: int, ran_before: bool
) -> None:
    """A machine that learns the time from the network begins in 1970, and its people come at once."""
    await harness.database.write(partial(sessions.set_lifetime, lifetime=90 * 24 * 3600 * 1000))
    known = [await harness.person("alice")] if ran_before else []
    if ran_before:
        await harness.database.write(note)
    harness.clock.forward(-behind)
    known.append(await harness.person("bob"))
    known.append(await harness.device(known[0]))
    for each in known:
        for _ in range(2):
            await harness.post(each, await harness.general(await harness.community(each)), "hello")
            harness.clock.forward(61_000)
    listed = (await harness.ask(known[-1], sessions.list_sessions, requests.Page())).sessions
    ids = tuple(each.id for each in listed)
    await harness.database.write(partial(sessions.touch_some, session_ids=ids))
    harness.clock.forward(behind)
    await harness.database.write(correct_times)
    await harness.database.write(note)
    assert not await harness.database.write(sessions.end_unused)
    for each in known:
        await harness.ask(each, users.me, requests.Empty())


async def test_what_is_pinned_last_stands_first(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    for number in (1, 2, 3):
        await harness.post(alice, general, f"{number}")
    for number, step in ((2, YEARS), (1, -YEARS), (3, -5000)):
        harness.clock.forward(step)
        await harness.do(alice, pins.pin, requests.OfMessage(channel_id=general, chat_id=number))
    listed = await harness.ask(alice, pins.list_pins, requests.OfChannel(channel_id=general))
    assert [each.id for each in listed.messages] == [3, 1, 2]


async def test_a_day_leads_to_its_place_and_search_finds_by_it(harness: ApiHarness) -> None:
    """Messages of 2052 stand in the middle of a channel: what comes before and after them is found by its day."""
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    day = 24 * 3600 * 1000
    start = harness.clock.now
    for _ in range(20):
        await harness.post(alice, general, "note")
        harness.clock.forward(day)
    harness.clock.forward(YEARS)
    for _ in range(15):
        await harness.post(alice, general, "note from 2052")
    harness.clock.now = start + 20 * day
    for _ in range(20):
        await harness.post(alice, general, "note")
        harness.clock.forward(day)
    for number in range(20):
        first = await harness.history(alice, general, at=to_wire(start + number * day), limit=1)
        assert [each.id for each in first.messages] == [number + 1]
    for number in range(1, 20):
        first = await harness.history(alice, general, at=to_wire(start + (20 + number) * day), limit=1)
        assert [each.id for each in first.messages] == [36 + number]
    await index_everything(harness)
    since = await found(harness, alice, "note", after=to_wire(start + 38 * day))
    assert [each for each in since if each != "note from 2052"] == ["note", "note"]
    assert len(await found(harness, alice, "note", before=to_wire(start + 2 * day))) == 2
    (slack,) = (await harness.sql("SELECT slack FROM search_state"))[0]
    assert slack < day
