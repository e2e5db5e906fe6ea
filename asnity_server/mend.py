"""Mending: what a gateway asks about those who sit there after its stream broke, and what the API answers."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from asnity_server.protocol.events import RemovalReason
from asnity_server.protocol.models import Community

SLICE = 50
"""Communities in one request at most."""

Id = Annotated[str, Meta(max_length=64)]


class SeatedCommunity(Struct, frozen=True, array_like=True):
    """A community in whose namespace somebody has a seat, and what they were told last."""

    community_id: Id
    rev: int
    users: tuple[Id, ...]
    channels: dict[Id, int]
    """The rev last told of each channel that somebody here is in."""


class MendRequest(Struct, frozen=True, array_like=True):
    """A request for what still holds, about a slice of the communities and people of a gateway."""

    since: int
    """The API's time (milliseconds) at which the gateway was last told everything."""
    communities: Annotated[tuple[SeatedCommunity, ...], Meta(max_length=SLICE)] = ()
    people: tuple[Id, ...] = ()
    """People with a seat in their own namespace."""


class MendedCommunity(Struct, frozen=True, array_like=True):
    """A community as it is now, as far as it concerns those who sit there."""

    community_id: Id
    rev: int
    """-1 where the community is gone."""
    expelled: dict[Id, RemovalReason]
    """Those of the people who are no members any more."""
    allowed: dict[Id, tuple[Id, ...]]
    """The channels that each of the others may be in."""
    moved: dict[Id, int]
    """The channels whose rev is another, and the rev; -1 where the channel is gone."""
    marked: tuple[tuple[Id, Id, bool], ...]
    """Whose read marker or mute moved since, in which channel, and whether they mute it."""


class MendAnswer(Struct, frozen=True, array_like=True):
    """All that holds now, of what was asked."""

    communities: tuple[MendedCommunity, ...] = ()
    gained: tuple[tuple[Id, Community], ...] = ()
    """Memberships that began since: whose, and of which community."""
