"""Names of rooms, and our own index of who sits where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

K = TypeVar("K")

MEMBERS = "members"
"""Everyone in a community's namespace. Never the bare namespace: that would reach who isn't authorised yet."""


def room_of_channel(channel_id: str) -> str:
    """Those who may read a channel."""
    return f"channel:{channel_id}"


def room_of_user(user_id: str) -> str:
    """A person's own sockets."""
    return f"user:{user_id}"


@dataclass(eq=False, slots=True)
class Seat:
    """One connection's place in one namespace, whose it is, and the rooms that it is in."""

    link: str
    namespace: str
    user_id: str
    session_id: str
    community_id: str | None
    """None in the namespace that concerns the person alone."""
    rooms: set[str] = field(default_factory=set)


class Rooms:
    """Finds seats by connection, by person in a namespace and by session; leaving costs by what one is in."""

    def __init__(self) -> None:
        self._by_link: dict[str, dict[str, Seat]] = {}
        self._by_user: dict[tuple[str, str], set[Seat]] = {}
        self._by_session: dict[str, set[Seat]] = {}
        self._by_namespace: dict[str, set[Seat]] = {}

    def add(self, seat: Seat) -> None:
        """A connection is in a namespace from here on."""
        self._by_link.setdefault(seat.link, {})[seat.namespace] = seat
        self._by_user.setdefault((seat.user_id, seat.namespace), set()).add(seat)
        self._by_session.setdefault(seat.session_id, set()).add(seat)
        self._by_namespace.setdefault(seat.namespace, set()).add(seat)

    def remove(self, seat: Seat) -> None:
        """A connection is in a namespace no more."""
        seats = self._by_link.get(seat.link, {})
        if seats.get(seat.namespace) is seat:
            del seats[seat.namespace]
            if not seats:
                del self._by_link[seat.link]
        _discard(self._by_user, (seat.user_id, seat.namespace), seat)
        _discard(self._by_session, seat.session_id, seat)
        _discard(self._by_namespace, seat.namespace, seat)

    def seat(self, link: str, namespace: str) -> Seat | None:
        """A connection's place in a namespace, if it has one."""
        seats = self._by_link.get(link)
        return None if seats is None else seats.get(namespace)

    def of_link(self, link: str) -> list[Seat]:
        """All places of a connection."""
        return list(self._by_link.get(link, {}).values())

    def of_user(self, user_id: str, namespace: str) -> list[Seat]:
        """All places of a person in one namespace: as many as they have devices, wherever else they are."""
        return list(self._by_user.get((user_id, namespace), ()))

    def of_sessions(self, session_ids: Iterable[str]) -> list[Seat]:
        """All places of some sessions."""
        return [seat for session_id in session_ids for seat in self._by_session.get(session_id, ())]

    def in_namespace(self, namespace: str) -> list[Seat]:
        """All places in a namespace."""
        return list(self._by_namespace.get(namespace, ()))

    def sessions(self) -> dict[str, str]:
        """All sessions that have a place, and whose each is."""
        return {session_id: next(iter(seats)).user_id for session_id, seats in self._by_session.items()}


def _discard(index: dict[K, set[Seat]], key: K, seat: Seat) -> None:
    """Take a seat out of an index, and its key where it was the last."""
    group = index.get(key)
    if group is not None:
        group.discard(seat)
        if not group:
            del index[key]
