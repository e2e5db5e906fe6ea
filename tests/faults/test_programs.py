"""Faults of an API and its gateways as processes: killed, stopped and started again, while people write."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from .checker.history import Refused, Resynced
from .checker.processes import LinkedProcesses, crashing
from .checker.scenario import Outcome, Scenario
from .crashing import POINTS
from .process import ProgramProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

TIMES = 20
"""How often each program is killed."""
PATIENCE = 120.0
"""Seconds in which it must have come to its point so often."""


@pytest.fixture
async def programs(tmp_path: Path) -> AsyncIterator[LinkedProcesses]:
    """An API and three gateways."""
    async with LinkedProcesses(tmp_path, gateways=3) as programs:
        yield programs


async def _faults(
    programs: LinkedProcesses, fault: Callable[[], Awaitable[None]], *, people: int = 6, keeps_sockets: bool = True
) -> Outcome:
    scenario = Scenario(programs.urls[0], programs.urls, programs.database, people=people)
    try:
        await scenario.set()
        outcome = await scenario.run(fault, pipelined=2)
        outcome.require_kept()
        if keeps_sockets:
            assert sum(each.connections_lost for each in scenario.clients) == 0, "no client's socket was to be lost"
            # who lost their gateway comes back by themselves, which nobody promises to take so long at most
            assert outcome.settled <= 5, f"views were right only after {outcome.settled:.1f} s"
    finally:
        await scenario.close()
    return outcome


async def _again(program: ProgramProcess, how: signal.Signals) -> None:
    await program.end(how)
    await program.start()


async def test_an_api_that_is_killed_at_any_moment_loses_nobody_and_nothing(programs: LinkedProcesses) -> None:
    async def fault() -> None:
        for _ in range(TIMES):
            await asyncio.sleep(random.uniform(0.1, 0.6))
            await _again(programs.api, signal.SIGKILL)

    await _faults(programs, fault)


@pytest.mark.parametrize("point", POINTS)
async def test_an_api_that_dies_at_a_marked_point_loses_nobody_and_nothing(tmp_path: Path, point: str) -> None:
    armed = tmp_path / "armed"
    async with LinkedProcesses(tmp_path, gateways=2, begin_api=crashing(point, 60, armed)) as programs:
        scenario = Scenario(programs.urls[0], programs.urls, programs.database, people=4)
        restarting = asyncio.create_task(_keep_running(programs))
        try:
            await scenario.set()
            armed.touch()

            async def fault() -> None:
                async with asyncio.timeout(PATIENCE):
                    while programs.deaths < TIMES:  # noqa: ASYNC110 - it dies when it likes
                        await asyncio.sleep(0.05)
                armed.unlink()

            outcome = await scenario.run(fault, pipelined=2)
            outcome.require_kept()
        finally:
            restarting.cancel()
            await scenario.close()


async def _keep_running(programs: LinkedProcesses) -> None:
    """Start the API again whenever it died."""
    while True:
        await programs.until_dead()


async def test_a_gateway_that_is_killed_at_any_moment_loses_nothing(programs: LinkedProcesses) -> None:
    async def fault() -> None:
        for number in range(TIMES):
            await asyncio.sleep(random.uniform(0.1, 0.4))
            await _again(programs.gateways[number % 3], signal.SIGKILL)

    await _faults(programs, fault, keeps_sockets=False)


@pytest.mark.parametrize(("seconds", "times"), [(1, TIMES), (6, 3), (30, 1)])
async def test_an_api_that_hangs_loses_nobody_and_nothing(programs: LinkedProcesses, seconds: int, times: int) -> None:
    async def fault() -> None:
        for _ in range(times):
            await _hang(programs.api, seconds)

    await _faults(programs, fault)


async def _hang(program: ProgramProcess, seconds: float) -> None:
    program.signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    program.signal(signal.SIGCONT)
    await asyncio.sleep(0.5)


@pytest.mark.parametrize(("seconds", "times"), [(1, TIMES), (6, 3), (30, 1)])
async def test_a_gateway_that_hangs_loses_nothing(programs: LinkedProcesses, seconds: int, times: int) -> None:
    async def fault() -> None:
        for number in range(times):
            await _hang(programs.gateways[number % 3], seconds)

    await _faults(programs, fault, keeps_sockets=False)


async def test_a_rolling_restart_of_everything_while_twenty_people_write(programs: LinkedProcesses) -> None:
    async def fault() -> None:
        for _ in range(TIMES // 4):
            for program in (*programs.gateways, programs.api):
                await _again(program, signal.SIGTERM)
                await asyncio.sleep(0.2)

    await _faults(programs, fault, people=20, keeps_sockets=False)


async def test_an_ordered_restart_of_the_api_fails_no_request_and_resyncs_nobody(programs: LinkedProcesses) -> None:
    async def fault() -> None:
        for _ in range(TIMES):
            await _again(programs.api, signal.SIGTERM)
            while await programs.api.figure("asnity_gateways") < len(programs.gateways):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.3)

    outcome = await _faults(programs, fault)
    found = [each for each in outcome.history.entries if isinstance(each.event, Refused | Resynced)]
    assert not found, found[:5]
