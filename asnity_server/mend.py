"""Mending: what a gateway asks about those who sit there after its stream broke, and what the API answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from asnity_server.protocol.events import RemovalReason
from asnity_server.protocol.models import Channel, Community

SLICE = 50
"""Communities in one request at most."""
SEATS = 200
"""People in all communities of one request at which no further community is added, one who sits in several counted for
each: all that they may be in is looked up while others wait."""
CHANNELS = 10_000
"""Channels that these people are in, likewise."""
USERS = 100_000
"""People in all communities of one request at most."""
ROOMS = 250_000
"""Channels in all communities of one request at most: a frame must fit into what may wait for a link."""
PEOPLE = 500
"""People with a seat in their own namespace in one request at most."""

Id = Annotated[str, Meta(max_length=64)]


class SeatedCommunity(Struct, frozen=True, array_like=True):
    """A community in whose namespace somebody has a seat, and what they were told last."""

    community_id: Id
    rev: int
    users: tuple[Id, ...]
    channels: dict[Id, int]
    """The rev last told of each channel that any of these people is in."""


class MendRequest(Struct, frozen=True, array_like=True):
    """A request for what still holds, about a slice of the communities and people of a gateway."""

    since: int
    """The API's time (milliseconds) of the last commit that the gateway was told, or knows not to be meant for it."""
    communities: Annotated[tuple[SeatedCommunity, ...], Meta(max_length=SLICE)] = ()
    people: Annotated[tuple[Id, ...], Meta(max_length=PEOPLE)] = ()
    """People with a seat in their own namespace."""

    def __post_init__(self) -> None:
        """Raise `ValueError` where it asks for too much at once."""
        if sum(len(each.users) for each in self.communities) > USERS:
            raise ValueError(f"a request names at most {USERS} people of communities")
        if sum(len(each.channels) for each in self.communities) > ROOMS:
            raise ValueError(f"a request names at most {ROOMS} channels")

    def limited_to(self, proven: Callable[[str], bool]) -> MendRequest:
        """Return the part of it that is about those of whom a session is `proven`."""
        communities = tuple(
            replace(each, users=tuple(user_id for user_id in each.users if proven(user_id)))
            for each in self.communities
        )
        return MendRequest(self.since, communities, tuple(each for each in self.people if proven(each)))


class MendedCommunity(Struct, frozen=True, array_like=True):
    """A community as it is now, as far as it concerns those who sit there."""

    community_id: Id
    rev: int
    """-1 where none of the people is a member."""
    expelled: dict[Id, RemovalReason]
    """Those of the people who are no members any more, or never were."""
    channels: tuple[Id, ...]
    """All channels that any of the others may be in."""
    allowed: dict[Id, tuple[int, ...]]
    """The channels that each of the others may be in, by their places in `channels`."""
    moved: dict[Id, int]
    """The rev of each channel asked about that any of them may be in, where it is another, or where the channel's name,
    state or people changed since."""
    marked: tuple[tuple[Id, Id, bool], ...]
    """Whose read marker or mute moved since, in which channel, and whether they mute it."""
    changed: tuple[Channel, ...] = ()
    """Private and direct channels among those that moved whose name, state or people changed since: comparing shows a
    client what was written in them, and whether a public channel changed."""

    def allowed_to(self, user_id: str) -> set[str]:
        """Return the channels that somebody may be in."""
        return {self.channels[place] for place in self.allowed.get(user_id, ())}


class MendAnswer(Struct, frozen=True, array_like=True):
    """All that holds now, of what was asked."""

    communities: tuple[MendedCommunity, ...] = ()
    gained: tuple[tuple[Id, Community], ...] = ()
    """Memberships that began since: whose, and of which community."""
    lost: tuple[tuple[Id, Id, RemovalReason], ...] = ()
    """Memberships that ended since: whose, of which community, and why. One that is deleted tells nobody any more."""
