"""Reading beside the writer: everybody in turn, so many of one, none for ever, and an end when the server ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server.api import service
from asnity_server.api.accounts import users
from asnity_server.db.database import Database
from asnity_server.db.migrations import migrate
from asnity_server.db.readers import LONG, QUICK, ReaderPool, ReadLimits
from asnity_server.db.transaction import ReadTx
from asnity_server.protocol.errors import RateLimited, Unauthorized, Unavailable
from tests.api.harness import ApiHarness

PATIENCE = 10.0
"""Seconds to wait for what must happen."""

FOR_EVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def endless(view: ReadTx) -> Any:
    """One statement without an end."""
    return view.value(FOR_EVER)


def one_by_one(view: ReadTx) -> None:
    """Short statements without an end."""
    while True:
        view.value("SELECT 1")


def row_by_row(view: ReadTx) -> None:
    """Rows without an end, each of which is looked at."""
    for _ in view.each(FOR_EVER.replace("count(*)", "i")):
        pass


ENDLESS = pytest.mark.parametrize("query", [endless, one_by_one, row_by_row])
KINDS = pytest.mark.parametrize("long", [False, True], ids=["quick", "long"])


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Callable[[ReadLimits], Awaitable[Database]]]:
    """Opens a file whose queries of both kinds have these bounds."""
    databases: list[Database] = []

    async def open_it(bounds: ReadLimits) -> Database:
        path = tmp_path / f"{len(databases)}.db"
        await asyncio.to_thread(migrate, path)
        databases.append(await Database.open(path, deliver=lambda commit: None, readers=(bounds, bounds)))
        return databases[-1]

    yield open_it
    for each in databases:
        await each.close()


class Held:
    """Queries of somebody that go on when they are told to."""

    def __init__(self, database: Database, by: str | None, count: int, *, long: bool) -> None:
        self.gate = threading.Event()
        self.running = 0
        self.most = 0
        self._lock = threading.Lock()
        self.asked = [asyncio.ensure_future(database.read(self._wait, by=by, long=long)) for _ in range(count)]

    def _wait(self, view: ReadTx) -> str:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        assert self.gate.wait(PATIENCE)
        with self._lock:
            self.running -= 1
        return "done"

    async def release(self) -> list[Any]:
        """Let them go on; what became of each."""
        self.gate.set()
        return await asyncio.gather(*self.asked, return_exceptions=True)


@KINDS
async def test_whoever_asks_much_at_once_lets_others_read(harness: ApiHarness, long: bool) -> None:
    bounds = LONG if long else QUICK
    flood = Held(harness.database, "alice", 200, long=long)
    async with asyncio.timeout(PATIENCE):
        for _ in range(20):
            assert await harness.database.read(lambda view: view.value("SELECT 7"), by="bob", long=long) == 7
            assert await harness.database.read(lambda view: view.value("SELECT 8"), long=not long) == 8
    found = await flood.release()
    refused = [each for each in found if isinstance(each, RateLimited)]
    assert len(refused) == 200 - bounds.each - bounds.at_once
    assert {each.info.retry_after for each in refused} == {1.0}
    assert found.count("done") == bounds.each + bounds.at_once
    assert flood.most == bounds.at_once < bounds.threads
    assert await harness.database.read(lambda view: 9, by="alice", long=long) == 9
    load = harness.database.load()
    assert (load.reading, load.searching) == (0, 0)


@KINDS
async def test_too_much_of_everybody_is_refused(opened: Any, long: bool) -> None:
    database = await opened(replace(QUICK, threads=2, waiting=10))
    floods = [Held(database, name, 6, long=long) for name in ("alice", "bob", "carol")]
    await asyncio.sleep(0)
    for flood in floods:
        flood.gate.set()
    found = [each for flood in floods for each in await flood.release()]
    assert len([each for each in found if isinstance(each, Unavailable)]) == 18 - 12
    assert found.count("done") == 12


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.sampled_from("abcd"), max_size=20))
async def test_everybody_has_a_turn(harness: ApiHarness, asked: list[str]) -> None:
    """Everyone's first query before anyone's second."""
    readers = ReaderPool(harness.path, harness.clock, replace(QUICK, threads=1, at_once=1))
    gate = threading.Event()
    holding = asyncio.ensure_future(readers.read(lambda view: gate.wait(PATIENCE)))
    await asyncio.sleep(0)
    done: list[tuple[int, str]] = []
    waiting = []
    for at, name in enumerate(asked):
        mine = (asked[:at].count(name), name)
        waiting.append(asyncio.ensure_future(readers.read(lambda view, mine=mine: done.append(mine), by=name)))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(holding, *waiting)
    first = {name: asked.index(name) for name in set(asked)}
    assert done == sorted(done, key=lambda each: (each[0], first[each[1]]))
    assert len(done) == len(asked)
    assert (readers._queues, readers._ready) == ({}, {})  # nothing is remembered of whoever asked
    await readers.close()


@ENDLESS
async def test_what_takes_too_long_is_ended(opened: Any, query: Callable[[ReadTx], Any]) -> None:
    database = await opened(replace(QUICK, threads=1, seconds=0.2))
    async with asyncio.timeout(PATIENCE):
        for _ in range(2):
            with pytest.raises(Unavailable, match="too long"):
                await database.read(query)
            assert await database.read(lambda view: view.value("SELECT 7")) == 7  # the thread goes on


@ENDLESS
@KINDS
async def test_closing_ends_what_runs_and_refuses_what_waits(
    harness: ApiHarness, query: Any, long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReaderPool, "GRACE", 0.1)
    asked = [asyncio.ensure_future(harness.database.read(query, by=str(n % 9), long=long)) for n in range(60)]
    await asyncio.sleep(0)  # each task runs up to its place in the line
    assert len(harness.database._quick) + len(harness.database._long) == 60
    async with asyncio.timeout(PATIENCE):
        await harness.database.close()
        found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in found] == [Unavailable] * 60
    assert {str(each) for each in found} == {"The server is shutting down."}
    await harness.open()


async def test_what_runs_when_the_server_stops_has_a_moment_to_end(harness: ApiHarness) -> None:
    begun = threading.Event()

    def short(view: ReadTx) -> Any:
        begun.set()
        return view.value("SELECT count(*) FROM users")

    asked = asyncio.ensure_future(harness.database.read(short))
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    await harness.database.close()
    assert await asked == 0
    await harness.open()


async def test_a_query_that_hangs_does_not_keep_the_server_from_ending(
    harness: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReaderPool, "PATIENCE", 0.2)
    hanging = Held(harness.database, "alice", 1, long=False)
    async with asyncio.timeout(PATIENCE):
        await harness.database.close()
    with pytest.raises(Unavailable):
        await hanging.asked[0]
    hanging.gate.set()
    await harness.open()


async def test_who_stops_waiting_makes_room(opened: Any) -> None:
    database = await opened(replace(QUICK, threads=1, at_once=1))
    ran: list[int] = []
    held = Held(database, "bob", 1, long=False)
    given_up = [asyncio.ensure_future(database.read(lambda view, n=n: ran.append(n), by="alice")) for n in range(5)]
    await asyncio.sleep(0)
    for each in given_up[:4]:
        each.cancel()
    await held.release()
    await given_up[4]
    assert ran == [4]
    assert database.load().reading == 0


async def test_all_devices_of_a_person_count_as_one(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    devices = [alice, *[await harness.device(alice) for _ in range(5)]]
    gate = threading.Event()

    def wait(view: ReadTx, caller: Any, request: Any) -> str:
        assert gate.wait(PATIENCE)
        return "done"

    for device in devices:
        await harness.ask(device, lambda view, caller, request: None, None)
    asked = [
        asyncio.ensure_future(harness.api.query(device.token, wait, None, long=True))
        for device in devices
        for _ in range(LONG.each)
    ]
    async with asyncio.timeout(PATIENCE):
        assert (
            await harness.api.query(bob.token, lambda view, caller, request: caller.user_id, None, long=True) == bob.id
        )
    gate.set()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert found.count("done") == LONG.each + LONG.at_once
    assert len([each for each in found if isinstance(each, RateLimited)]) == len(asked) - LONG.each - LONG.at_once


async def test_whose_a_session_is_is_remembered_for_so_many_and_for_none_that_ended(
    harness: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "OWNERS", 3)
    alice = await harness.person("alice")

    def who(view: ReadTx, caller: Any, request: Any) -> str:
        return users.load_user(view, caller.user_id).username

    for _ in range(6):
        assert await harness.ask(await harness.device(alice), who, None) == "alice"
    assert len(harness.api._owners) == 3
    for nonsense in (None, "", "asnity_nobody", "x" * 5_000):
        with pytest.raises(Unauthorized):
            await harness.api.query(nonsense, who, None)
    assert len(harness.api._owners) == 3
    last = await harness.device(alice)
    await harness.ask(last, who, None)
    await harness.database.write(lambda tx: tx.run("DELETE FROM sessions"))
    with pytest.raises(Unauthorized):
        await harness.ask(last, who, None)
    assert len(harness.api._owners) == 2
