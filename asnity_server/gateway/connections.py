"""Open connections: the weight of their unanswered requests, and their refused attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from asnity_server.protocol.errors import RateLimited

HELD = 32
"""Weight of what one connection may wait for; beyond it, nothing more is taken from it until half is answered."""

WAITING = 256
"""The same for one that can't be held, as it polls; beyond it, more is refused."""

OFFENCES = 100
"""Refusals that no honest client meets; with so many, a connection is closed."""


class Timer(Protocol):
    """A scheduled call."""

    def cancel(self) -> object:
        """Cancel it."""


@dataclass(eq=False, slots=True)
class OpenConnection:
    """One open connection."""

    connection_id: str
    timer: Timer
    """The check whether it is in a namespace."""
    asking: set[str] = field(default_factory=set)
    """Namespaces that it asked for and isn't in yet."""
    waiting: int = 0
    """Weight of its unanswered requests."""
    held: bool = False
    leaving: bool = False
    """Whether nothing more is taken from it, and it is closed once it is answered."""
    offences: int = 0


class OpenConnections:
    """All open connections, those in no namespace included."""

    def __init__(
        self,
        *,
        hold: Callable[[str], None],
        release: Callable[[str], None],
        close: Callable[[str], None],
        later: Callable[[float, Callable[[], None]], Timer],
    ) -> None:
        """`hold` and `release` are called with a connection that has too much unanswered, or no longer has."""
        self._hold = hold
        self._release = release
        self._close = close
        self._later = later
        self._connections: dict[str, OpenConnection] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def __iter__(self) -> Iterator[OpenConnection]:
        return iter(self._connections.values())

    def __contains__(self, connection_id: str) -> bool:
        return connection_id in self._connections

    def opened(self, connection_id: str, timer: Timer) -> None:
        """Add a connection; `timer` ends with it."""
        self._connections[connection_id] = OpenConnection(connection_id, timer)

    def closed(self, connection_id: str) -> None:
        """Remove a connection; what it waits for is nobody's any more."""
        connection = self._connections.pop(connection_id, None)
        if connection is not None:
            connection.timer.cancel()

    def get(self, connection_id: str) -> OpenConnection | None:
        """Return a connection, unless it is gone."""
        return self._connections.get(connection_id)

    def wait(self, connection_id: str, weight: int) -> OpenConnection | None:
        """Count a request that isn't answered at once. Raises `RateLimited` where too much is waiting."""
        connection = self._connections.get(connection_id)
        if connection is None:
            return None
        if connection.waiting and connection.waiting + weight > WAITING:
            raise RateLimited("Too many requests are waiting for an answer.", retry_after=1.0)
        connection.waiting += weight
        if connection.waiting > HELD and not connection.held:
            connection.held = True
            self._hold(connection_id)
        return connection

    def answered(self, connection: OpenConnection | None, weight: int) -> None:
        """Uncount an answered request; `connection` is what `wait` returned."""
        if connection is None:
            return
        connection.waiting -= weight
        if connection.held and connection.waiting <= HELD // 2:
            connection.held = False
            self._release(connection.connection_id)
        if connection.leaving and not connection.waiting:
            self._later(0.0, partial(self._close, connection.connection_id))  # the answer itself is sent behind this

    def leave(self, connection_id: str) -> None:
        """Take nothing more from a connection, and close it behind the answers that it waits for.

        It is read on: closing what has unread bytes would cut off the answers on their way. What it still asks isn't
        answered, and the client asks again where it comes next.
        """
        connection = self._connections.get(connection_id)
        if connection is None or connection.leaving:
            return
        connection.leaving = True
        if not connection.waiting:
            self._close(connection_id)

    def is_leaving(self, connection_id: str) -> bool:
        """Whether nothing more is taken from a connection."""
        connection = self._connections.get(connection_id)
        return connection is not None and connection.leaving

    def offended(self, connection_id: str) -> None:
        """Count a refusal. A connection with many of them is closed."""
        connection = self._connections.get(connection_id)
        if connection is not None:
            connection.offences += 1
            if connection.offences == OFFENCES:
                self._close(connection_id)
