"""Open connections: what each waits for, and how often it asked for what it can't have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from asnity_server.protocol.errors import RateLimited

HELD = 32
"""Weight of what one connection may wait for; beyond it, nothing more is taken from it until half is answered."""

WAITING = 256
"""The same for one that can't be held, as it polls; beyond it, more is refused."""

OFFENCES = 100
"""Refusals of what nobody asks for who has signed in here; with so many, a connection is closed."""


class Timer(Protocol):
    """A call that comes later."""

    def cancel(self) -> object:
        """Let it not come."""


@dataclass(eq=False, slots=True)
class Link:
    """One open connection."""

    name: str
    timer: Timer
    """When it is looked whether it is in a namespace."""
    asking: set[str] = field(default_factory=set)
    """Namespaces that it asked for and isn't in yet."""
    waiting: int = 0
    """Weight of what isn't answered yet."""
    held: bool = False
    offences: int = 0


class Links:
    """All open connections, those that are in no namespace included."""

    def __init__(
        self, *, hold: Callable[[str], None], release: Callable[[str], None], close: Callable[[str], None]
    ) -> None:
        """`hold` and `release` are called with a connection that waits for too much, or no longer does."""
        self._hold = hold
        self._release = release
        self._close = close
        self._links: dict[str, Link] = {}

    def __len__(self) -> int:
        return len(self._links)

    def __iter__(self) -> Iterator[Link]:
        return iter(self._links.values())

    def __contains__(self, name: str) -> bool:
        return name in self._links

    def opened(self, name: str, timer: Timer) -> None:
        """A connection was made; `timer` ends with it."""
        self._links[name] = Link(name, timer)

    def closed(self, name: str) -> None:
        """A connection is gone; whatever it waits for is nobody's any more."""
        link = self._links.pop(name, None)
        if link is not None:
            link.timer.cancel()

    def get(self, name: str) -> Link | None:
        """A connection, unless it is gone."""
        return self._links.get(name)

    def wait(self, name: str, weight: int) -> Link | None:
        """Something that isn't answered at once was asked for. Raises `RateLimited` where too much is waiting."""
        link = self._links.get(name)
        if link is None:
            return None
        if link.waiting and link.waiting + weight > WAITING:
            raise RateLimited("Too many requests are waiting for an answer.", retry_after=1.0)
        link.waiting += weight
        if link.waiting > HELD and not link.held:
            link.held = True
            self._hold(name)
        return link

    def answered(self, link: Link | None, weight: int) -> None:
        """See `wait`, whose answer `link` is."""
        if link is None:
            return
        link.waiting -= weight
        if link.held and link.waiting <= HELD // 2:
            link.held = False
            self._release(link.name)

    def offended(self, name: str) -> None:
        """It asked for what it can't have. Who does so often is closed."""
        link = self._links.get(name)
        if link is not None:
            link.offences += 1
            if link.offences == OFFENCES:
                self._close(name)
