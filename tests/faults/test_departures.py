"""Departures while links and programs fail: who is thrown out, or whose session ends, is told nothing more."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import UnionType

import pytest

from asnity_server.link import recent_commits
from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import Unavailable
from asnity_tui.client.transport.remote import RemoteClient
from tests.contract.harness import Device, SignUpHarness

from .checker.client import RecordingClient
from .checker.history import Entry, Event, Lost, Removed, SessionOver
from .checker.programs import LinkedPrograms
from .checker.scenario import Scenario

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

TIMES = 20
"""How often somebody goes."""
PATIENCE = 10.0
"""Seconds in which they must have been told."""
LEAVER = 3
"""The number of the one who goes: their gateway is the first."""

Break = Callable[[], Awaitable[Callable[[], Awaitable[None]]]]
"""Breaks something, and returns what repairs it."""


@pytest.fixture
async def programs(tmp_path: Path) -> AsyncIterator[LinkedPrograms]:
    """An API and three gateways."""
    async with LinkedPrograms(tmp_path, gateways=3) as programs:
        yield programs


@pytest.fixture
async def scenario(programs: LinkedPrograms) -> AsyncIterator[Scenario]:
    """Five people."""
    scenario = Scenario(programs.urls[0], programs.urls, programs.database, people=5)
    await scenario.set()
    yield scenario
    await scenario.close()


async def _nothing() -> None:
    pass


@pytest.fixture(params=["cut", "stalled", "restarted", "mended"])
def break_(request: pytest.FixtureRequest, programs: LinkedPrograms, monkeypatch: pytest.MonkeyPatch) -> Break:
    """Faults of the link of the one who goes."""
    line = programs.lines[0]

    async def cut() -> Callable[[], Awaitable[None]]:
        asyncio.get_running_loop().call_later(random.uniform(0, 0.01), line.cut)
        return _nothing

    async def stalled() -> Callable[[], Awaitable[None]]:
        line.stall()

        async def flow() -> None:
            line.cut()
            line.flow()

        return flow

    async def restarted() -> Callable[[], Awaitable[None]]:
        line.stall()

        async def restart() -> None:
            await programs.api.drain()
            line.cut()
            line.flow()
            await programs.start_api()

        return restart

    if request.param == "mended":
        monkeypatch.setattr(recent_commits, "COMMITS", 0)
        return restarted
    return {"cut": cut, "stalled": stalled, "restarted": restarted}[request.param]


def _number_of(scenario: Scenario, client: RecordingClient, kind: type[Event] | UnionType) -> int:
    return sum(each.client == client.name for each in _of(scenario, kind))


def _of(scenario: Scenario, kind: type[Event] | UnionType) -> list[Entry]:
    return [each for each in scenario.history.entries if isinstance(each.event, kind)]


async def _until_told(scenario: Scenario, client: RecordingClient, kind: type[Event] | UnionType, before: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while _number_of(scenario, client, kind) == before:  # noqa: ASYNC110 - the clock of a test, not of the product
            await asyncio.sleep(0.01)


async def _device(programs: LinkedPrograms, username: str) -> Device:
    return await SignUpHarness(lambda: RemoteClient(programs.api.url)).device(username)


async def test_who_is_thrown_out_while_the_link_fails_is_told_so_and_nothing_more(
    programs: LinkedPrograms, scenario: Scenario, break_: Break
) -> None:
    leaver, community_id = scenario.clients[LEAVER], scenario.channel_id[:12]

    async def fault() -> None:
        host, person = await _device(programs, "person0"), await _device(programs, f"person{LEAVER}")
        for _ in range(TIMES):
            before = _number_of(scenario, leaver, Removed)
            repair = await break_()
            removed = requests.RemoveMember(community_id=community_id, user_id=leaver.user_id)
            await host.call(routes.REMOVE_MEMBER, removed)
            await repair()
            await _until_told(scenario, leaver, Removed, before)
            await host.let_in(community_id, person)
            back = requests.OfChannelMember(channel_id=scenario.channel_id, user_id=leaver.user_id)
            await host.call(routes.ADD_CHANNEL_MEMBER, back)
            async with asyncio.timeout(PATIENCE):
                await leaver.ready()
        await host.client.close()
        await person.client.close()

    outcome = await scenario.run(fault)
    outcome.require_kept()
    assert not sum(each.connections_lost for each in scenario.clients), "no client's socket was to be lost"


async def test_whose_session_ends_while_the_link_fails_is_cut_off_and_told_nothing_more(
    programs: LinkedPrograms, scenario: Scenario, break_: Break
) -> None:
    leaver = scenario.clients[LEAVER]

    async def fault() -> None:
        for _ in range(TIMES):
            before = _number_of(scenario, leaver, SessionOver | Lost)
            device = await _device(programs, f"person{LEAVER}")
            assert device.client.token is not None
            leaver.sign_in_again(device.client.token)
            repair = await break_()
            await device.call(routes.END_OTHER_SESSIONS, requests.Empty())
            await repair()
            await _until_told(scenario, leaver, SessionOver | Lost, before)
            async with asyncio.timeout(PATIENCE):
                await leaver.ready()
            await device.client.close()

    outcome = await scenario.run(fault)
    outcome.require_kept()
    others = [each for each in scenario.clients if each is not leaver]
    assert not sum(each.connections_lost for each in others), "no other client's socket was to be lost"


async def test_a_full_disk_loses_nobody_and_nothing(programs: LinkedPrograms, scenario: Scenario) -> None:
    async def limit(pages: str) -> None:
        while True:
            with suppress(Unavailable):  # it shares a transaction with somebody whose message has no room
                await programs.api.api.database.write(lambda tx: tx.all(f"PRAGMA max_page_count = {pages}"))
                return

    async def fault() -> None:
        pages = await programs.api.api.database.read(lambda view: view.value("PRAGMA page_count"))
        for _ in range(TIMES):
            await limit(str(pages))
            await asyncio.sleep(0.1)
            await limit("1073741823")
            await asyncio.sleep(0.1)

    outcome = await scenario.run(fault)
    outcome.require_kept()
    assert not sum(each.connections_lost for each in scenario.clients), "no client's socket was to be lost"
