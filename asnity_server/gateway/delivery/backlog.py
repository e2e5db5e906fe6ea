"""The backlog of connections that read too slowly: bounds it in time, for one person and in all."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

log = logging.getLogger(__name__)

LITTLE = 64 * 1024
"""Bytes that may wait for a connection without being watched."""

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


class Recipient(Protocol):
    """A connection that is sent to."""

    person: str
    """The person whose it is."""

    def waiting(self) -> int:
        """Return the number of bytes that it didn't take yet."""

    def cut(self) -> None:
        """Abort it, with what waits."""


@dataclass(slots=True)
class _Waiting:
    since: float
    most: int = 0
    """Bytes that waited at some moment."""


class Backlog:
    """Watches the connections for which more than a little waits, and cuts those that don't catch up."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        self._clock = clock
        self._late: dict[Recipient, _Waiting] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._late)

    def grows(self, recipient: Recipient) -> None:
        """Watch a connection for which more than a little waits."""
        if recipient not in self._late:
            self._late[recipient] = _Waiting(self._clock())
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)

    def gone(self, recipient: Recipient) -> None:
        """Stop watching a connection."""
        self._late.pop(recipient, None)

    def _look(self) -> None:
        self._timer = None
        self.look()
        if self._late:
            self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)

    def look(self) -> None:
        """Cut the connections for which too much waits, or for too long."""
        now = self._clock()
        waiting = {recipient: recipient.waiting() for recipient in self._late}
        for recipient, size in waiting.items():
            late = self._late[recipient]
            late.most = max(late.most, size)
            if not size:
                self.gone(recipient)
            elif size <= LITTLE:
                late.since, late.most = now, size
            elif now - late.since > BEHIND + late.most / SLOWEST:
                self._cut(recipient, "has been behind for too long")
        waiting = {recipient: size for recipient, size in waiting.items() if recipient in self._late}
        persons: dict[str, int] = {}
        for recipient, size in waiting.items():
            persons[recipient.person] = persons.get(recipient.person, 0) + size
        everything = sum(waiting.values())
        # the fullest connection of whoever has most, one after the other
        for recipient, size in sorted(waiting.items(), key=lambda each: (-persons[each[0].person], -each[1])):
            if persons[recipient.person] > OF_ONE or everything > OF_ALL:
                persons[recipient.person] -= size
                everything -= size
                self._cut(recipient, "reads too little of too much")

    def _cut(self, recipient: Recipient, why: str) -> None:
        log.info("closing a connection that %s", why)
        self.gone(recipient)
        recipient.cut()
