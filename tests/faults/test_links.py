"""Faults of links between an API and its gateways, while people write: cut, slow, in pieces, silent, and restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from asnity_server.link import client as link_client
from asnity_server.link import recent_commits
from tests.fakes.segments import single_bytes

from .checker.history import Refused, Resynced
from .checker.programs import LinkedPrograms
from .checker.scenario import Outcome, Scenario

TIMES = 20
"""How often each fault happens."""
BETWEEN = 0.15
"""Seconds between two of them."""


@pytest.fixture
async def programs(tmp_path: Path) -> AsyncIterator[LinkedPrograms]:
    """An API and three gateways."""
    async with LinkedPrograms(tmp_path, gateways=3) as programs:
        yield programs


async def _faults(programs: LinkedPrograms, fault: Callable[[], Awaitable[None]], people: int = 6) -> Outcome:
    """Let people write through all gateways, and a fault happen."""
    scenario = Scenario(programs.urls[0], programs.urls, programs.database, people=people)
    try:
        await scenario.set()
        lost = [each.connections_lost for each in scenario.clients]
        outcome = await scenario.run(fault)
        outcome.require_kept()
        assert [each.connections_lost for each in scenario.clients] == lost, "no client's socket was to be lost"
        assert outcome.settled <= 5, f"views were right only after {outcome.settled:.1f} s"
    finally:
        await scenario.close()
    return outcome


def _count(outcome: Outcome, *kinds: type) -> int:
    return sum(isinstance(each.event, kinds) for each in outcome.history.entries)


async def test_a_link_that_is_cut_loses_nothing_and_fails_nothing(programs: LinkedPrograms) -> None:
    async def fault() -> None:
        for number in range(TIMES):
            programs.lines[number % 3].cut()
            await asyncio.sleep(BETWEEN)

    outcome = await _faults(programs, fault)
    assert _count(outcome, Refused, Resynced) == 0


@pytest.mark.slow
async def test_a_link_in_pieces_of_a_byte_loses_nothing(programs: LinkedPrograms) -> None:
    for line in programs.lines:
        line.pieces = {"up": single_bytes, "down": single_bytes}
        line.cut()

    async def fault() -> None:
        for number in range(TIMES // 4):
            programs.lines[number % 3].cut()
            await asyncio.sleep(4 * BETWEEN)

    outcome = await _faults(programs, fault, people=3)
    assert _count(outcome, Resynced) == 0


@pytest.mark.slow
async def test_a_slow_link_loses_nothing(programs: LinkedPrograms) -> None:
    for line in programs.lines:
        line.delay = 0.5
        line.cut()

    async def fault() -> None:
        await asyncio.sleep(TIMES * BETWEEN)

    outcome = await _faults(programs, fault)
    assert _count(outcome, Refused) == 0


@pytest.mark.slow
async def test_a_link_that_says_nothing_is_given_up_and_mended(
    programs: LinkedPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_client, "SILENCE", 1.5)
    monkeypatch.setattr(link_client, "PATIENCE", 0.5)

    async def fault() -> None:
        for number in range(6):
            line = programs.lines[number % 3]
            line.stall()
            await asyncio.sleep(2.5)
            line.flow()

    await _faults(programs, fault)


@pytest.mark.slow
async def test_an_ordered_restart_of_the_api_costs_nobody_a_failed_request_or_a_resync(
    programs: LinkedPrograms,
) -> None:
    async def fault() -> None:
        for _ in range(TIMES):
            await programs.api.drain()
            await programs.start_api()
            await programs.until_linked()
            await asyncio.sleep(BETWEEN)

    outcome = await _faults(programs, fault)
    assert _count(outcome, Refused, Resynced) == 0


@pytest.mark.slow
async def test_whoever_missed_more_than_is_kept_is_told_to_compare(
    programs: LinkedPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_commits, "COMMITS", 0)

    async def fault() -> None:
        for _ in range(TIMES // 2):
            await programs.api.drain()
            await programs.start_api()
            await asyncio.sleep(4 * BETWEEN)

    outcome = await _faults(programs, fault)
    assert _count(outcome, Refused) == 0
