"""Caches callers, channel access and channel tails between works, so that posting a message reads nothing twice.

All of it is kept in the writer's cache (see `WriteBuffer`), which is dropped as soon as anything else is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from asnity_server.api.access import Caller, access_key, is_stale, load_caller_by_session, load_standing, touch
from asnity_server.api.permissions import Standing, allowed
from asnity_server.api.read_markers import counts_beyond
from asnity_server.db.transaction import WriteTx
from asnity_server.protocol.errors import NotFound

from .clock_skew import follow


def cached_caller(tx: WriteTx, session_id: str, origin: str) -> Caller:
    """Return the owner of a session, now known to be in use. Raises `Unauthorized` if it has ended."""
    cached = tx.buffer.cached
    key = (session_id, origin)
    found: Caller | None = cached.get(key)
    if found is None:
        found = cached[key] = load_caller_by_session(tx, session_id, origin)
    if is_stale(found, tx.now):
        touch(tx, found)
        del cached[key]
    return found


@dataclass(slots=True)
class ChannelTail:
    """The newest message's numbers in a channel, the same for everyone who writes there."""

    last_id: int
    rev: int
    last_at: int
    sender_id: str = ""
    """The sender of the newest messages; empty where that isn't known."""
    since_id: int = 0
    """From which message on they are all theirs."""


@dataclass(slots=True)
class ChannelAccess:
    """A person's access to a channel, where they may or may not write."""

    user_id: str
    channel_id: str
    standing: Standing
    may_post: bool
    tail: ChannelTail
    read_id: int | None
    """Up to where the person has read; None where others wrote what they haven't, which lasts until they have."""
    judged_at: int
    """When this was found out: a mute may hold again where time was set back behind it."""


def channel_access(tx: WriteTx, user_id: str, channel_id: str) -> ChannelAccess:
    """Return a person's access to a channel. Raises `NotFound` where there is no such channel."""
    cached = tx.buffer.cached
    key = access_key(user_id, channel_id)
    access: ChannelAccess | None = cached.get(key)
    if access is None or 0 < access.standing.muted_until <= tx.now or tx.now < access.judged_at:
        standing = load_standing(tx, user_id, channel_id)
        may_post = allowed("enter-room", standing) and allowed("post", standing)
        read_id = tx.value(
            "SELECT read_id FROM channel_members WHERE channel_id = ? AND user_id = ?", (channel_id, user_id)
        )
        access = cached[key] = ChannelAccess(
            user_id, channel_id, standing, may_post, _tail_of(tx, channel_id), read_id, tx.now
        )
    return access


def _tail_of(tx: WriteTx, channel_id: str) -> ChannelTail:
    cached = tx.buffer.cached
    tail: ChannelTail | None = cached.get(channel_id)
    if tail is None:
        row = tx.one("SELECT last_id, rev, last_at FROM channels WHERE id = ?", (channel_id,))
        if row is None:
            raise NotFound("Channel not found, or you aren't in it.")
        tail = cached[channel_id] = ChannelTail(*row)
    return tail


_TAIL = "UPDATE channels SET last_id = ?, rev = ?, last_at = ? WHERE id = ?"
_MARKER = "UPDATE channel_members SET read_id = ? WHERE channel_id = ? AND user_id = ?"


def append_message(tx: WriteTx, access: ChannelAccess) -> ChannelTail:
    """Take the next id, rev and time of a channel, inside the transaction: dense, unique, whatever else happens.

    Times don't run backwards in a channel (but see `moments`), so that a date leads to one access. One's own message is
    read, if everything before it was; devices conclude the same from the message.
    """
    tail, user_id = access.tail, access.user_id
    follows = access.read_id is not None and _has_read_all(tx, access, access.read_id)
    tail.last_id = message_id = tail.last_id + 1
    tail.rev += 1
    tail.last_at = follow(tail.last_at, tx.now)
    if user_id != tail.sender_id:
        tail.sender_id, tail.since_id = user_id, message_id
    tx.buffer.put(_TAIL, access.channel_id, (message_id, tail.rev, tail.last_at, access.channel_id))
    if follows:
        tx.buffer.put(_MARKER, (access.channel_id, user_id), (message_id, access.channel_id, user_id))
    access.read_id = message_id if follows else None
    return tail


def _has_read_all(tx: WriteTx, access: ChannelAccess, read_id: int) -> bool:
    """Whether a person has read everything that others wrote; what is beyond `last` can only be their own."""
    tail = access.tail
    last = tail.since_id - 1 if access.user_id == tail.sender_id else tail.last_id
    return read_id >= last or not counts_beyond(tx, access.channel_id, access.user_id, read_id)
