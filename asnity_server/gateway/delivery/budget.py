"""A budget for what connections send: how much each may, and who is next where there is more than one turn can take."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

TURN = 16
"""Packets of one connection that are looked at in a row; then everybody else is."""

AT_ONCE = 4
"""Connections with more to say whose turn it is in one round of the event loop."""

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


class Purse:
    """What is left of one connection's budget."""

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
        """Seconds until a turn's worth is there; 0 while something is left. To be asked once `left` is below 0."""
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
        """Whether it has wanted more than there was for longer than anybody with a reason would."""
        return self._over_since is not None and self._clock() - self._over_since > PATIENCE


class Speaker(Protocol):
    """A connection that has more to say."""

    def go_on(self) -> None:
        """Say it, but no more than a turn's worth; with still more, ask for another turn."""


class Turns:
    """Lets connections take turns, a few in each round of the event loop, so that everything else runs between."""

    def __init__(self) -> None:
        self._waiting: deque[Speaker] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def ask(self, speaker: Speaker) -> None:
        """Wait for a turn. Each connection waits for one at most."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._give)
        self._waiting.append(speaker)

    def _give(self) -> None:
        now = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._give)
        for speaker in now:
            speaker.go_on()
