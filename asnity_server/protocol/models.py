"""The things that people see: users, communities, channels, members, messages, counters."""

from __future__ import annotations

from typing import Any, Literal, dataclass_transform

import msgspec
from msgspec import UNSET, UnsetType

Role = Literal["member", "admin", "owner"]
Kind = Literal["public", "private", "direct"]
MessageType = Literal["TEXT", "SYSTEM"]
Presence = Literal["online", "away", "offline"]
Registration = Literal["open", "invite", "closed"]


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

    id: str
    username: str
    display_name: str
    status_text: str
    former: bool = False
    """Only told where it is true: this person has left the community that is asked about."""
    disabled: bool = False
    """Only told where it is true: nobody can sign in with this account."""


class Member(Wire):
    """A user in a community."""

    user: User
    role: Role
    joined_at: str
    muted_until: str | UnsetType = UNSET
    """Only told while it lies ahead: until then the member may read, but not write."""


class Ban(Wire):
    """A person who can't come into a community by any way, until somebody lifts it."""

    user_id: str
    by_id: str
    """Who banned them."""
    reason: str
    """As it was given; empty where none was."""
    created_at: str


class AuditEntry(Wire):
    """One thing that somebody did to others by the rights of a role."""

    id: int
    """Counts 1, 2, 3 … in a community."""
    at: str
    actor_id: str
    action: str
    """What was done; a client shows one that it doesn't know as it is."""
    target_id: str | None
    """To whom."""
    channel_id: str | None
    """Where; the channel may be gone."""
    chat_id: int | None
    until: str | None
    """For how long, where it was for a time."""
    detail: str
    """The reason that was given, the role, the name; never what a message said."""


class Community(Wire):
    """A group of people with its channels."""

    id: str
    name: str
    description: str
    rev: int
    """Steps with everything that all members may see: settings, roles, members, public channels."""
    created_at: str
    invites_by: Literal["members", "admins"]
    """Who may make invites; owners and admins always may."""


class Channel(Wire):
    """A place in a community where messages are written."""

    id: str
    community_id: str
    kind: Kind
    name: str
    """Empty for direct channels, which are named by their members."""
    topic: str
    archived: bool
    created_at: str
    members: tuple[str, ...] | UnsetType = UNSET
    """Direct channels only: the ids of everyone in it."""


class Counters(Wire):
    """Where a channel stands for one person."""

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
    users: tuple[str, ...]
    """The first of them (`limits.REACTION_USERS`), oldest first."""


class Message(Wire):
    """One message of a channel; `chatInfo` on the wire."""

    id: int
    channel_id: str
    community_id: str
    sender_id: str
    type: MessageType
    content: str
    created_at: str
    updated_at: str
    """Moves with the content only."""
    deleted_at: str | None
    rev: int
    """The channel's rev at this message's last change of any kind."""
    nonce: str | None
    """Always that of the creation."""
    reply_to: int | None
    mentions: tuple[str, ...]
    mentions_all: bool
    reactions: dict[str, Reaction]
    pinned: bool


class Session(Wire):
    """A device where an account is signed in."""

    id: str
    device: str
    created_at: str
    last_seen_at: str
    current: bool


class Invite(Wire):
    """A link that lets people into a community."""

    code: str
    url: str
    community_id: str
    channel_id: str | None
    creator_id: str
    created_at: str
    expires_at: str | None
    max_uses: int | None
    uses: int
