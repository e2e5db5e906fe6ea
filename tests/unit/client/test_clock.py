"""The machine's clock: suspended, set, and put right; what lasts goes on, and the calendar is believed."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_tui.client.clock import SystemClock


@dataclass
class Machine:
    """A machine whose clocks a test moves."""

    wall: float = 1_800_000_000.0
    running: float = 500.0
    awake: float = 400.0

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.running += seconds
        self.awake += seconds

    def sleeps(self, seconds: float) -> None:
        """Suspended: the monotonic clock stands still."""
        self.wall += seconds
        self.running += seconds

    def is_set(self, seconds: float) -> None:
        self.wall += seconds

    def read(self, clock: int) -> float:
        return self.running if clock == getattr(time, "CLOCK_BOOTTIME", None) else self.awake


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(time, "time", lambda: made.wall)
    monkeypatch.setattr(time, "time_ns", lambda: int(made.wall * 1e9))
    monkeypatch.setattr(time, "monotonic", lambda: made.awake)
    monkeypatch.setattr(time, "clock_gettime", made.read)
    return made


def test_after_a_night_in_suspend_it_is_the_next_day(machine: Machine) -> None:
    clock = SystemClock()
    machine.sleeps(9 * 3600)
    assert clock.wall() == int(machine.wall * 1000)
    assert clock.now() - clock.wall() in range(-2, 3)  # where the system counts it, that lasted nine hours


def test_a_clock_that_is_put_right_is_believed_for_days_and_not_for_durations(machine: Machine) -> None:
    clock = SystemClock()
    before = clock.now()
    machine.is_set(-26 * 365 * 24 * 3600)
    machine.passes(5)
    assert clock.wall() == int(machine.wall * 1000)
    assert clock.now() - before == 5000


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["passes", "sleeps", "is_set"]), st.floats(-1e7, 1e7, allow_nan=False)), max_size=20
    )
)
def test_durations_never_go_back_and_the_calendar_is_the_machines(steps: list[tuple[str, float]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        made = Machine()
        patch.setattr(time, "time", lambda: made.wall)
        patch.setattr(time, "time_ns", lambda: int(made.wall * 1e9))
        patch.setattr(time, "clock_gettime", made.read)
        clock = SystemClock()
        last = clock.now()
        for what, seconds in steps:
            getattr(made, what)(seconds if what == "is_set" else abs(seconds))
            assert clock.now() >= last
            assert abs(clock.wall() - made.wall * 1000) <= 1
            last = clock.now()
