"""The clock: the calendar's time, a steady one for durations, waiting, and pauses between attempts."""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import Protocol


class Clock(Protocol):
    """A source of time, so that a test can set it."""

    def now(self) -> int:
        """Milliseconds since 1970, for what lasts and is waited for: never goes back while the program runs.

        Setting the machine's clock moves nothing of it, so it may differ from what the calendar says.
        """

    def wall(self) -> int:
        """Milliseconds since 1970, for days and times that people see: what the machine's clock says at the moment."""

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""


class SystemClock:
    """The machine's clock; durations go on while it is suspended, where the system counts that."""

    def __init__(self) -> None:
        self._steady = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        self._offset = time.time() - time.clock_gettime(self._steady)

    def now(self) -> int:
        """See `Clock`."""
        return int((time.clock_gettime(self._steady) + self._offset) * 1000)

    def wall(self) -> int:
        """See `Clock`."""
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        await asyncio.sleep(seconds)


class Backoff:
    """Pauses between attempts, random so that clients which lost the same server don't all come back at once.

    See https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    """

    def __init__(self, random: Random) -> None:
        self._random = random

    def pause(self, attempt: int, *, at_most: float) -> float:
        """Seconds before the next attempt (the first is 0): doubling, with full jitter."""
        return self._random.uniform(0, min(float(2 ** min(attempt, 30)), at_most))

    def spread(self, within: float) -> float:
        """Seconds to wait before something that many clients do at the same moment."""
        return self._random.uniform(0, within)
