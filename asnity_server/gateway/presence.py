"""Who is here: derived from who is connected, told at most once a second per community, and stored nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from asnity_server.protocol.models import Presence

from .rooms import Rooms

EVERY = 1.0
"""Seconds between two announcements in one community."""


class PresenceBook:
    """Compares what a community was told with what is true, whenever something may have changed."""

    def __init__(self, rooms: Rooms, *, later: Callable[[float, Callable[[], None]], object]) -> None:
        """`later(seconds, call)` calls back on the event loop."""
        self._rooms = rooms
        self._later = later
        self._away: set[str] = set()
        self._told: dict[str, dict[str, Presence]] = {}
        self._open: dict[str, set[str]] = {}
        self.announce: Callable[[str, dict[str, Presence]], None] = lambda namespace, changes: None
        """Told of a namespace's changes, when it is time; set by the dispatcher."""

    def set_away(self, link: str, away: bool) -> None:
        """A client knows of its person: at the keyboard or not."""
        (self._away.add if away else self._away.discard)(link)
        for seat in self._rooms.of_link(link):
            self.touch(seat.namespace, seat.user_id)

    def gone(self, link: str) -> None:
        """A connection is gone; its seats were touched one by one."""
        self._away.discard(link)

    def touch(self, namespace: str, user_id: str) -> None:
        """Something about a person in a community may have changed."""
        waiting = self._open.get(namespace)
        if waiting is not None:
            waiting.add(user_id)
            return
        self._open[namespace] = {user_id}
        self._later(EVERY, lambda: self._tell(namespace))

    def of(self, namespace: str) -> dict[str, Presence]:
        """Everyone in a community who isn't offline."""
        return {user: self.status(namespace, user) for user in {s.user_id for s in self._rooms.in_namespace(namespace)}}

    def status(self, namespace: str, user_id: str) -> Presence:
        """A person is online while one device is, away while all are."""
        links = {seat.link for seat in self._rooms.of_user(user_id, namespace)}
        if not links:
            return "offline"
        return "away" if links <= self._away else "online"

    def _tell(self, namespace: str) -> None:
        told = self._told.setdefault(namespace, {})
        changes = self._changes(namespace, told, self._open.pop(namespace, ()))
        if not told:
            del self._told[namespace]
        if changes:
            self.announce(namespace, changes)

    def _changes(self, namespace: str, told: dict[str, Presence], users: Iterable[str]) -> dict[str, Presence]:
        changes: dict[str, Presence] = {}
        for user_id in users:
            status = self.status(namespace, user_id)
            if told.get(user_id, "offline") == status:
                continue
            changes[user_id] = status
            if status == "offline":
                del told[user_id]
            else:
                told[user_id] = status
        return changes
