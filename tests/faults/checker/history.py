"""Histories: everything that clients sent, were answered and were told, in the order in which they saw it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


def _again(attempt: int) -> str:
    return f" (attempt {attempt})" if attempt > 1 else ""


@dataclass(frozen=True)
class Sent:
    """A message left a client, for the first time (`attempt` 1) or again."""

    channel_id: str
    nonce: str
    attempt: int

    def __str__(self) -> str:
        return f"sent {self.nonce} to {self.channel_id}{_again(self.attempt)}"


@dataclass(frozen=True)
class Acknowledged:
    """The server said that it is stored, and as what."""

    channel_id: str
    nonce: str
    attempt: int
    message_id: int
    rev: int

    def __str__(self) -> str:
        return f"was answered that {self.nonce} is message {self.message_id}, rev {self.rev}, of {self.channel_id}"


@dataclass(frozen=True)
class Refused:
    """The server refused it, or nothing is known of it."""

    channel_id: str
    nonce: str
    attempt: int
    why: str

    def __str__(self) -> str:
        return f"was refused {self.nonce}{_again(self.attempt)}: {self.why}"


@dataclass(frozen=True)
class Told:
    """A message came by an event."""

    channel_id: str
    message_id: int
    rev: int
    nonce: str | None

    def __str__(self) -> str:
        return f"was told message {self.message_id}, rev {self.rev}, of {self.channel_id}: {self.nonce}"


@dataclass(frozen=True)
class Joined:
    """The channel's room was entered, where its rev was this."""

    channel_id: str
    rev: int
    unread: int
    read_id: int

    def __str__(self) -> str:
        return f"joined {self.channel_id} at rev {self.rev}: {self.unread} unread behind {self.read_id}"


@dataclass(frozen=True)
class Entered:
    """The community was entered, again or for the first time; its channels weren't yet."""

    community_id: str

    def __str__(self) -> str:
        return f"entered {self.community_id}"


@dataclass(frozen=True)
class Resynced:
    """The server said that something may have been missed in a community."""

    community_id: str

    def __str__(self) -> str:
        return f"was told to compare {self.community_id}"


@dataclass(frozen=True)
class Removed:
    """The server said that one is out of a community."""

    community_id: str

    def __str__(self) -> str:
        return f"was told that it is out of {self.community_id}"


@dataclass(frozen=True)
class SessionOver:
    """The server said that the session has ended."""

    def __str__(self) -> str:
        return "was told that its session has ended"


@dataclass(frozen=True)
class Lost:
    """The connection was lost."""

    def __str__(self) -> str:
        return "lost its connection"


Event: TypeAlias = Sent | Acknowledged | Refused | Told | Entered | Joined | Resynced | Removed | SessionOver | Lost


@dataclass(frozen=True)
class Entry:
    """One thing that one client saw, on one of its connections."""

    place: int
    """Its place among all entries of the run."""
    client: str
    connection: int
    event: Event

    def __str__(self) -> str:
        return f"{self.place:>6} {self.client} (connection {self.connection}) {self.event}"


@dataclass
class History:
    """All entries of a run."""

    entries: list[Entry] = field(default_factory=list)

    def note(self, client: str, connection: int, event: Event) -> None:
        """Add an entry."""
        self.entries.append(Entry(len(self.entries), client, connection, event))

    def connections(self) -> Iterator[tuple[str, list[Entry]]]:
        """Yield the entries of each connection of each client."""
        found: dict[tuple[str, int], list[Entry]] = {}
        for entry in self.entries:
            found.setdefault((entry.client, entry.connection), []).append(entry)
        for (client, _), entries in found.items():
            yield client, entries

    def of(self, *kinds: type[Event]) -> Iterable[Entry]:
        """Yield the entries of some kinds."""
        return (each for each in self.entries if isinstance(each.event, kinds))


@dataclass(frozen=True)
class StoredMessage:
    """A message as the database has it."""

    channel_id: str
    message_id: int
    rev: int
    nonce: str | None
    sender_id: str
    content: str
    counts: bool = True
    """Whether it is one that makes a channel unread."""

    def __str__(self) -> str:
        return f"message {self.message_id}, rev {self.rev}, of {self.channel_id}: {self.nonce}"


@dataclass(frozen=True)
class View:
    """The messages of a channel and the counters, as a client has them after everything is quiet."""

    client: str
    user_id: str
    channel_id: str
    messages: dict[int, str]
    """Contents by id."""
    read_id: int
    unread: int


@dataclass(frozen=True)
class Violation:
    """A promise that was broken, and the shortest part of the history that shows it."""

    promise: str
    entries: tuple[Entry, ...]
    stored: tuple[StoredMessage, ...] = ()

    def __str__(self) -> str:
        lines = [self.promise, *(f"    {each}" for each in self.entries)]
        return "\n".join([*lines, *(f"    in the database: {each}" for each in self.stored)])
