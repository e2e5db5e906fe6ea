"""What the writer recalls of who writes where: it keeps a message from asking the database what was just answered.

All of it is kept as facts (see `Ahead`), which are forgotten as soon as anything else is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from asnity_server.api.access import Caller, caller_of_session, is_stale, place_key, standing_in_channel, touch
from asnity_server.api.permissions import Standing, allowed
from asnity_server.api.read_markers import counts_beyond
from asnity_server.db.transaction import Tx
from asnity_server.protocol.errors import NotFound

from .clock_skew import follow


def caller(tx: Tx, session_id: str, origin: str) -> Caller:
    """The owner of a session that was proven before, now known to be in use. Raises `Unauthorized` if it has ended."""
    facts = tx.ahead.facts
    key = (session_id, origin)
    found: Caller | None = facts.get(key)
    if found is None:
        found = facts[key] = caller_of_session(tx, session_id, origin)
    if is_stale(found, tx.now):
        touch(tx, found)
        del facts[key]
    return found


@dataclass(slots=True)
class Tail:
    """The end of a channel, the same for everyone who writes there."""

    last_id: int
    rev: int
    last_at: int
    sender_id: str = ""
    """Who wrote the newest messages; empty where that isn't known."""
    since_id: int = 0
    """From which message on they are all theirs."""


@dataclass(slots=True)
class Place:
    """A person in a channel, who may or may not write there."""

    user_id: str
    channel_id: str
    standing: Standing
    may_post: bool
    tail: Tail
    read_id: int | None
    """Up to where the person has read; None where others wrote what they haven't, which lasts until they have."""
    judged_at: int
    """When this was found out: a mute may hold again where time was set back behind it."""


def place_of(tx: Tx, user_id: str, channel_id: str) -> Place:
    """A person's place in a channel. Raises `NotFound` where there is no such channel."""
    facts = tx.ahead.facts
    key = place_key(user_id, channel_id)
    place: Place | None = facts.get(key)
    if place is None or 0 < place.standing.muted_until <= tx.now or tx.now < place.judged_at:
        standing = standing_in_channel(tx, user_id, channel_id)
        may_post = allowed("enter-room", standing) and allowed("post", standing)
        read_id = tx.value(
            "SELECT read_id FROM channel_members WHERE channel_id = ? AND user_id = ?", (channel_id, user_id)
        )
        place = facts[key] = Place(user_id, channel_id, standing, may_post, _tail_of(tx, channel_id), read_id, tx.now)
    return place


def _tail_of(tx: Tx, channel_id: str) -> Tail:
    facts = tx.ahead.facts
    tail: Tail | None = facts.get(channel_id)
    if tail is None:
        row = tx.one("SELECT last_id, rev, last_at FROM channels WHERE id = ?", (channel_id,))
        if row is None:
            raise NotFound("Channel not found, or you aren't in it.")
        tail = facts[channel_id] = Tail(*row)
    return tail


_TAIL = "UPDATE channels SET last_id = ?, rev = ?, last_at = ? WHERE id = ?"
_MARKER = "UPDATE channel_members SET read_id = ? WHERE channel_id = ? AND user_id = ?"


def append(tx: Tx, place: Place) -> Tail:
    """Take the next id, rev and time of a channel, inside the transaction: dense, unique, whatever else happens.

    Times don't run backwards in a channel (but see `moments`), so that a date leads to one place. One's own message is
    read, if everything before it was; devices conclude the same from the message.
    """
    tail, user_id = place.tail, place.user_id
    follows = place.read_id is not None and _has_read_all(tx, place, place.read_id)
    tail.last_id = message_id = tail.last_id + 1
    tail.rev += 1
    tail.last_at = follow(tail.last_at, tx.now)
    if user_id != tail.sender_id:
        tail.sender_id, tail.since_id = user_id, message_id
    tx.ahead.put(_TAIL, place.channel_id, (message_id, tail.rev, tail.last_at, place.channel_id))
    if follows:
        tx.ahead.put(_MARKER, (place.channel_id, user_id), (message_id, place.channel_id, user_id))
    place.read_id = message_id if follows else None
    return tail


def _has_read_all(tx: Tx, place: Place, read_id: int) -> bool:
    """Whether a person has read everything that others wrote; what is beyond `last` can only be their own."""
    tail = place.tail
    last = tail.since_id - 1 if place.user_id == tail.sender_id else tail.last_id
    return read_id >= last or not counts_beyond(tx, place.channel_id, place.user_id, read_id)
