"""Faults of a fake client's connection, as switches that a test turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Wire
from asnity_server.protocol.routes import Route, SocketRequest

Kind = Route[Any, Any] | SocketRequest[Any, Any]


@dataclass(frozen=True)
class Arrival:
    """An event on its way to a client."""

    community_id: str | None
    name: str
    payload: Wire


@dataclass
class _Gate:
    """A place where requests wait until somebody opens it."""

    kinds: tuple[Kind, ...]
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0


class Faults:
    """The switches of one fake client.

    Where `kinds` (routes and asks) can be named, none named means any. What is set for "the next" one is used up by it.
    """

    def __init__(self) -> None:
        self.offline = False
        self._before: _Gate | None = None
        self._after: _Gate | None = None
        self._refusals: list[tuple[ErrorInfo, tuple[Kind, ...]]] = []
        self._lost: list[tuple[bool, tuple[Kind, ...]]] = []
        self._arrivals: list[tuple[Callable[[Arrival], Sequence[Arrival]], str | None]] = []
        self._held: list[Arrival] | None = None

    # Requests

    def hold_requests(self, *kinds: Kind) -> None:
        """From now on requests wait before they reach the server, until `release`."""
        self._before = _Gate(kinds)

    def hold_answers(self, *kinds: Kind) -> None:
        """From now on requests take effect, but their answers wait until `release`."""
        self._after = _Gate(kinds)

    def release(self) -> None:
        """Let everything that is held go on, in order, and hold nothing any more."""
        for gate in (self._before, self._after):
            if gate is not None:
                gate.opened.set()
        self._before = self._after = None

    @property
    def held_requests(self) -> int:
        """How many requests wait at the moment."""
        return sum(gate.waiting for gate in (self._before, self._after) if gate)

    def refuse_next(self, error: ErrorInfo, *kinds: Kind, times: int = 1) -> None:
        """The next requests are refused before they take effect."""
        self._refusals += [(error, kinds)] * times

    def lose_next_request(self, *kinds: Kind) -> None:
        """The next request never reaches the server: no effect, no answer."""
        self._lost.append((False, kinds))

    def lose_next_answer(self, *kinds: Kind) -> None:
        """The next request takes effect, but its answer is lost."""
        self._lost.append((True, kinds))

    # Events

    def drop_events(self, count: int = 1, *, name: str | None = None) -> None:
        """The next events (of that name) never arrive."""
        self._arrivals += [(lambda arrival: (), name)] * count

    def duplicate_events(self, count: int = 1, *, name: str | None = None) -> None:
        """The next events (of that name) arrive twice."""
        self._arrivals += [(lambda arrival: (arrival, arrival), name)] * count

    def hold_events(self) -> None:
        """Events wait until they are taken with `held_events` and given back, or `release_events`."""
        self._held = self._held or []

    @property
    def held_events(self) -> list[Arrival]:
        """Events that wait; the list may be reordered, thinned and added to."""
        return self._held if self._held is not None else []

    # For the client that these belong to

    async def on_the_way(self, kind: Kind) -> None:
        """Wait where requests are held."""
        await _wait(self._before, kind)

    async def on_the_way_back(self, kind: Kind) -> None:
        """Wait where answers are held."""
        await _wait(self._after, kind)

    def refusal(self, kind: Kind) -> ErrorInfo | None:
        """How this request is refused, if it is."""
        for index, (error, kinds) in enumerate(self._refusals):
            if not kinds or kind in kinds:
                del self._refusals[index]
                return error
        return None

    def loss(self, kind: Kind) -> bool | None:
        """Whether this request (False) or its answer (True) is lost, or neither (None)."""
        for index, (after, kinds) in enumerate(self._lost):
            if not kinds or kind in kinds:
                del self._lost[index]
                return after
        return None

    def arriving(self, arrival: Arrival) -> Sequence[Arrival]:
        """Decide about an event on its way."""
        came: Sequence[Arrival] = (arrival,)
        for index, (change, name) in enumerate(self._arrivals):
            if name is None or name == arrival.name:
                del self._arrivals[index]
                came = change(arrival)
                break
        if self._held is not None:
            self._held += came
            return ()
        return came

    def take_held(self) -> list[Arrival]:
        """Stop holding events; those that waited."""
        held, self._held = self.held_events, None
        return held


async def _wait(gate: _Gate | None, kind: Kind) -> None:
    if gate is not None and (not gate.kinds or kind in gate.kinds):
        gate.waiting += 1
        await gate.opened.wait()
