"""Sessions: listed in parts, so many for one person, and ended where nobody uses them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asnity_server.api import socket_requests
from asnity_server.api.accounts import sessions, users
from asnity_server.api.accounts.sessions import SLICE, token_hash
from asnity_server.bus import SessionsEnded
from asnity_server.protocol import limits, requests
from asnity_server.protocol.errors import Invalid, Unauthorized
from tests.api.harness import ApiHarness, Person

DAY = 24 * 3600 * 1000
_OLD = """
INSERT INTO sessions (id, user_id, token_hash, device, created_at, last_seen_at) VALUES (?1, ?2, ?3, '', ?4, ?4)
"""


@pytest.fixture
async def forgetful(tmp_path: Path) -> AsyncIterator[ApiHarness]:
    """A server where a session lasts for 90 days without use."""
    harness = await ApiHarness(tmp_path / "a.db", session_lifetime=90 * DAY).open()
    await harness.api.begin()
    yield harness
    await harness.close()


async def _pass(harness: ApiHarness, milliseconds: int) -> None:
    """Let time pass while the server runs."""
    harness.clock.forward(milliseconds)
    await harness.database.write(lambda tx: tx.run("UPDATE pulse SET ran_at = ?", (tx.now,)))


async def _is_in(harness: ApiHarness, person: Person) -> bool:
    try:
        await harness.ask(person, users.me, requests.Empty())
    except Unauthorized:
        return False
    return True


async def _ids(harness: ApiHarness, person: Person, limit: int = limits.PAGE_MAX) -> list[list[str]]:
    """All pages of somebody's list."""
    pages: list[list[str]] = []
    cursor: str | None = None
    while cursor is not None or not pages:
        answer = await harness.ask(person, sessions.list_sessions, requests.Page(limit=limit, cursor=cursor))
        pages.append([each.id for each in answer.sessions])
        cursor = answer.cursor if isinstance(answer.cursor, str) else None
    return pages


async def test_a_list_in_parts_has_every_session_once_newest_first(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    for number in range(6):
        harness.clock.forward(number % 2)  # some begin at the same moment
        await harness.device(alice)
    await harness.device(bob)
    ((*whole,),) = await _ids(harness, alice)
    assert len(set(whole)) == 7
    assert await _ids(harness, alice, 3) == [whole[:3], whole[3:6], whole[6:]]
    assert await _ids(harness, alice, 1) == [[each] for each in whole]
    for cursor in ("", "x", "-", "1" * 20, "９-a"):
        with pytest.raises(Invalid):
            await harness.ask(alice, sessions.list_sessions, requests.Page(cursor=cursor))


async def test_beyond_a_hundred_the_session_ends_that_was_not_used_for_longest(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    devices = [alice]
    for _ in range(limits.SESSIONS - 1):
        harness.clock.forward(60_000)
        devices.append(await harness.device(alice))
    harness.clock.forward(60_000)
    assert await _is_in(harness, alice)  # the oldest one is in use
    await harness.database.write(lambda tx: None)  # behind the note of that
    devices.append(await harness.device(alice))
    (ended,) = harness.told(SessionsEnded)
    assert (len(ended.session_ids), ended.reason) == (1, "ended")
    assert [await _is_in(harness, each) for each in (alice, devices[1], devices[2], devices[-1], bob)] == [
        True, False, True, True, True
    ]  # fmt: skip
    assert await harness.sql("SELECT count(*) FROM sessions WHERE user_id = ?", (alice.id,)) == [(limits.SESSIONS,)]


async def test_more_sessions_than_one_may_have_from_before_end_with_the_next_one(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    rows = [(f"s{number:011}", alice.id, number.to_bytes(32, "big"), number) for number in range(300)]
    await harness.database.write(lambda tx: tx.run_many(_OLD, rows))
    await harness.device(alice)
    assert await harness.sql("SELECT count(*) FROM sessions") == [(limits.SESSIONS,)]
    assert await _is_in(harness, alice)


async def test_a_session_that_was_not_used_for_its_lifetime_is_none_any_more(forgetful: ApiHarness) -> None:
    alice = await forgetful.person("alice")
    phone = await forgetful.device(alice)
    await _pass(forgetful, 60 * DAY)
    assert await _is_in(forgetful, alice)
    await _pass(forgetful, 30 * DAY - 1)
    assert await _is_in(forgetful, alice)
    await _pass(forgetful, 1)
    assert not await _is_in(forgetful, phone)
    with pytest.raises(Unauthorized):
        await forgetful.do(phone, users.patch_me, requests.PatchMe())
    with pytest.raises(Unauthorized):
        await forgetful.database.write(lambda tx: socket_requests.authorize_user(tx, token_hash(phone.token)))
    assert len((await _ids(forgetful, alice))[0]) == 1
    assert await forgetful.sql("SELECT count(*) FROM sessions") == [(2,)]
    await forgetful.api.tidy()
    assert len(forgetful.told(SessionsEnded)) == 1
    assert await forgetful.sql("SELECT count(*) FROM sessions") == [(1,)]
    assert await _is_in(forgetful, alice)


async def test_an_open_connection_is_use_even_where_nothing_is_asked(forgetful: ApiHarness) -> None:
    alice = await forgetful.person("alice")
    ((session_id,),) = await _ids(forgetful, alice)
    for _ in range(4):
        await _pass(forgetful, 80 * DAY)
        await forgetful.api.tidy([session_id])
    assert await _is_in(forgetful, alice)
    assert not forgetful.told(SessionsEnded)


async def test_many_unused_sessions_end_in_slices(forgetful: ApiHarness) -> None:
    alice = await forgetful.person("alice")
    many = 2 * SLICE + 10
    rows = [(f"s{number:011}", alice.id, number.to_bytes(32, "big"), number) for number in range(many)]
    await forgetful.database.write(lambda tx: tx.run_many(_OLD, rows))
    await _pass(forgetful, 1)
    await forgetful.api.tidy()
    assert [len(each.session_ids) for each in forgetful.told(SessionsEnded)] == [SLICE, SLICE, 10]
    assert await _is_in(forgetful, alice)


async def test_a_clock_that_is_years_ahead_ends_no_session(forgetful: ApiHarness) -> None:
    alice = await forgetful.person("alice")
    await _pass(forgetful, 0)
    forgetful.clock.forward(50 * 365 * DAY)
    assert await _is_in(forgetful, alice)
    await forgetful.api.tidy()
    assert await _is_in(forgetful, alice)


async def test_without_a_lifetime_sessions_last(tmp_path: Path) -> None:
    harness = await ApiHarness(tmp_path / "a.db", session_lifetime=90 * DAY).open()
    await harness.api.begin()
    alice = await harness.person("alice")
    await harness.close()
    again = ApiHarness(tmp_path / "a.db", session_lifetime=0)
    again.clock.now = harness.clock.now
    await again.open()
    await again.api.begin()
    await _pass(again, 1000 * DAY)
    await again.api.tidy()
    assert await _is_in(again, alice)
    await again.close()
