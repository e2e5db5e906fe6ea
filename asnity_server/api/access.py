"""Access checks: authenticate a caller, load their standing in a community or channel, and require permission."""

from __future__ import annotations

from dataclasses import dataclass

from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol.errors import Unauthorized
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.models import Role

from .permissions import Action, Standing, require
from .storage import row_mapping


@dataclass(frozen=True)
class Caller:
    """The authenticated caller of a request, by a session that lives at that moment."""

    user_id: str
    session_id: str
    origin: str | None = None
    """The connection that asks, if it is one: it gets the outcome as its answer and not by the broadcast."""
    seen_at: int = 0
    """When this session was last known to be in use (milliseconds; at most `SEEN_EVERY` behind)."""
    ran_at: int = 0
    """When the server was last known to run: a clock that is behind that is wrong, and nothing is seen by it."""


SEEN_EVERY = 60_000
"""Milliseconds between two notes of a session being in use."""


UNUSED = "r.lifetime > 0 AND s.last_seen_at <= min(?1, p.ran_at + 86400000) - r.lifetime"
"""That a session `s` wasn't used for its lifetime, at the time ?1. A clock that is further ahead than a day of when the
server was last known to run (see `timekeeping`) ends none."""

_OF_TOKEN = f"""
SELECT s.user_id, s.id, s.last_seen_at, p.ran_at, {UNUSED}
FROM sessions s, session_rules r, pulse p WHERE s.token_hash = ?2
"""


def load_caller_by_token(view: ReadTx, token_hash: bytes) -> Caller:
    """The owner of a token. Raises `Unauthorized` for one that is unknown, was revoked or wasn't used for too long."""
    row = view.one(_OF_TOKEN, (view.now, token_hash))
    if row is None or row[4]:
        raise Unauthorized("You are not signed in.")
    return Caller(row[0], row[1], None, row[2], row[3])


def load_caller_by_session(view: ReadTx, session_id: str, origin: str) -> Caller:
    """The owner of a session that was proven before. Raises `Unauthorized` if it has ended since."""
    row = view.one("SELECT s.user_id, s.last_seen_at, p.ran_at FROM sessions s, pulse p WHERE s.id = ?", (session_id,))
    if row is None:
        raise Unauthorized("You are not signed in.")
    return Caller(row[0], session_id, origin, row[1], row[2])


def is_stale(caller: Caller, now: int) -> bool:
    """Whether it is time to note that a session is in use."""
    return abs(_seen_at(caller, now) - caller.seen_at) >= SEEN_EVERY


def _seen_at(caller: Caller, now: int) -> int:
    return max(now, caller.ran_at)


def touch(tx: WriteTx, caller: Caller) -> None:
    """Note that a session is in use, at most once in `SEEN_EVERY`."""
    if is_stale(caller, tx.now):
        seen = (_seen_at(caller, tx.now), caller.session_id)
        tx.run("UPDATE sessions SET last_seen_at = ? WHERE id = ?", seen)


def role_of(view: ReadTx, community_id: str, user_id: str) -> Role | None:
    """A person's role in a community, None for strangers."""
    role: Role | None = view.value(
        "SELECT role FROM memberships WHERE community_id = ? AND user_id = ?", (community_id, user_id)
    )
    return role


def authorize_in_community(
    view: ReadTx,
    action: Action,
    caller: Caller,
    community_id: str,
    *,
    author: str | None = None,
    target: str | None = None,
) -> Standing:
    """The caller's standing in a community, after requiring `action`.

    `author` made the invite that it is about; `target` is the member that it is about.
    """
    row = view.one(
        "SELECT m.role, c.invites_by, m.muted_until FROM memberships m JOIN communities c ON c.id = m.community_id"
        " WHERE m.community_id = ? AND m.user_id = ?",
        (community_id, caller.user_id),
    )
    role, invites_by, muted_until = row or (None, "members", 0)
    standing = Standing(
        role=role,
        invites_by=invites_by,
        own=author == caller.user_id,
        target=role_of(view, community_id, target) if target is not None and role is not None else None,
        muted_until=row_mapping.mute_end(muted_until, view.now),
    )
    require(action, standing)
    return standing


_CHANNEL = """
SELECT m.role, c.kind, cm.user_id IS NOT NULL OR p.user_id IS NOT NULL, c.is_general, c.archived,
    coalesce(m.muted_until, 0)
FROM channels c
LEFT JOIN memberships m ON m.community_id = c.community_id AND m.user_id = ?1
LEFT JOIN channel_members cm ON cm.channel_id = c.id AND cm.user_id = ?1
LEFT JOIN direct_people p ON p.channel_id = c.id AND p.user_id = ?1 AND c.kind = 'direct' AND NOT p.has_left
WHERE c.id = ?2
"""


def authorize_in_channel(
    view: ReadTx,
    action: Action,
    caller: Caller,
    channel_id: str,
    *,
    author: str | None = None,
    target: str | None = None,
) -> Standing:
    """The caller's standing in a channel, after requiring `action`.

    `author` wrote the message that it is about; `target` is the member that it is about.
    """
    standing = load_standing(view, caller.user_id, channel_id, author=author, target=target)
    require(action, standing)
    return standing


def load_standing(
    view: ReadTx, user_id: str, channel_id: str, *, author: str | None = None, target: str | None = None
) -> Standing:
    """A person's standing in a channel, nothing required."""
    row = view.one(_CHANNEL, (user_id, channel_id))
    if row is None:
        return Standing(role=None)
    role, kind, inside, general, archived, muted_until = row
    return Standing(
        role=role,
        kind=kind,
        # a membership of the channel is worth nothing without one of the community
        inside=bool(inside) and role is not None,
        general=bool(general),
        archived=bool(archived),
        own=author == user_id,
        target=role_of(view, community_of(channel_id), target) if target is not None else None,
        muted_until=row_mapping.mute_end(muted_until, view.now),
    )


def access_key(user_id: str, channel_id: str) -> tuple[str, str]:
    """Return the key under which a person's access to a channel is cached, read marker included."""
    return (user_id, channel_id)


def count_members(view: ReadTx, channel_id: str) -> int:
    """How many are in a channel."""
    count: int = view.value("SELECT count(*) FROM channel_members WHERE channel_id = ?", (channel_id,))
    return count
