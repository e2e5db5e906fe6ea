"""Days on the screen: after suspend, over midnight, in another zone, and with clocks that were wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC

import pytest
from msgspec.structs import replace

from asnity_server.protocol import routes, times
from asnity_tui.widgets.timeline.layout import header_of

from .app_harness import AppHarness, populated_harness, run_app
from .making import render_context, row

HOUR = 3600 * 1000


@pytest.fixture
def harness() -> AppHarness:
    """Messages of 20 November, 10:00."""
    return populated_harness()


@pytest.mark.slow
async def test_what_is_written_after_a_night_in_suspend_stands_under_its_day(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.client.faults.hold_requests(routes.CHAT_NEW)
        harness.clock.ahead = 22 * HOUR
        await running.pilot.press(*"morning", "enter")
        await running.shows("morning")
        lines = running.lines()
        rule = next(index for index, line in enumerate(lines) if "21 November" in line)
        assert next(index for index, line in enumerate(lines) if "morning" in line) > rule


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine in Berlin, that may travel."""
    monkeypatch.setitem(os.environ, "TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.slow
async def test_in_another_zone_the_times_are_those_of_that_zone(harness: AppHarness, in_berlin: None) -> None:
    async with run_app(harness, zone=None) as running:
        await running.shows("11:00")
        os.environ["TZ"] = "Asia/Seoul"
        await running.shows("19:00")


def test_a_message_that_waits_never_stands_under_an_earlier_day_than_what_is_before_it() -> None:
    before = row(1, "today")
    yesterday = times.to_wire(times.from_wire(before.message.created_at) - 30 * HOUR)
    waiting = row(0, "from a machine whose clock is behind")
    waiting = replace(waiting, message=replace(waiting.message, id=0, created_at=yesterday))
    assert not header_of(waiting, before, replace(render_context(), zone=UTC), new_after=None).day


def test_what_follows_a_message_of_a_clock_that_was_ahead_stands_under_its_own_day() -> None:
    ahead = row(1, "in 2052")
    ahead = replace(ahead, message=replace(ahead.message, created_at="2052-11-20T10:00:00.000Z"))
    place = header_of(row(2, "today"), ahead, replace(render_context(), zone=UTC), new_after=None)
    assert (place.day, place.heading) == (True, True)
