"""The fake server's records, a clock that stands still, ids that count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from msgspec import UNSET

from asnity_server.protocol import ids, times
from asnity_server.protocol.models import AuditEntry, Ban, Channel, Community, Kind, Message, Role, User

START = times.from_wire("2026-11-20T10:00:00.000Z")


class FakeClock:
    """Milliseconds since 1970 that move only when told to."""

    def __init__(self, now: int = START) -> None:
        self._now = now

    def now(self) -> int:
        """The present, in milliseconds since 1970."""
        return self._now

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let time pass (negative: a clock that was set back)."""
        self._now += round(1000 * (seconds + 60 * (minutes + 60 * (hours + 24 * days))))


class FakeIds:
    """Ids in the form of the real ones that say what they name and count up: `useraaaaaaab`."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def new(self, kind: str, length: int = 12) -> str:
        """The next id of a `kind` (at most 8 lower-case letters)."""
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        digits = ""
        while count:
            count, digit = divmod(count, 32)
            digits = ids.ALPHABET[digit] + digits
        return kind + digits.rjust(length - len(kind), ids.ALPHABET[0])


@dataclass(eq=False)
class Account:
    """Somebody who can sign in."""

    id: str
    username: str
    display_name: str
    password: str
    status_text: str = ""
    disabled: bool = False

    def as_user(self, *, former: bool = False) -> User:
        return User(
            id=self.id,
            username=self.username,
            display_name=self.display_name,
            status_text=self.status_text,
            former=former,
            disabled=self.disabled,
        )


@dataclass(eq=False)
class SessionRecord:
    """A device where an account is signed in."""

    id: str
    token: str
    account: Account
    device: str
    created_at: int
    last_seen_at: int


@dataclass
class Membership:
    """A member as the community knows them."""

    role: Role
    joined_at: int


@dataclass
class InviteRecord:
    """A link into a community."""

    code: str
    community_id: str
    creator_id: str
    created_at: int
    expires_at: int | None
    max_uses: int | None
    channel_id: str | None
    uses: int = 0


@dataclass(eq=False)
class CommunityRecord:
    """A community with everything in it but the messages."""

    id: str
    name: str
    description: str
    created_at: int
    rev: int = 0
    invites_by: Literal["members", "admins"] = "members"
    members: dict[str, Membership] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)
    """Who left, and how they were called when they did."""
    channel_ids: list[str] = field(default_factory=list)
    invites: dict[str, InviteRecord] = field(default_factory=dict)
    muted: dict[str, int] = field(default_factory=dict)
    """Until when people can't write, whether they are still here or not."""
    bans: dict[str, Ban] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)

    def as_community(self) -> Community:
        return Community(
            id=self.id,
            name=self.name,
            description=self.description,
            rev=self.rev,
            created_at=times.to_wire(self.created_at),
            invites_by=self.invites_by,
        )


@dataclass
class Seat:
    """One person's place in a channel."""

    read_id: int = 0
    muted: bool = False


@dataclass(eq=False)
class ChannelRecord:
    """A channel with its messages; `messages[n]` has the id n + 1."""

    id: str
    community_id: str
    kind: Kind
    name: str
    topic: str
    created_at: int
    archived: bool = False
    rev: int = 0
    seats: dict[str, Seat] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    people: tuple[str, ...] = ()
    """Direct channels only: whom it was made for."""
    left: set[str] = field(default_factory=set)
    """Those of them who left it for good."""
    mutes: set[str] = field(default_factory=set)
    """Those of them who muted it, whether they list it or not."""
    reactors: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    """By message and emoji: who set it, oldest first."""
    pins: list[int] = field(default_factory=list)

    @property
    def last_id(self) -> int:
        return len(self.messages)

    def as_channel(self) -> Channel:
        return Channel(
            id=self.id,
            community_id=self.community_id,
            kind=self.kind,
            name=self.name,
            topic=self.topic,
            archived=self.archived,
            created_at=times.to_wire(self.created_at),
            members=tuple(each for each in self.people if each not in self.left) or UNSET,
        )


@dataclass(frozen=True)
class Receipt:
    """The use of a nonce, and the message that came of it."""

    request: tuple[object, ...]
    channel_id: str
    chat_id: int
