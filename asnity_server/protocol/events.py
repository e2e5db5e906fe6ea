"""Events that the server sends by itself: their names and payloads."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from .models import (
    Channel,
    Community,
    Counters,
    Id,
    Line,
    Member,
    Message,
    Moment,
    Presence,
    Reactions,
    Role,
    User,
    Wire,
)

RemovalReason = Literal["left", "kicked", "banned", "deleted", "archived", "closed"]
EndReason = Literal["signed-out", "ended", "password-changed", "disabled", "banned", "expired"]


class ReactionChat(Wire):
    """The reactions of one message, in their present state."""

    channel_id: Id
    chat_id: int
    rev: int
    reactions: Reactions


class ReadMarker(Counters):
    """A read marker that another of my devices moved."""

    channel_id: Id
    set_back: bool


class ChannelMe(Wire):
    """My own setting of a channel, changed on another of my devices."""

    channel_id: Id
    muted: bool


class TypingNow(Wire):
    """Somebody is writing."""

    channel_id: Id
    user_id: Id


class PresenceChanges(Wire):
    """Changes of presence since the last of these events."""

    changes: dict[str, Presence]


class InvitedToChannel(Wire):
    """I am in a channel now, whichever way."""

    channel: Channel
    counters: Counters
    users: dict[str, User]


class RemovedFromChannel(Wire):
    """I am no longer in a channel, whichever way."""

    channel_id: Id
    reason: RemovalReason


class ChannelMemberChanged(Wire):
    """Somebody else is in a channel of mine now, or (without member) no longer."""

    channel_id: Id
    user_id: Id
    member: Member | None


class ChannelChanged(Channel):
    """A channel in its present state."""

    rev: int | UnsetType = UNSET
    """The community's rev, where all its members may see the channel."""
    new: bool | UnsetType = UNSET
    """Only told where it is true: the channel was just made."""
    by: Id | UnsetType = UNSET
    """The person who renamed it, set its topic, archived or revived it."""


class ChannelRemoved(Wire):
    """A channel is gone for ever."""

    channel_id: Id
    rev: int | UnsetType = UNSET


class MemberChanged(Wire):
    """A member in the present state; without role, the person is gone."""

    user: User
    role: Role | None
    joined_at: Moment | None
    rev: int
    muted_until: Moment | UnsetType = UNSET
    """Only told while it lies ahead. It ends by itself: no event says so."""
    why: Line | UnsetType = UNSET
    """The words that were given for a mute, if any were; only the person who is muted hears them."""


class CommunityAdded(Wire):
    """I am in a community now."""

    community: Community


class CommunityRemoved(Wire):
    """I am no longer in a community."""

    community_id: Id
    reason: RemovalReason
    why: Line | UnsetType = UNSET
    """The words that were given for a kick or a ban, if any were."""


class SessionEnded(Wire):
    """This connection's session is over; the socket closes behind this."""

    reason: EndReason


class Resync(Wire):
    """Something may have been missed: compare and repair."""


COMMUNITY_EVENTS: dict[str, type[Wire]] = {
    "new-chat": Message,
    "modify-chat": Message,
    "delete-chat": Message,
    "reaction-chat": ReactionChat,
    "read-marker": ReadMarker,
    "channel-me": ChannelMe,
    "typing": TypingNow,
    "presence": PresenceChanges,
    "invited-to-channel": InvitedToChannel,
    "removed-from-channel": RemovedFromChannel,
    "channel-member-changed": ChannelMemberChanged,
    "channel-changed": ChannelChanged,
    "channel-removed": ChannelRemoved,
    "member-changed": MemberChanged,
    "community-changed": Community,
    "resync": Resync,
}
"""Events of a community's namespace, by name."""

USER_EVENTS: dict[str, type[Wire]] = {
    "community-added": CommunityAdded,
    "community-removed": CommunityRemoved,
    "session-ended": SessionEnded,
}
"""Events of `/socket/user`, by name."""

EVENT_NAMES = (*COMMUNITY_EVENTS, *USER_EVENTS)
