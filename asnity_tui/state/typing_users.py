"""The people who are typing in a channel, each for a while after the last sign of it."""

from __future__ import annotations

TYPING_FOR = 5_000
"""Milliseconds for which somebody is shown as typing after the last sign of it (it comes every 3 s)."""

TYPING_MAX = 100
"""People who are known to be typing at the same time; of more, those who began first are forgotten."""


class TypingUsers:
    """People by user id, in the order they began."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}

    def at(self, now: int) -> tuple[str, ...]:
        """Ids of the people who are typing at `now` (milliseconds)."""
        return tuple(each for each, until in self._until.items() if until > now)

    def add(self, user_id: str, now: int) -> None:
        """Note that somebody typed at `now` (milliseconds)."""
        self._until = {each: until for each, until in self._until.items() if until > now}
        self._until[user_id] = now + TYPING_FOR
        if len(self._until) > TYPING_MAX:
            del self._until[next(iter(self._until))]

    def remove(self, user_id: str) -> bool:
        """Note that somebody's message is here; whether that person was shown as typing."""
        return self._until.pop(user_id, None) is not None
