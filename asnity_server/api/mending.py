"""Mending: answers what still holds for those who sit at a gateway whose stream broke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from asnity_server.backend import SessionOwner
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.mend import MendAnswer, MendedCommunity, MendRequest, SeatedCommunity
from asnity_server.protocol import codec
from asnity_server.protocol.errors import Unauthorized
from asnity_server.protocol.events import RemovalReason
from asnity_server.protocol.models import Community

from .access import load_caller_by_token
from .membership import channels_between, load_community

MARGIN = 2_000
"""Milliseconds before a break in which something may have been told or not: commits carry the time at which they
began."""


def prove(tx: WriteTx, token_hashes: Sequence[bytes]) -> tuple[SessionOwner | None, ...]:
    """Return whose session each token is of; None for one that holds no longer."""
    return tuple(_owner(tx, each) for each in token_hashes)


def _owner(view: ReadTx, token_hash: bytes) -> SessionOwner | None:
    try:
        caller = load_caller_by_token(view, token_hash)
    except Unauthorized:
        return None
    return SessionOwner(caller.session_id, caller.user_id)


def mend(tx: WriteTx, request: MendRequest) -> MendAnswer:
    """Return what holds now. Runs as a write, so that it has its place among the commits."""
    since = request.since - MARGIN
    return MendAnswer(
        communities=tuple(_mended(tx, each, since) for each in request.communities),
        gained=tuple(_gained(tx, request.people, since)),
    )


def _mended(view: ReadTx, seated: SeatedCommunity, since: int) -> MendedCommunity:
    community_id = seated.community_id
    rev: int | None = view.value("SELECT rev FROM communities WHERE id = ?", (community_id,))
    people = codec.encode(seated.users).decode()
    members = _members(view, community_id, people) if rev is not None else set()
    return MendedCommunity(
        community_id=community_id,
        rev=-1 if rev is None else rev,
        expelled={
            user_id: _reason(view, community_id, user_id, gone=rev is None)
            for user_id in seated.users
            if user_id not in members
        },
        allowed=_allowed(view, community_id, members),
        moved=_moved(view, seated.channels),
        marked=tuple(_marked(view, community_id, codec.encode(sorted(members)).decode(), since)),
    )


def _members(view: ReadTx, community_id: str, people: str) -> set[str]:
    found = view.all(
        "SELECT m.user_id FROM json_each(?) asked JOIN memberships m ON m.user_id = asked.value"
        " WHERE m.community_id = ?",
        (people, community_id),
    )
    return {user_id for (user_id,) in found}


def _reason(view: ReadTx, community_id: str, user_id: str, *, gone: bool) -> RemovalReason:
    if gone:
        return "deleted"
    banned = view.value("SELECT 1 FROM bans WHERE community_id = ? AND user_id = ?", (community_id, user_id))
    return "banned" if banned else "kicked"


def _allowed(view: ReadTx, community_id: str, members: set[str]) -> dict[str, tuple[str, ...]]:
    """Return the channels of a community that each of some members is in."""
    allowed: dict[str, list[str]] = {user_id: [] for user_id in members}
    found = view.all(
        "SELECT m.user_id, m.channel_id FROM json_each(?) asked JOIN channel_members m ON m.user_id = asked.value"
        " WHERE m.channel_id > ? AND m.channel_id < ?",
        (codec.encode(sorted(members)).decode(), *channels_between(community_id)),
    )
    for user_id, channel_id in found:
        allowed[user_id].append(channel_id)
    return {user_id: tuple(channel_ids) for user_id, channel_ids in allowed.items()}


def _moved(view: ReadTx, channels: Mapping[str, int]) -> dict[str, int]:
    """Return those of some channels whose rev is another, and the rev; -1 where the channel is gone."""
    found = view.all(
        "SELECT asked.key, coalesce(c.rev, -1) FROM json_each(?) asked LEFT JOIN channels c ON c.id = asked.key"
        " WHERE c.rev IS NOT asked.value",
        (codec.encode(channels).decode(),),
    )
    return dict(found)


def _marked(view: ReadTx, community_id: str, people: str, since: int) -> list[tuple[str, str, bool]]:
    """Return which of some people moved a read marker or a mute from `since` on, where, and whether they mute it."""
    found = view.all(
        "SELECT m.user_id, m.channel_id, m.muted"
        " FROM json_each(?) asked JOIN channel_members m ON m.user_id = asked.value"
        " WHERE m.channel_id > ? AND m.channel_id < ? AND m.marked_at >= ?",
        (people, *channels_between(community_id), since),
    )
    return [(user_id, channel_id, bool(muted)) for user_id, channel_id, muted in found]


def _gained(view: ReadTx, people: Sequence[str], since: int) -> list[tuple[str, Community]]:
    """Return the memberships of some people that began from `since` on."""
    found = view.all(
        "SELECT m.user_id, m.community_id FROM json_each(?) asked JOIN memberships m ON m.user_id = asked.value"
        " WHERE m.joined_at >= ?",
        (codec.encode(people).decode(), since),
    )
    return [(user_id, load_community(view, community_id)) for user_id, community_id in found]
