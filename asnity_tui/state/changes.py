"""Changes of the state: facts for the screen to draw again, and needs for the session to request."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from asnity_server.protocol.events import EndReason, RemovalReason
from asnity_server.protocol.models import Role


class Fact(msgspec.Struct, frozen=True):
    """Something that may be on the screen is different now. Hashable, so that a burst can be told once."""


class CommunitiesChanged(Fact, frozen=True):
    """The list of communities, or its order."""


class CommunityChanged(Fact, frozen=True):
    """A community's name, my role in it, its list of channels, or its badge."""

    community_id: str


class CommunityLive(Fact, frozen=True):
    """A community's namespace is connected (again) and its counters are compared."""

    community_id: str


class ChannelUpdated(Fact, frozen=True):
    """A channel's name, topic, archive or mute flag, or its counts (and so its badge)."""

    channel_id: str


class TimelineChanged(Fact, frozen=True):
    """The rows of a channel's timeline: ask `items()` again."""

    channel_id: str


class MessageArrived(Fact, frozen=True):
    """A message of somebody else has just come in (never told for history that is loaded or caught up with)."""

    channel_id: str
    message_id: int
    to_me: bool
    """It mentions me, or stands in a direct channel."""


class TypingChanged(Fact, frozen=True):
    """Somebody began or stopped typing in a channel."""

    channel_id: str


class PresenceChanged(Fact, frozen=True):
    """Somebody's presence in a community changed."""

    community_id: str


class UsersChanged(Fact, frozen=True):
    """Names of people (`store.users`); whoever shows a name draws it again."""


class MembersChanged(Fact, frozen=True):
    """A community's list of members, where it is loaded."""

    community_id: str


class PeopleChanged(Fact, frozen=True):
    """The loaded list of people in a channel changed."""

    channel_id: str


class OutboxChanged(Fact, frozen=True):
    """Entries of the outbox were added, changed or removed."""


class EntrySettled(Fact, frozen=True):
    """A message, edit or deletion is confirmed; its entry is gone from the outbox."""

    nonce: str


class EntryFailed(Fact, frozen=True):
    """A message, edit or deletion was refused for good; its entry is in the outbox and says why."""

    nonce: str


class DraftChanged(Fact, frozen=True):
    """A channel's draft was begun, or is gone (not told for each letter)."""

    channel_id: str


class ChannelLost(Fact, frozen=True):
    """I am no longer in a channel; it is gone from the store. `name` is for a sentence to the person."""

    community_id: str
    channel_id: str
    name: str
    reason: RemovalReason | None
    """None where it happened while nobody told us."""
    place: str = ""
    """Its name with its sign."""


class ChannelGained(Fact, frozen=True):
    """I am in a public or private channel since now, whoever brought me there."""

    community_id: str
    channel_id: str


class ChannelAppeared(Fact, frozen=True):
    """Somebody made a public channel; I am not in it."""

    community_id: str
    channel_id: str
    name: str


class ChannelRenamed(Fact, frozen=True):
    """A channel of mine has another name."""

    channel_id: str
    before: str
    by_id: str | None
    """Who did it, where the server says so."""


class RoleChanged(Fact, frozen=True):
    """I have another role in a community."""

    community_id: str
    role: Role


class MuteChanged(Fact, frozen=True):
    """I may not write in a community until a moment (milliseconds since 1970), or (0) may again."""

    community_id: str
    until: int
    why: str


class CommunityLost(Fact, frozen=True):
    """I am no longer in a community; it is gone from the store with all its channels."""

    community_id: str
    name: str
    reason: RemovalReason | None
    why: str = ""
    """What whoever did it said about it."""


class ConnectionChanged(Fact, frozen=True):
    """`session.connection` has news: the status, the next attempt, or the round trip."""


class SignedOut(Fact, frozen=True):
    """The token is no longer good; what is unsent waits until this account signs in again."""

    reason: EndReason | None


class Restored(Fact, frozen=True):
    """The server was put back to a backup: all that was held is void, and ids may stand for other messages now."""


class Notice(Fact, frozen=True):
    """A sentence for the person that belongs to no row."""

    text: str
    severity: Literal["information", "warning", "error"] = "information"


class Need(msgspec.Struct, frozen=True):
    """A question that the session must put to the server; asking once answers any number of the same."""


class NeedChanges(Need, frozen=True):
    """A channel's timeline is behind: after a moment's wait, ask `changes` for the id ranges held."""

    channel_id: str


class NeedCounters(Need, frozen=True):
    """A channel's counts are behind or uncertain: ask for its counters."""

    channel_id: str


class NeedCommunity(Need, frozen=True):
    """A community's rev or its set of channels differs from what is held: ask for its overview."""

    community_id: str


class NeedOverview(Need, frozen=True):
    """The set of communities is uncertain: ask for the whole overview."""


class NeedEnter(Need, frozen=True):
    """I am in a community that isn't connected: enter its namespace, and join."""

    community_id: str


class NeedCompare(Need, frozen=True):
    """Something may have been missed in a community: join again, to compare."""

    community_id: str


class NeedUsers(Need, frozen=True):
    """People are named that are not known."""

    community_id: str
    ids: tuple[str, ...]


class NeedMembers(Need, frozen=True):
    """A community's list of members may be wrong: somebody may have come or gone while nobody told us."""

    community_id: str


class NeedPeople(Need, frozen=True):
    """A channel's list of people may be wrong, for the same reason."""

    channel_id: str


Change: TypeAlias = Fact | Need
Changes: TypeAlias = tuple[Change, ...]

NOTHING: Changes = ()


_LEFT: dict[str, str] = {"left": "You left", "kicked": "You were removed from", "banned": "You were banned from"}
_ENDED: dict[str, str] = {"deleted": "was deleted", "archived": "was archived", "closed": "was closed"}


def describe_removal(name: str, reason: RemovalReason | None) -> str:
    """Say why I am no longer in it, without a full stop; without a `reason` only that it is so."""
    if reason in _LEFT:
        return f"{_LEFT[reason]} {name}"
    return f"{name} {_ENDED[reason]}" if reason in _ENDED else f"You are no longer in {name}"
