"""Presence: derived from open connections, announced at most once a second per community, and stored nowhere."""

from __future__ import annotations

from collections.abc import Callable, Collection

from asnity_server.protocol.models import Presence

from .rooms import Rooms

EVERY = 1.0
"""Seconds between two announcements in one community."""


class PresenceTracker:
    """Tracks everyone's presence, and now and then announces to a community how it differs from what was announced."""

    def __init__(self, rooms: Rooms, *, later: Callable[[float, Callable[[], None]], object]) -> None:
        """`later(seconds, call)` calls back on the event loop."""
        self._rooms = rooms
        self._later = later
        self._away: set[str] = set()
        self._present: dict[str, dict[str, Presence]] = {}
        self._before: dict[str, dict[str, Presence]] = {}
        # by namespace, while an announcement is due: what the people whose presence changed were before
        self._elsewhere: dict[str, dict[str, Presence]] = {}
        # by namespace, who is present by any gateway, as far as this one was told
        self.announce: Callable[[str, dict[str, Presence]], None] = lambda namespace, changes: None
        """Called with a namespace's changes, when it is time; set by the dispatcher."""

    def set_away(self, connection_id: str, away: bool) -> None:
        """Note whether a connection's person is away from the keyboard."""
        if (connection_id in self._away) == away:
            return
        (self._away.add if away else self._away.discard)(connection_id)
        for membership in self._rooms.of_connection(connection_id):
            if membership.community_id is not None:
                self.touch(membership.namespace, membership.user_id)

    def gone(self, connection_id: str) -> None:
        """Forget a connection; its memberships were touched one by one."""
        self._away.discard(connection_id)

    def of(self, namespace: str) -> dict[str, Presence]:
        """Return everyone in a community who isn't offline, wherever they are connected. Not to be changed."""
        here, elsewhere = self.here(namespace), self._elsewhere.get(namespace)
        if elsewhere is None:
            return here
        away = {user_id for user_id, presence in here.items() if presence == "away"}
        return {**elsewhere, **here, **{each: elsewhere[each] for each in away if each in elsewhere}}

    def here(self, namespace: str) -> dict[str, Presence]:
        """Return everyone in a community who is connected to this gateway. Not to be changed."""
        return self._present.get(namespace, {})

    def namespaces(self) -> tuple[str, ...]:
        """Return the namespaces of the communities in which somebody is present here."""
        return tuple(self._present)

    def learn(self, namespace: str, people: dict[str, Presence], *, complete: bool) -> dict[str, Presence]:
        """Take in who is present by any gateway (`complete`: and nobody else); returns what is different by it."""
        known = self._elsewhere.get(namespace, {})
        now = {**({} if complete else known), **people}
        now = {user_id: presence for user_id, presence in now.items() if presence != "offline"}
        if now:
            self._elsewhere[namespace] = now
        else:
            self._elsewhere.pop(namespace, None)
        return {
            user_id: now.get(user_id, "offline")
            for user_id in known.keys() | now.keys()
            if known.get(user_id) != now.get(user_id)
        }

    def keep_only(self, namespaces: Collection[str]) -> None:
        """Forget who is present elsewhere but in these namespaces."""
        for namespace in self._elsewhere.keys() - set(namespaces):
            del self._elsewhere[namespace]

    def touch(self, namespace: str, user_id: str) -> None:
        """Recompute a person's presence in a community."""
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
        """Return a person's status: online while one device is, away while all are."""
        connection_ids = {membership.connection_id for membership in self._rooms.of_user(user_id, namespace)}
        if not connection_ids:
            return "offline"
        return "away" if connection_ids <= self._away else "online"

    def _remember(self, namespace: str, user_id: str, before: Presence) -> None:
        waiting = self._before.get(namespace)
        if waiting is None:
            waiting = self._before[namespace] = {}
            self._later(EVERY, lambda: self._tell(namespace))
        waiting.setdefault(user_id, before)

    def _tell(self, namespace: str) -> None:
        present = self.here(namespace)
        changes: dict[str, Presence] = {}
        for user_id, before in self._before.pop(namespace).items():
            now = present.get(user_id, "offline")
            if now != before:
                changes[user_id] = now
        if changes:
            self.announce(namespace, changes)
