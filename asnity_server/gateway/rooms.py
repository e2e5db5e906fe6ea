"""Names of rooms, and the index of memberships: which connection is in which namespace, as whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from sys import intern
from typing import TypeVar

K = TypeVar("K")

MEMBERS = "members"
"""The room of everyone in a community's namespace. Never the bare namespace: that would reach the unauthorized, too."""


def room_of_channel(channel_id: str) -> str:
    """Return the room of those who may read a channel."""
    return f"channel:{channel_id}"


def channel_of_room(room: str) -> str | None:
    """Return the channel whose room it is, if it is one's."""
    return room.removeprefix("channel:") if room.startswith("channel:") else None


def room_of_user(user_id: str) -> str:
    """Return the room of a person's own sockets."""
    return f"user:{user_id}"


@dataclass(eq=False, slots=True)
class Membership:
    """The membership of one connection in one namespace: whose it is, and its rooms."""

    connection_id: str
    namespace: str
    user_id: str
    session_id: str
    community_id: str | None
    """None in the namespace that concerns the person alone."""
    rooms: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Share the names: each came in a packet of its own, and a connection may be in hundreds of namespaces."""
        self.namespace, self.user_id = intern(self.namespace), intern(self.user_id)
        self.session_id = intern(self.session_id)
        self.community_id = intern(self.community_id) if self.community_id is not None else None

    def enter(self, room: str) -> None:
        """Add a room."""
        self.rooms.add(intern(room))


class Rooms:
    """Indexes memberships by connection, by person in a namespace and by session; leaving costs by one's rooms."""

    def __init__(self) -> None:
        self._by_connection: dict[str, dict[str, Membership]] = {}
        self._by_user: dict[tuple[str, str], set[Membership]] = {}
        self._by_session: dict[str, set[Membership]] = {}
        self._by_namespace: dict[str, set[Membership]] = {}

    def add(self, membership: Membership) -> None:
        """Add a membership."""
        self._by_connection.setdefault(membership.connection_id, {})[membership.namespace] = membership
        self._by_user.setdefault((membership.user_id, membership.namespace), set()).add(membership)
        self._by_session.setdefault(membership.session_id, set()).add(membership)
        self._by_namespace.setdefault(membership.namespace, set()).add(membership)

    def remove(self, membership: Membership) -> None:
        """Remove a membership."""
        memberships = self._by_connection.get(membership.connection_id, {})
        if memberships.get(membership.namespace) is membership:
            del memberships[membership.namespace]
            if not memberships:
                del self._by_connection[membership.connection_id]
        _discard(self._by_user, (membership.user_id, membership.namespace), membership)
        _discard(self._by_session, membership.session_id, membership)
        _discard(self._by_namespace, membership.namespace, membership)

    def membership(self, connection_id: str, namespace: str) -> Membership | None:
        """Return a connection's membership of a namespace, if it has one."""
        memberships = self._by_connection.get(connection_id)
        return None if memberships is None else memberships.get(namespace)

    def of_connection(self, connection_id: str) -> list[Membership]:
        """Return all memberships of a connection."""
        return list(self._by_connection.get(connection_id, {}).values())

    def of_user(self, user_id: str, namespace: str) -> list[Membership]:
        """Return all memberships of a person in one namespace: as many as they have devices there."""
        return list(self._by_user.get((user_id, namespace), ()))

    def of_sessions(self, session_ids: Iterable[str]) -> list[Membership]:
        """Return all memberships of some sessions."""
        return [membership for session_id in session_ids for membership in self._by_session.get(session_id, ())]

    def in_namespace(self, namespace: str) -> list[Membership]:
        """Return all memberships of a namespace."""
        return list(self._by_namespace.get(namespace, ()))

    def namespaces(self) -> tuple[str, ...]:
        """Return the namespaces in which somebody has a seat."""
        return tuple(self._by_namespace)

    def sessions(self) -> dict[str, str]:
        """Return all sessions with a membership, and the user of each."""
        return {session_id: next(iter(memberships)).user_id for session_id, memberships in self._by_session.items()}


def _discard(index: dict[K, set[Membership]], key: K, membership: Membership) -> None:
    """Remove a membership from an index, and its key where it was the last."""
    group = index.get(key)
    if group is not None:
        group.discard(membership)
        if not group:
            del index[key]
