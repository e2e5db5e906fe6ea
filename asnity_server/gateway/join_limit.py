"""The limit of joins: a crowd that comes back is let in bit by bit, so that others are answered meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

AT_ONCE = 200
"""Joins of all connections that are carried out at once."""

Ask: TypeAlias = Callable[[], None]


class WaitingRequest(NamedTuple):
    """A request that waits behind a join of the same connection, or is one."""

    ask: Ask
    joins: bool


class JoinLimit:
    """Lets so many joins be carried out at once; the others wait, and with them what their connections ask next."""

    def __init__(self) -> None:
        self.waiting: dict[str, deque[WaitingRequest]] = {}
        """What waits, by connection, in the order of their turns; each begins with a join."""
        self._running = 0
        self._most: float = AT_ONCE
        self._letting = False

    def ask(self, connection_id: str, ask: Ask, *, joins: bool) -> None:
        """Ask now, or when it is its turn; whoever `joins` calls `joined` once it is answered."""
        waiting = self.waiting.get(connection_id)
        if waiting is not None:
            waiting.append(WaitingRequest(ask, joins))
        elif not joins:
            ask()
        elif self._running < self._most:
            self._running += 1
            ask()
        else:
            self.waiting[connection_id] = deque((WaitingRequest(ask, joins),))

    def joined(self) -> None:
        """Note that a join is answered, and let others have their turns."""
        self._running -= 1
        self._let()

    def gone(self, connection_id: str) -> None:
        """Forget a connection that is closed."""
        self.waiting.pop(connection_id, None)

    def end(self) -> None:
        """Ask everything that waits: nothing more comes."""
        self._most = float("inf")
        self._let()

    def _let(self) -> None:
        if self._letting:  # an answer that came at once; whoever let it be asked goes on
            return
        self._letting = True
        try:
            while self.waiting and self._running < self._most:
                self._let_next()
        finally:
            self._letting = False

    def _let_next(self) -> None:
        """Carry out a join, and what its connection asked behind it up to its next."""
        connection_id, waiting = next(iter(self.waiting.items()))
        self._running += 1
        waiting.popleft().ask()
        while waiting and not waiting[0].joins:
            waiting.popleft().ask()
        if self.waiting.pop(connection_id, None) is not None and waiting:
            self.waiting[connection_id] = waiting  # behind those who wait for their first
