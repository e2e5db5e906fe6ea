"""The receive budget of connections: how much each may send, and turns for those that sent more than one turn takes."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

TURN = 16
"""Packets of one connection that are handled in a row; then it is everybody else's turn."""

AT_ONCE = 4
"""Connections with more packets whose turn it is in one round of the event loop."""

PATIENCE = 20.0
"""Seconds in which a connection may always want more than its budget; then it is closed."""

SHIFT = 12
"""Every 4 KB cost as much as a packet."""


@dataclass(frozen=True)
class Budget:
    """How many packets a connection may send: `burst` at once, and then one more every `every` seconds."""

    burst: int = 0
    """0: any number; connections with more than a turn's worth still take turns."""
    every: float = 0.0


class Allowance:
    """The rest of one connection's budget."""

    __slots__ = ("_at", "_budget", "_clock", "_over_since", "left")

    def __init__(self, budget: Budget, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        self._budget = budget
        self._clock = clock
        self._at = clock()
        self._over_since: float | None = None
        self.left: float = budget.burst
        """Packets that are free, as of the last look at the clock. Whoever takes some subtracts them."""

    def wait(self) -> float:
        """Return the seconds until a turn's worth is left; 0 while something is. To be called with `left` below 0."""
        budget, now = self._budget, self._clock()
        if not budget.burst:
            self.left = float("inf")
            return 0.0
        self.left += (now - self._at) / budget.every
        self._at = now
        if self.left >= budget.burst:
            self.left, self._over_since = budget.burst, None
        if self.left >= 0:
            return 0.0
        if self._over_since is None:
            self._over_since = now
        return (min(TURN, budget.burst) - self.left) * budget.every

    @property
    def offends(self) -> bool:
        """Whether it has been over its budget for longer than any honest client would."""
        return self._over_since is not None and self._clock() - self._over_since > PATIENCE


class TurnTaker(Protocol):
    """A connection with more packets to handle."""

    def go_on(self) -> None:
        """Handle a turn's worth of packets; with still more, ask for another turn."""


class TurnQueue:
    """Gives connections their turns, a few in each round of the event loop, so that everything else runs between."""

    def __init__(self) -> None:
        self._waiting: deque[TurnTaker] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def ask(self, speaker: TurnTaker) -> None:
        """Queue a connection for a turn. Each waits for one at most."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._give)
        self._waiting.append(speaker)

    def _give(self) -> None:
        now = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._give)
        for speaker in now:
            speaker.go_on()
