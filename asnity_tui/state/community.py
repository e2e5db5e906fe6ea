"""One of my communities: what it is, my channels in it, who is there."""

from __future__ import annotations

from asnity_server.protocol.models import Community, Member, Presence, Role

from .channel import ChannelState
from .unread import Badge


class CommunityState:
    """One of my communities. Widgets read; only the store changes it."""

    community: Community
    role: Role
    channels: dict[str, ChannelState]
    """By id; public and private ones by name, then direct ones."""
    presence: dict[str, Presence]
    """By user id; who isn't in it is offline."""
    members: dict[str, Member] | None
    """By user id; None until somebody asked for the list (`session.load_members`)."""
    former: set[str]
    """Ids of people that are named here and have left."""
    joined: bool
    """Its namespace is connected and its counters are compared: what it shows is live."""

    @property
    def id(self) -> str:
        """The community's id."""
        raise NotImplementedError

    @property
    def badge(self) -> Badge:
        """What its place in the rail shows: mentions and direct messages as a count, other unread as a dot."""
        raise NotImplementedError
