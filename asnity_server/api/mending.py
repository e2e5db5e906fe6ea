"""Mending: answers what still holds for those who sit at a gateway whose stream broke."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from asnity_server.backend import SessionOwner
from asnity_server.db.transaction import ReadTx, Row, WriteTx
from asnity_server.mend import MendAnswer, MendedCommunity, MendRequest, SeatedCommunity
from asnity_server.protocol import codec
from asnity_server.protocol.errors import Unauthorized
from asnity_server.protocol.events import RemovalReason
from asnity_server.protocol.models import Community

from .access import load_caller_by_token
from .accounts.sessions import token_hash
from .membership import channels_between, load_channel, load_community

MARGIN = 2_000
"""Milliseconds by which two clocks that are steered may differ around a restart."""


def prove(tx: WriteTx, tokens: Sequence[str]) -> tuple[SessionOwner | None, ...]:
    """Return whose session each token is of; None for one that holds no longer."""
    return tuple(_owner(tx, each) for each in tokens)


def _owner(view: ReadTx, token: str) -> SessionOwner | None:
    try:
        caller = load_caller_by_token(view, token_hash(token))
    except Unauthorized:
        return None
    return SessionOwner(caller.session_id, caller.user_id)


def mend(tx: WriteTx, request: MendRequest) -> MendAnswer:
    """Return what holds now. Runs as a write, so that it has its place among the commits.

    It tells of communities and channels what the people asked about may know, and of all others the same as of those
    that don't exist.
    """
    since = request.since - MARGIN
    people = _listed(request.people)
    return MendAnswer(
        communities=tuple(_mended(tx, each, since) for each in request.communities),
        gained=tuple(_gained(tx, people, since)),
        lost=tuple(_lost(tx, people, since)),
    )


def _mended(view: ReadTx, seated: SeatedCommunity, since: int) -> MendedCommunity:
    community_id = seated.community_id
    members = _members(view, community_id, seated.users)
    strangers = [user_id for user_id in seated.users if user_id not in members]
    channels: dict[str, int] = {}
    allowed: dict[str, list[int]] = {user_id: [] for user_id in members}
    marked: list[tuple[str, str, bool]] = []
    for user_id, channel_id, muted, moved_at in _places(view, community_id, members):
        allowed[user_id].append(channels.setdefault(channel_id, len(channels)))
        if moved_at >= since:
            marked.append((user_id, channel_id, bool(muted)))
    moved = _moved(view, seated.channels, channels, since)
    return MendedCommunity(
        community_id=community_id,
        rev=view.value("SELECT rev FROM communities WHERE id = ?", (community_id,)) if members else -1,
        expelled=_reasons(view, community_id, strangers) if strangers else {},
        channels=tuple(channels),
        allowed={user_id: tuple(places) for user_id, places in allowed.items()},
        moved={channel_id: rev for channel_id, rev, _ in moved},
        marked=tuple(marked),
        changed=tuple(load_channel(view, channel_id) for channel_id, _, changed in moved if changed),
    )


def _listed(ids: Collection[str]) -> str:
    return codec.encode(tuple(ids)).decode()


def _members(view: ReadTx, community_id: str, people: Collection[str]) -> set[str]:
    found = view.all(
        "SELECT m.user_id FROM json_each(?) asked JOIN memberships m ON m.user_id = asked.value"
        " WHERE m.community_id = ?",
        (_listed(people), community_id),
    )
    return {user_id for (user_id,) in found}


def _reasons(view: ReadTx, community_id: str, people: Collection[str]) -> dict[str, RemovalReason]:
    """Return why some people aren't members: whoever never was one learns nothing of the community."""
    found = view.all(
        "SELECT f.user_id, f.reason FROM json_each(?) asked JOIN former_members f ON f.user_id = asked.value"
        " WHERE f.community_id = ?",
        (_listed(people), community_id),
    )
    reasons: dict[str, RemovalReason] = dict.fromkeys(people, "deleted")
    reasons.update(found)
    return reasons


_PLACES = """
SELECT m.user_id, m.channel_id, m.muted, max(m.marked_at, m.joined_at)
FROM json_each(?) asked JOIN channel_members m ON m.user_id = asked.value
WHERE m.channel_id > ? AND m.channel_id < ?
"""


def _places(view: ReadTx, community_id: str, members: Collection[str]) -> list[tuple[str, str, int, int]]:
    """Return the channels that some members are in, with whether each mutes it and when that last changed."""
    return view.all(_PLACES, (_listed(members), *channels_between(community_id)))


_MOVED = """
SELECT c.id, c.rev, c.changed_at >= ?2 AND c.kind <> 'public'
FROM json_each(?1) asked JOIN channels c ON c.id = asked.key WHERE c.rev <> asked.value OR c.changed_at >= ?2
"""


def _moved(view: ReadTx, told: dict[str, int], allowed: Collection[str], since: int) -> list[Row]:
    """Return those channels, of which up to some rev was told, that moved on or changed otherwise.

    Each with its rev, and whether it is one whose name, state or people changed and no rev of the community tells it.
    """
    asked = {channel_id: rev for channel_id, rev in told.items() if channel_id in allowed}
    return view.all(_MOVED, (codec.encode(asked).decode(), since)) if asked else []


def _gained(view: ReadTx, people: str, since: int) -> list[tuple[str, Community]]:
    """Return the memberships of some people that began from `since` on."""
    found = view.all(
        "SELECT m.user_id, m.community_id FROM json_each(?) asked JOIN memberships m ON m.user_id = asked.value"
        " WHERE m.joined_at >= ?",
        (people, since),
    )
    return [(user_id, load_community(view, community_id)) for user_id, community_id in found]


def _lost(view: ReadTx, people: str, since: int) -> list[tuple[str, str, RemovalReason]]:
    """Return the memberships of some people that ended from `since` on."""
    return view.all(
        "SELECT f.user_id, f.community_id, f.reason FROM json_each(?) asked"
        " JOIN former_members f ON f.user_id = asked.value WHERE f.left_at >= ?",
        (people, since),
    )
