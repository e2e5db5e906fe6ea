"""The server's clock: the machine's, but for implausible steps of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

SLACK = 60_000
"""Milliseconds by which the machine's clock may be set at any time: as much as time services do without asking."""
DAY = 24 * 3600 * 1000
SHARE = 100
"""A step is believed when it has stood for this part of its own length, or for a day."""
SETTLING = 600_000
"""Milliseconds from the start in which a machine without a clock of its own learns what time it is."""
AWAY = 365 * DAY
"""Milliseconds for which a server may have stood still; a start later than that is one to wonder about."""
WRITTEN = 1_793_491_200_000
"""When this was written (November 2026): for a server that never ran, it isn't earlier than that, nor decades later."""


def wall_clock() -> int:
    """Milliseconds since 1970, by the machine's clock."""
    return time.time_ns() // 1_000_000


_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_clock() -> int:
    """Milliseconds that pass whatever the machine's clock is set to; while it is suspended, too."""
    return time.clock_gettime_ns(_STEADY) // 1_000_000


class SteadyClock:
    """Milliseconds since 1970 that don't follow every step of the machine's clock. Any thread may ask.

    A clock that says 2076 for an hour would end every mute, invite and session, and leave messages of 2076 behind. So
    time goes on as it did while the machine's clock says something else, until that has stood for long enough: minutes
    for hours, a day for years. A step back to what was believed before is believed at once; so is one that explains a
    start at a time that could hardly be: long before the server was last known to run, or years behind that.
    """

    def __init__(self, wall: Callable[[], int] = wall_clock, steady: Callable[[], int] = steady_clock) -> None:
        """`wall` may be set by anybody, `steady` by nobody; both tell milliseconds."""
        self._wall = wall
        self._steady = steady
        self._lock = threading.Lock()
        self._began = steady()
        self._offset = self._former = wall() - self._began
        """The believed offset, and the one before: by how much the time is ahead of `steady`."""
        self._asked: tuple[int, int] | None = None
        """A step that isn't believed yet: the offset that it would bring, and since when it has stood."""
        self._known = 0
        """When the server was last known to run at a time that nothing spoke against."""
        self._odd_since: int | None = None
        """Since when the time is one to wonder about, by `steady`."""
        self._wonder(wall(), self._began)
        self.went_back: Callable[[], object] = lambda: None
        """Called, on any thread, where time was set back: what was written before may lie ahead."""

    def __call__(self) -> int:
        """The time."""
        with self._lock:
            steady = self._steady()
            return steady + self._judged(self._wall(), steady)

    @property
    def is_sure(self) -> bool:
        """Nothing speaks against the time: what is deleted for its age may be deleted."""
        self()
        return self._asked is None and (self._odd_since is None or self._steady() - self._odd_since >= DAY)

    def remember(self, known: int) -> None:
        """The server was known to run at `known`, before it started; 0 where it never ran."""
        now = self()
        with self._lock:
            self._known = known
            self._wonder(now, self._steady())
        if self._odd_since is not None:
            when = "before" if now < known else "long after"
            log.warning(
                "it is %s the server last ran, by the machine's clock: nothing is deleted for its age yet", when
            )

    def confirm(self) -> None:
        """The server runs, and nothing speaks against the time."""
        with self._lock:
            self._known = self._steady() + self._offset
            self._odd_since = None

    def _wonder(self, now: int, steady: int) -> None:
        self._odd_since = None if self._could_be(now) else steady

    def _could_be(self, now: int) -> bool:
        """Whether a time fits when the server last ran."""
        if not self._known:
            return WRITTEN <= now <= WRITTEN + 20 * AWAY
        return self._known - SLACK <= now <= self._known + AWAY

    def _judged(self, wall: int, steady: int) -> int:
        """The offset from here on."""
        offset = wall - steady
        step = offset - self._offset
        if -SLACK <= step <= SLACK:
            if self._asked is not None:
                log.warning("the machine's clock is back where it was")
            self._asked, self._offset = None, offset
        elif -SLACK <= offset - self._former <= SLACK:
            self._known = wall
            self._believe(offset, former=offset)
        elif self._explains(wall, steady):
            self._believe(offset, former=offset)
        elif self._asked is None or not -SLACK <= offset - self._asked[0] <= SLACK:
            self._asked = offset, steady
            log.warning("the machine's clock jumped by %s; that is believed in %s", _told(step), _told(_pause(step)))
        elif steady - self._asked[1] >= _pause(step):
            self._believe(offset, former=self._offset)
        else:
            self._asked = offset, self._asked[1]
        return self._offset

    def _explains(self, wall: int, steady: int) -> bool:
        """Whether a step is what a start at a wrong time was waiting for."""
        return (self._odd_since is not None or steady - self._began < SETTLING) and self._could_be(wall)

    def _believe(self, offset: int, *, former: int) -> None:
        step = offset - self._offset
        log.warning("the time is set %s by %s, to the machine's clock", "ahead" if step > 0 else "back", _told(step))
        self._asked, self._former, self._offset = None, former, offset
        steady = self._steady()
        self._wonder(steady + offset, steady)
        if step < 0:
            self.went_back()


def _pause(step: int) -> int:
    """How long a step has to stand."""
    return min(abs(step) // SHARE, DAY)


_UNITS = (("years", 365 * DAY), ("days", DAY), ("hours", 3_600_000), ("minutes", 60_000), ("seconds", 1000))


def _told(milliseconds: int) -> str:
    """A duration in the largest unit that it has two of."""
    for name, length in _UNITS:
        if abs(milliseconds) >= 2 * length:
            return f"{abs(milliseconds) // length} {name}"
    return "a second"
