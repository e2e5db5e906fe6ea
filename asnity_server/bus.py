"""The bus: carries committed changes from the API to the one dispatcher of every gateway.

Changes are encoded as arrays that begin with their name, since they cross links, too.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

# what `Bus` carries, for those who don't know the database
from asnity_server.db.transaction import Commit as Commit
from asnity_server.db.transaction import CommittedWork as CommittedWork
from asnity_server.db.transaction import Outcome as Outcome
from asnity_server.protocol.events import EndReason, RemovalReason
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.models import Channel, Community, Counters, Member, Message, Role, User


class MessagePosted(Struct, frozen=True, array_like=True, tag=True):
    """A message was stored. `origin` is the connection that asked, if one did."""

    message: Message
    origin: str | None


class MessageEdited(Struct, frozen=True, array_like=True, tag=True):
    """A message has new content."""

    message: Message
    origin: str | None


class MessageDeleted(Struct, frozen=True, array_like=True, tag=True):
    """A message is gone; its place stays."""

    message: Message
    origin: str | None


class ReactionsChanged(Struct, frozen=True, array_like=True, tag=True):
    """A message has other reactions."""

    message: Message
    origin: str | None


class MemberTyping(Struct, frozen=True, array_like=True, tag=True):
    """Somebody is writing in a channel at the moment. Nothing was stored."""

    channel_id: str
    user_id: str


class ReadMarkerMoved(Struct, frozen=True, array_like=True, tag=True):
    """A person's read marker is elsewhere now."""

    channel_id: str
    user_id: str
    counters: Counters
    set_back: bool
    origin: str | None


class ChannelMuted(Struct, frozen=True, array_like=True, tag=True):
    """A person wants to be told less of a channel, or as much as of others again."""

    channel_id: str
    user_id: str
    muted: bool


class ChannelEntered(Struct, frozen=True, array_like=True, tag=True):
    """A person may read a channel from here on."""

    user_id: str
    channel: Channel
    counters: Counters
    users: dict[str, User]


class ChannelExited(Struct, frozen=True, array_like=True, tag=True):
    """A person may no longer read a channel."""

    user_id: str
    channel_id: str
    reason: RemovalReason


class ChannelMemberUpdated(Struct, frozen=True, array_like=True, tag=True):
    """Somebody is in a channel from here on, or (member None) no longer. Who leaves a community leaves all of them."""

    channel_id: str
    user_id: str
    member: Member | None


class ChannelStored(Struct, frozen=True, array_like=True, tag=True):
    """A channel has a new name, topic or state. `rev` is the community's where all members may see it."""

    channel: Channel
    rev: int | None
    new: bool = False
    """It was just made."""
    by: str | None = None
    """The person who changed it."""


class ChannelDeleted(Struct, frozen=True, array_like=True, tag=True):
    """A channel is gone for ever."""

    channel_id: str
    rev: int | None


class MemberUpdated(Struct, frozen=True, array_like=True, tag=True):
    """Somebody came, got a role, or (role None) went; or is shown differently."""

    community_id: str
    user: User
    role: Role | None
    joined_at: str | None
    rev: int
    muted_until: str | None = None
    """Until when they are muted, if they are."""
    why: str = ""
    """The words that were given for it: for this person alone."""


class CommunityEntered(Struct, frozen=True, array_like=True, tag=True):
    """A person is in a community from here on."""

    user_id: str
    community: Community


class CommunityExited(Struct, frozen=True, array_like=True, tag=True):
    """A person is no longer in a community: their sockets leave its namespace."""

    user_id: str
    community_id: str
    reason: RemovalReason
    why: str = ""
    """The words that were given for it."""


class CommunityUpdated(Struct, frozen=True, array_like=True, tag=True):
    """A community has a new name, description or setting."""

    community: Community


class SessionsEnded(Struct, frozen=True, array_like=True, tag=True):
    """Sessions that are over: their live sockets close."""

    session_ids: tuple[str, ...]
    reason: EndReason


Change = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | ReactionsChanged
    | MemberTyping
    | ReadMarkerMoved
    | ChannelMuted
    | ChannelEntered
    | ChannelExited
    | ChannelMemberUpdated
    | ChannelStored
    | ChannelDeleted
    | MemberUpdated
    | CommunityEntered
    | CommunityExited
    | CommunityUpdated
    | SessionsEnded
)


_IN_CHANNEL = (
    MemberTyping,
    ReadMarkerMoved,
    ChannelMuted,
    ChannelExited,
    ChannelMemberUpdated,
    ChannelDeleted,
)


def community_of_change(change: Change) -> str | None:
    """Return the community whose people may be told of a change; None where anybody may be, wherever they are."""
    if isinstance(change, (MessagePosted, MessageEdited, MessageDeleted, ReactionsChanged)):
        return community_of(change.message.channel_id)
    if isinstance(change, _IN_CHANNEL):
        return community_of(change.channel_id)
    if isinstance(change, (ChannelEntered, ChannelStored)):
        return change.channel.community_id
    if isinstance(change, CommunityUpdated):
        return change.community.id
    return change.community_id if isinstance(change, MemberUpdated) else None


class Bus:
    """Brings every commit, in order, to the dispatcher; without one, the answers are released at once."""

    def __init__(self) -> None:
        self._receiver: Callable[[Commit], None] | None = None

    def attach(self, receiver: Callable[[Commit], None]) -> None:
        """`receiver` gets every commit from now on and releases its answers."""
        self._receiver = receiver

    def publish(self, commit: Commit) -> None:
        """Bring `commit` on its way; called on the event loop."""
        if self._receiver is not None:
            self._receiver(commit)
            return
        for work in commit.works:
            work.release()
