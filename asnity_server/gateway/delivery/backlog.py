"""What waits for connections that don't read as fast as they are told things: for how long, for one person, in all."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

log = logging.getLogger(__name__)

LITTLE = 64 * 1024
"""Bytes that may wait for a connection without anybody looking at it."""

OF_ONE = 8 * 1024 * 1024
"""Bytes that may wait for all connections of one person together, beyond a little for each."""

OF_ALL = 64 * 1024 * 1024
"""The same of everyone."""

BEHIND = 30.0
"""Seconds that more than a little may wait; for much of it there is more time."""

SLOWEST = 16 * 1024
"""Bytes a second that a client reads at least."""

LOOK_EVERY = 1.0
"""Seconds between two looks."""


class Reader(Protocol):
    """A connection."""

    person: str
    """Whose it is."""

    def waiting(self) -> int:
        """Bytes that it didn't take yet."""

    def cut(self) -> None:
        """End it, with what waits."""


@dataclass(slots=True)
class _Late:
    since: float
    most: int = 0
    """Bytes that waited at some moment."""


class Backlog:
    """Knows the connections for which more than a little waits; whoever has one tells."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        self._clock = clock
        self._late: dict[Reader, _Late] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._late)

    def grows(self, reader: Reader) -> None:
        """More than a little waits for a connection."""
        if reader not in self._late:
            self._late[reader] = _Late(self._clock())
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)

    def gone(self, reader: Reader) -> None:
        """Nothing waits for it any more."""
        self._late.pop(reader, None)

    def _look(self) -> None:
        self._timer = None
        self.look()
        if self._late:
            self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)

    def look(self) -> None:
        """Cut those for which too much waits, or for too long."""
        now = self._clock()
        waiting = {reader: reader.waiting() for reader in self._late}
        for reader, size in waiting.items():
            late = self._late[reader]
            late.most = max(late.most, size)
            if not size:
                self.gone(reader)
            elif size <= LITTLE:
                late.since, late.most = now, size
            elif now - late.since > BEHIND + late.most / SLOWEST:
                self._cut(reader, "has been behind for too long")
        waiting = {reader: size for reader, size in waiting.items() if reader in self._late}
        persons: dict[str, int] = {}
        for reader, size in waiting.items():
            persons[reader.person] = persons.get(reader.person, 0) + size
        everything = sum(waiting.values())
        # the fullest connection of whoever has most, one after the other
        for reader, size in sorted(waiting.items(), key=lambda each: (-persons[each[0].person], -each[1])):
            if persons[reader.person] > OF_ONE or everything > OF_ALL:
                persons[reader.person] -= size
                everything -= size
                self._cut(reader, "reads too little of too much")

    def _cut(self, reader: Reader, why: str) -> None:
        log.info("closing a connection that %s", why)
        self.gone(reader)
        reader.cut()
