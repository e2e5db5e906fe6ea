"""Responses: the lists, pages and acknowledgements over HTTP and sockets."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from .errors import ErrorInfo
from .limits import PAGE_MAX, Limits
from .models import (
    ROOM,
    AuditEntry,
    Ban,
    Channel,
    Community,
    Counters,
    Id,
    Invite,
    Line,
    Member,
    Message,
    Moment,
    Name,
    Presence,
    Registration,
    Role,
    Session,
    User,
    Wire,
)
from .redaction import Redacted

Users = dict[str, User]


class ServerInfo(Wire):
    """The facts that a client needs before it signs in."""

    name: Name
    version: Name
    protocol: int
    registration: Registration
    limits: Limits
    generation: str = ""
    """Another one means another history: the database was restored, and known ids may stand for other messages."""


class SignedIn(Redacted, Wire):
    """A new session: its token, told this once, and whose it is."""

    token: str
    user: User


class Sessions(Wire):
    """My sessions, newest first."""

    sessions: tuple[Session, ...]
    cursor: str | UnsetType = UNSET


class ChannelEntry(Wire):
    """A channel as its member sees it in the sidebar."""

    channel: Channel
    muted: bool
    counters: Counters


class CommunityEntry(Wire):
    """A community as its member sees it in the sidebar."""

    community: Community
    role: Role
    channels: tuple[ChannelEntry, ...]
    muted_until: Moment | UnsetType = UNSET
    """Only told while it lies ahead: until then I may read here, but not write."""


class Overview(Wire):
    """Everything that paints the sidebar, in one call."""

    user: User
    users: Users
    communities: tuple[CommunityEntry, ...]
    generation: str = ""
    """See `ServerInfo`."""


class CommunityOverview(CommunityEntry, kw_only=True):
    """One community's part of the overview."""

    users: Users


class Communities(Wire):
    """My communities, in the order in which I joined them."""

    communities: tuple[Community, ...]


class Members(Wire):
    """Members of a community, by name."""

    members: Annotated[tuple[Member, ...], Meta(max_length=ROOM * PAGE_MAX)]
    cursor: str | UnsetType = UNSET


class Bans(Wire):
    """The bans of a community, newest first."""

    bans: Annotated[tuple[Ban, ...], Meta(max_length=ROOM * PAGE_MAX)]
    users: Users
    cursor: str | UnsetType = UNSET


class Audit(Wire):
    """The audit log of a community, newest first."""

    entries: Annotated[tuple[AuditEntry, ...], Meta(max_length=ROOM * PAGE_MAX)]
    users: Users
    cursor: str | UnsetType = UNSET


class UsersFound(Wire):
    """Users by their ids; unknown ones are missing."""

    users: Users


class Invites(Wire):
    """A community's invites, newest first."""

    invites: Annotated[tuple[Invite, ...], Meta(max_length=ROOM * PAGE_MAX)]
    users: Users
    cursor: str | UnsetType = UNSET


class InvitedTo(Wire):
    """A community as its invite shows it to strangers."""

    name: Name
    description: Line
    members: int


class InvitePreview(Wire):
    """An invite as whoever holds the link sees it."""

    community: InvitedTo
    inviter: Name
    """The display name of the person who made it."""
    expires_at: Moment | None


class Channels(Wire):
    """Channels by name: the public ones, and those the caller is in."""

    channels: Annotated[tuple[Channel, ...], Meta(max_length=ROOM * PAGE_MAX)]
    joined: tuple[str, ...]
    """Which of them the caller is in."""
    cursor: str | UnsetType = UNSET


class ChannelMembers(Wire):
    """People in a channel, by name."""

    members: Annotated[tuple[Member, ...], Meta(max_length=ROOM * PAGE_MAX)]
    cursor: str | UnsetType = UNSET


class MessagePage(Wire):
    """A stretch of history, oldest first."""

    messages: Annotated[tuple[Message, ...], Meta(max_length=ROOM * PAGE_MAX)]
    has_older: bool
    has_newer: bool
    rev: int
    """The channel's rev when this was read."""
    users: Users


class ChangesPage(Wire):
    """Messages that changed, ascending by rev, each once, in its present state."""

    messages: Annotated[tuple[Message, ...], Meta(max_length=ROOM * PAGE_MAX)]
    rev: int
    """How far this answer reaches."""
    more: bool
    counters: Counters
    users: Users


class Reactors(Wire):
    """Those who set one emoji under one message, the first of them first."""

    reactors: Annotated[tuple[Id, ...], Meta(max_length=ROOM * PAGE_MAX)]
    users: Users
    cursor: str | UnsetType = UNSET


class Pins(Wire):
    """A channel's pinned messages, newest first."""

    messages: Annotated[tuple[Message, ...], Meta(max_length=ROOM * PAGE_MAX)]
    users: Users


class SearchHit(Wire):
    """A message that was found; the hit stands between U+0002 and U+0003 in the snippet."""

    message: Message
    channel: Channel
    snippet: str


class SearchResults(Wire):
    """Search hits, newest first."""

    results: Annotated[tuple[SearchHit, ...], Meta(max_length=ROOM * PAGE_MAX)]
    users: Users
    cursor: str | UnsetType = UNSET


# Acknowledgements


class Written(Wire):
    """The acknowledgement of a stored `chat`."""

    chat_info: Message
    written: Literal[True] = True


class NotWritten(Wire):
    """The acknowledgement of a refused `chat`."""

    error: ErrorInfo
    written: Literal[False] = False


class Refused(Wire):
    """The acknowledgement of any other refused request."""

    error: ErrorInfo
    ok: Literal[False] = False


class Done(Wire):
    """The acknowledgement of a request that has nothing to tell."""

    ok: Literal[True] = True


class Reacted(Wire):
    """The acknowledgement of `react`."""

    chat_info: Message
    ok: Literal[True] = True


class ReadAnswer(Counters):
    """The acknowledgement of `read`."""

    ok: Literal[True] = True


class JoinedChannel(Counters):
    """A channel whose room was entered."""

    channel_id: Id


class RefusedChannel(Wire):
    """A channel whose room was not entered."""

    channel_id: Id
    error: ErrorInfo


class JoinAnswer(Wire):
    """The acknowledgement of `join`."""

    joined: tuple[JoinedChannel, ...]
    refused: tuple[RefusedChannel, ...]
    rev: int
    presence: dict[str, Presence]
    users: Users
    ok: Literal[True] = True
    generation: str = ""
    """See `ServerInfo`."""


class RefusedUser(Wire):
    """A person who was not put into a channel."""

    user_id: Id
    error: ErrorInfo


class InviteAnswer(Wire):
    """The acknowledgement of `invite-users-to-channel`."""

    invited: tuple[str, ...]
    refused: tuple[RefusedUser, ...]
    ok: Literal[True] = True
