"""Everything we know: communities, channels, people, badges; told what happened, it answers what changed."""

from __future__ import annotations

from asnity_server.protocol.models import User

from .channel import ChannelState
from .community import CommunityState
from .outbox import Outbox


class Store:
    """The state of one account on one server. Widgets read; only the session changes it."""

    me: User | None
    """None before the first answer or cached sidebar."""
    users: dict[str, User]
    """Everyone who is named anywhere, by id."""
    communities: dict[str, CommunityState]
    """By id, in the order in which I joined them."""
    outbox: Outbox

    def channel(self, channel_id: str) -> ChannelState | None:
        """One of my channels, in whichever community."""
        raise NotImplementedError

    def name_of(self, user_id: str) -> str:
        """The display name of a person, or a placeholder while it isn't known."""
        raise NotImplementedError

    def title_of(self, channel: ChannelState) -> str:
        """A channel's name; for a direct channel the names of the others in it."""
        raise NotImplementedError
