"""The server's time: it follows no step of the machine's clock that nothing speaks for, and comes back by itself."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.api.storage.timekeeping import Timekeeper
from asnity_server.db.clock import AWAY, DAY, SETTLING, SHARE, SLACK, SteadyClock, steady_clock, wall_clock

HOUR = 3_600_000
YEARS = 50 * 365 * DAY
NOW = 1_830_000_000_000


@dataclass
class Machine:
    """A machine whose clock is wrong by an offset."""

    now: int = NOW
    wrong: int = 0

    def wall(self) -> int:
        """Read the machine's clock."""
        return self.now + self.wrong

    def steady(self) -> int:
        """How long the machine has run."""
        return self.now - NOW

    def clock(self, ran_at: int = NOW - HOUR, *, settled: bool = True) -> SteadyClock:
        """The clock of a server that starts now and last ran then."""
        clock = SteadyClock(self.wall, self.steady)
        clock.remember(ran_at)
        if settled:
            self.now += SETTLING
            clock()
        return clock


def test_a_clock_that_is_50_years_ahead_for_an_hour_changes_nothing() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wrong = YEARS
    for _ in range(60):
        machine.now += 60_000
        assert clock() == machine.now
        assert not clock.is_sure
    machine.wrong = 0
    assert clock() == machine.now
    assert clock.is_sure


@pytest.mark.parametrize("step", [-YEARS, -DAY, -HOUR, HOUR, DAY, YEARS])
def test_a_step_is_believed_when_it_has_stood_long_enough_and_a_way_back_at_once(step: int) -> None:
    machine = Machine()
    clock = machine.clock()
    told: list[bool] = []
    clock.went_back = lambda: told.append(True)
    machine.wrong = step
    clock()
    machine.now += min(abs(step) // SHARE, DAY) - 1
    assert clock() == machine.now
    machine.now += 1
    assert clock() == machine.now + step
    assert told == [True] * (step < 0)
    machine.wrong = 0
    assert clock() == machine.now
    assert told == [True]
    assert clock.is_sure
    machine.wrong = step  # it is no way back: it has to stand again
    assert clock() == machine.now


def test_small_steps_and_a_clock_that_runs_askew_are_followed() -> None:
    machine = Machine()
    clock = machine.clock()
    for step in (SLACK, -SLACK, 500, -1):
        machine.wrong += step
        assert clock() == machine.wall()
        assert clock.is_sure
    for _ in range(1000):
        machine.now += HOUR
        machine.wrong += 2_000
        assert clock() == machine.wall()


def test_a_clock_that_keeps_jumping_is_never_believed() -> None:
    machine = Machine()
    clock = machine.clock()
    for number in range(500):
        machine.now += HOUR
        machine.wrong = YEARS + number * DAY
        assert clock() == machine.now


@pytest.mark.parametrize("wrong", [-YEARS, -3 * DAY])
def test_a_machine_without_a_clock_of_its_own_learns_the_time_soon_behind_its_start(wrong: int) -> None:
    machine = Machine(wrong=wrong)
    clock = machine.clock(NOW + wrong if wrong == -3 * DAY else NOW - HOUR, settled=False)
    assert clock.is_sure is (wrong == -3 * DAY)
    assert clock() == machine.now + wrong
    machine.now += 20_000
    machine.wrong = 0
    assert clock() == machine.now
    assert clock.is_sure


def test_a_server_that_starts_50_years_ahead_deletes_nothing_and_is_back_at_once() -> None:
    machine = Machine(wrong=YEARS)
    clock = machine.clock()
    machine.now += HOUR
    assert clock() == machine.now + YEARS
    assert not clock.is_sure
    machine.wrong = 0
    assert clock() == machine.now
    assert clock.is_sure


def test_what_is_odd_for_a_day_is_taken_as_it_is() -> None:
    machine = Machine()
    clock = machine.clock(NOW - 3 * AWAY)
    assert not clock.is_sure
    machine.now += DAY
    assert clock.is_sure


def test_a_server_that_never_ran_knows_what_cannot_be() -> None:
    machine = Machine(wrong=-YEARS)
    clock = machine.clock(0)
    assert not clock.is_sure
    machine.wrong = 0
    assert clock() == machine.now
    assert clock.is_sure
    assert Machine().clock(0).is_sure


def test_who_asks_last_is_answered_though_the_loop_is_closed() -> None:
    machine = Machine()
    clock = machine.clock()

    async def keep() -> None:
        Timekeeper(None, clock)  # type: ignore[arg-type]  # it isn't asked

    asyncio.run(keep())
    machine.wrong = -DAY
    clock()
    machine.now += DAY
    assert clock() == machine.wall()


def test_the_log_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="asnity_server")
    machine = Machine()
    clock = machine.clock()
    machine.wrong = YEARS
    for _ in range(5):
        clock()
        machine.now += 1000
    machine.wrong = 0
    clock()
    assert [each.getMessage() for each in caplog.records] == [
        "the machine's clock jumped by 50 years; that is believed in 24 hours",
        "the machine's clock is back where it was",
    ]


def test_the_real_clocks_run() -> None:
    clock = SteadyClock()
    before = wall_clock()
    assert before <= clock() <= wall_clock()
    assert 0 <= steady_clock() <= steady_clock()


SPELLS = st.lists(
    st.tuples(st.integers(-YEARS, YEARS), st.floats(0, 0.99), st.integers(0, 10 * DAY), st.integers(1, 20)),
    max_size=10,
)


@given(spells=SPELLS)
def test_no_wrong_spell_is_ever_seen_that_is_shorter_than_what_it_has_to_stand(
    spells: list[tuple[int, float, int, int]],
) -> None:
    machine = Machine()
    clock = machine.clock()
    for wrong, part, right, looks in spells:
        machine.wrong = wrong if abs(wrong) > SLACK else 0
        lasts = int(min(abs(wrong) // SHARE, DAY) * part)
        for _ in range(looks):
            assert clock() == machine.now
            machine.now += lasts // looks
        machine.wrong = 0
        assert clock() == machine.now
        machine.now += right
        assert clock() == machine.now
