"""Names of rooms, and our own index of who sits where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

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
    waiting: int = 0
    """Requests that are not answered yet."""


class Rooms:
    """Finds seats by connection, by person and by session; leaving costs by what one is in."""

    def __init__(self) -> None:
        self._by_link: dict[str, dict[str, Seat]] = {}
        self._by_user: dict[str, set[Seat]] = {}
        self._by_session: dict[str, set[Seat]] = {}
        self._by_namespace: dict[str, set[Seat]] = {}

    def add(self, seat: Seat) -> None:
        """A connection is in a namespace from here on."""
        self._by_link.setdefault(seat.link, {})[seat.namespace] = seat
        for index, key in self._places(seat):
            index.setdefault(key, set()).add(seat)

    def remove(self, seat: Seat) -> None:
        """A connection is in a namespace no more."""
        seats = self._by_link.get(seat.link, {})
        if seats.get(seat.namespace) is seat:
            del seats[seat.namespace]
            if not seats:
                del self._by_link[seat.link]
        for index, key in self._places(seat):
            group = index.get(key)
            if group is not None:
                group.discard(seat)
                if not group:
                    del index[key]

    def _places(self, seat: Seat) -> Iterator[tuple[dict[str, set[Seat]], str]]:
        yield self._by_user, seat.user_id
        yield self._by_session, seat.session_id
        yield self._by_namespace, seat.namespace

    def seat(self, link: str, namespace: str) -> Seat | None:
        """A connection's place in a namespace, if it has one."""
        seats = self._by_link.get(link)
        return None if seats is None else seats.get(namespace)

    def of_link(self, link: str) -> list[Seat]:
        """All places of a connection."""
        return list(self._by_link.get(link, {}).values())

    def of_user(self, user_id: str, namespace: str | None = None) -> list[Seat]:
        """All places of a person, or those in one namespace."""
        seats = self._by_user.get(user_id, ())
        return [seat for seat in seats if namespace is None or seat.namespace == namespace]

    def of_sessions(self, session_ids: Iterable[str]) -> list[Seat]:
        """All places of some sessions."""
        return [seat for session_id in session_ids for seat in self._by_session.get(session_id, ())]

    def in_namespace(self, namespace: str) -> list[Seat]:
        """All places in a namespace."""
        return list(self._by_namespace.get(namespace, ()))

    def sessions(self) -> dict[str, str]:
        """All sessions that have a place, and whose each is."""
        return {session_id: next(iter(seats)).user_id for session_id, seats in self._by_session.items()}
