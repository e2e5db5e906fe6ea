"""Models that clients see: users, communities, channels, members, messages and counters."""

from __future__ import annotations

from typing import Annotated, Any, Literal, dataclass_transform

import msgspec
from msgspec import UNSET, Meta, UnsetType

from . import limits

Role = Literal["member", "admin", "owner"]
Kind = Literal["public", "private", "direct"]
MessageType = Literal["TEXT", "SYSTEM"]
Presence = Literal["online", "away", "offline"]
Registration = Literal["open", "invite", "closed"]

ROOM = 2
"""So many times as long as here something may come from a server: a later version may allow more than this one does."""

Id = Annotated[str, Meta(max_length=64)]
Moment = Annotated[str, Meta(max_length=64)]
Name = Annotated[str, Meta(max_length=ROOM * max(limits.USERNAME, limits.DISPLAY_NAME, limits.CHANNEL_NAME))]
Line = Annotated[str, Meta(max_length=ROOM * max(limits.DESCRIPTION, limits.TOPIC, limits.STATUS_TEXT, limits.REASON))]
Content = Annotated[str, Meta(max_length=ROOM * limits.CONTENT)]
Emoji = Annotated[str, Meta(max_length=ROOM * limits.EMOJI)]
Mentions = Annotated[tuple[Id, ...], Meta(max_length=ROOM * limits.CONTENT // 4)]
"""A mention is four characters at least, the space included."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class WireMeta(msgspec.StructMeta):
    """Makes every struct of the wire frozen, keyword-only and camelCase outside, its subclasses included."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        options = {"frozen": True, "kw_only": True, "rename": "camel", **options}
        return super().__new__(mcls, name, bases, namespace, **options)


class Wire(msgspec.Struct, metaclass=WireMeta):
    """A struct of the wire; unknown fields are ignored on receipt."""


class User(Wire, omit_defaults=True):
    """An account as others see it."""

    id: Id
    username: Name
    display_name: Name
    status_text: Line
    former: bool = False
    """Only told where it is true: this person has left the community that is asked about."""
    disabled: bool = False
    """Only told where it is true: nobody can sign in with this account."""


class Member(Wire):
    """A user in a community."""

    user: User
    role: Role
    joined_at: Moment
    muted_until: Moment | UnsetType = UNSET
    """Only told while it lies ahead: until then the member may read, but not write."""


class Ban(Wire):
    """A person who can't come into a community by any way, until somebody lifts it."""

    user_id: Id
    by_id: Id
    """The person who banned them."""
    reason: Line
    """As it was given; empty where none was."""
    created_at: Moment


class AuditEntry(Wire):
    """One thing that somebody did to others by the rights of a role."""

    id: int
    """Counts 1, 2, 3 … in a community."""
    at: Moment
    actor_id: Id
    action: Id
    """The action; a client shows one that it doesn't know as it is."""
    target_id: Id | None
    """To whom."""
    channel_id: Id | None
    """The channel, which may be gone."""
    chat_id: int | None
    until: Moment | None
    """For how long, where it was for a time."""
    detail: Line
    """The reason that was given, the role, the name; never what a message said."""


class Community(Wire):
    """A group of people with its channels."""

    id: Id
    name: Name
    description: Line
    rev: int
    """Steps with everything that all members may see: settings, roles, members, public channels."""
    created_at: Moment
    invites_by: Literal["members", "admins"]
    """The roles that may create invites; owners and admins always may."""


class Channel(Wire):
    """A place in a community where messages are written."""

    id: Id
    community_id: Id
    kind: Kind
    name: Name
    """Empty for direct channels, which are named by their members."""
    topic: Line
    archived: bool
    created_at: Moment
    members: Annotated[tuple[Id, ...], Meta(max_length=ROOM * limits.DIRECT_MAX)] | UnsetType = UNSET
    """Direct channels only: the ids of everyone in it."""


class Counters(Wire):
    """The counters of a channel for one person."""

    last_id: int
    rev: int
    read_id: int
    unread: int
    """At most `limits.COUNT_CAP`."""
    mentions: int
    """At most `limits.COUNT_CAP`."""


class Reaction(Wire):
    """One emoji under a message."""

    count: int
    users: Annotated[tuple[Id, ...], Meta(max_length=ROOM * limits.REACTION_USERS)]
    """The first of them (`limits.REACTION_USERS`), oldest first."""


Reactions = Annotated[dict[Emoji, Reaction], Meta(max_length=ROOM * limits.REACTIONS)]


class Message(Wire):
    """One message of a channel; `chatInfo` on the wire."""

    id: int
    channel_id: Id
    community_id: Id
    sender_id: Id
    type: MessageType
    content: Content
    created_at: Moment
    updated_at: Moment
    """Moves with the content only."""
    deleted_at: Moment | None
    rev: int
    """The channel's rev at this message's last change of any kind."""
    nonce: Annotated[str, Meta(max_length=ROOM * limits.NONCE)] | None
    """Always that of the creation."""
    reply_to: int | None
    mentions: Mentions
    mentions_all: bool
    reactions: Reactions
    pinned: bool


class Session(Wire):
    """A device where an account is signed in."""

    id: Id
    device: Name
    created_at: Moment
    last_seen_at: Moment
    current: bool


class Invite(Wire):
    """A link that lets people into a community."""

    code: Id
    url: Annotated[str, Meta(max_length=2048)]
    community_id: Id
    channel_id: Id | None
    creator_id: Id
    created_at: Moment
    expires_at: Moment | None
    max_uses: int | None
    uses: int
