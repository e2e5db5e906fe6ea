"""Sessions that ended lately: whoever was let in by one just before that came too late."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

REMEMBERED = 60.0
"""Seconds for which it is remembered that a session ended."""


class EndedSessions:
    """Remembers sessions for a while after their end, which may overtake the answer that lets one in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ended_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._ended_at)

    def __contains__(self, session_id: str) -> bool:
        ended_at = self._ended_at.get(session_id)
        return ended_at is not None and self._clock() - ended_at < REMEMBERED

    def add(self, session_ids: Iterable[str]) -> None:
        """Remember some sessions, and forget those that ended long ago."""
        now = self._clock()
        while self._ended_at and now - next(iter(self._ended_at.values())) >= REMEMBERED:
            del self._ended_at[next(iter(self._ended_at))]
        for session_id in session_ids:
            self._ended_at.pop(session_id, None)  # so that the oldest stay in front
            self._ended_at[session_id] = now
