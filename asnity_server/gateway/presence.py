"""Who is here: derived from who is connected, told at most once a second per community, and stored nowhere."""

from __future__ import annotations

from collections.abc import Callable

from asnity_server.protocol.models import Presence

from .rooms import Rooms

EVERY = 1.0
"""Seconds between two announcements in one community."""


class PresenceBook:
    """Keeps what is true, and now and then tells a community how that differs from what it was told."""

    def __init__(self, rooms: Rooms, *, later: Callable[[float, Callable[[], None]], object]) -> None:
        """`later(seconds, call)` calls back on the event loop."""
        self._rooms = rooms
        self._later = later
        self._away: set[str] = set()
        self._present: dict[str, dict[str, Presence]] = {}
        self._before: dict[str, dict[str, Presence]] = {}
        # by namespace, while an announcement is due: what the people whose presence changed were before
        self.announce: Callable[[str, dict[str, Presence]], None] = lambda namespace, changes: None
        """Told of a namespace's changes, when it is time; set by the dispatcher."""

    def set_away(self, link: str, away: bool) -> None:
        """A client knows of its person: at the keyboard or not."""
        if (link in self._away) == away:
            return
        (self._away.add if away else self._away.discard)(link)
        for seat in self._rooms.of_link(link):
            if seat.community_id is not None:
                self.touch(seat.namespace, seat.user_id)

    def gone(self, link: str) -> None:
        """A connection is gone; its seats were touched one by one."""
        self._away.discard(link)

    def of(self, namespace: str) -> dict[str, Presence]:
        """Everyone in a community who isn't offline. Not to be changed."""
        return self._present.get(namespace, {})

    def touch(self, namespace: str, user_id: str) -> None:
        """Something about a person in a community may have changed."""
        present = self._present.setdefault(namespace, {})
        before, now = present.get(user_id, "offline"), self._status(namespace, user_id)
        if now != before:
            self._remember(namespace, user_id, before)
            if now == "offline":
                del present[user_id]
            else:
                present[user_id] = now
        if not present:
            del self._present[namespace]

    def _status(self, namespace: str, user_id: str) -> Presence:
        """A person is online while one device is, away while all are."""
        links = {seat.link for seat in self._rooms.of_user(user_id, namespace)}
        if not links:
            return "offline"
        return "away" if links <= self._away else "online"

    def _remember(self, namespace: str, user_id: str, before: Presence) -> None:
        waiting = self._before.get(namespace)
        if waiting is None:
            waiting = self._before[namespace] = {}
            self._later(EVERY, lambda: self._tell(namespace))
        waiting.setdefault(user_id, before)

    def _tell(self, namespace: str) -> None:
        present = self.of(namespace)
        changes: dict[str, Presence] = {}
        for user_id, before in self._before.pop(namespace).items():
            now = present.get(user_id, "offline")
            if now != before:
                changes[user_id] = now
        if changes:
            self.announce(namespace, changes)
