"""The overview for the sidebar: communities, channels and counters in a few queries; a person's channel settings."""

from __future__ import annotations

from collections.abc import Iterable

from asnity_server.api.accounts.users import load_user
from asnity_server.bus import ChannelMuted
from asnity_server.db import generation
from asnity_server.db.transaction import ReadTx, Row, WriteTx
from asnity_server.protocol import requests, responses
from asnity_server.protocol.models import Counters, User

from .access import Caller, authorize_in_channel, authorize_in_community
from .direct_lists import close, show
from .membership import channels_between, load_channel
from .read_markers import MENTIONS, UNREAD, counters_of
from .storage import row_mapping

_COMMUNITIES = f"""
SELECT {row_mapping.COMMUNITY}, m.role, m.muted_until FROM memberships m JOIN communities c ON c.id = m.community_id
WHERE m.user_id = ? ORDER BY m.joined_at, c.id
"""
_HERE = {"channel": "c.id", "read_id": "m.read_id", "user": "?1", "last_id": "c.last_id"}
_CHANNELS = f"""
SELECT {row_mapping.CHANNEL}, m.muted, c.last_id, c.rev, m.read_id,
    CASE WHEN m.read_id < c.last_id THEN ({UNREAD.format(**_HERE)}) ELSE 0 END,
    CASE WHEN m.read_id < c.last_id THEN ({MENTIONS.format(**_HERE)}) ELSE 0 END, coalesce(c.name_key, '')
FROM channel_members m JOIN channels c ON c.id = m.channel_id
WHERE m.user_id = ?1 AND m.channel_id > ?2 AND m.channel_id < ?3
"""
_IN_DIRECT = """
SELECT other.channel_id, other.user_id FROM channel_members mine
JOIN direct_people other ON other.channel_id = mine.channel_id AND NOT other.has_left
WHERE mine.user_id = ?1 AND mine.channel_id > ?2 AND mine.channel_id < ?3
ORDER BY other.channel_id, other.user_id
"""
_EVERYWHERE = ("", "~")
"""The two texts between which all channel ids lie."""


def get_overview(view: ReadTx, caller: Caller, request: requests.Empty) -> responses.Overview:
    """The caller with all their communities and channels, and where each stands for them."""
    entries, named = _channels(view, caller.user_id, _EVERYWHERE)
    communities = tuple(
        responses.CommunityEntry(
            community=row_mapping.community(row),
            role=row[6],
            channels=entries.get(row[0], ()),
            muted_until=row_mapping.shown_mute(row[7], view.now),
        )
        for row in view.all(_COMMUNITIES, (caller.user_id,))
    )
    users = row_mapping.users_by_id(view, caller.user_id, None, {caller.user_id, *named})
    return responses.Overview(
        user=load_user(view, caller.user_id),
        users=users,
        communities=communities,
        generation=generation.current(view),
    )


def get_community_overview(view: ReadTx, caller: Caller, request: requests.OfCommunity) -> responses.CommunityOverview:
    """One community's part of the overview."""
    authorize_in_community(view, "see-community", caller, request.community_id)
    row = view.one(
        f"SELECT {row_mapping.COMMUNITY}, m.role, m.muted_until FROM memberships m"
        " JOIN communities c ON c.id = m.community_id WHERE m.user_id = ? AND m.community_id = ?",
        (caller.user_id, request.community_id),
    )
    assert row is not None, "who may see it is a member of it"
    entries, named = _channels(view, caller.user_id, channels_between(request.community_id))
    users: dict[str, User] = row_mapping.users_by_id(
        view, caller.user_id, request.community_id, {caller.user_id, *named}
    )
    return responses.CommunityOverview(
        community=row_mapping.community(row),
        role=row[6],
        channels=entries.get(row[0], ()),
        users=users,
        muted_until=row_mapping.shown_mute(row[7], view.now),
    )


def patch_channel_me(tx: WriteTx, caller: Caller, request: requests.PatchChannelMe) -> responses.ChannelEntry:
    """Change what the caller alone sees of a channel; their other devices are told."""
    where = (request.channel_id, caller.user_id)
    authorize_in_channel(tx, "mute-channel", caller, request.channel_id)
    if request.closed is not None:
        authorize_in_channel(tx, "close-direct", caller, request.channel_id)
    before = bool(tx.value(_MUTED, where))
    muted = before if request.muted is None else request.muted
    if muted != before:
        for table in ("channel_members", "direct_people"):  # the latter keeps it while it is closed
            tx.run(f"UPDATE {table} SET muted = ?3 WHERE channel_id = ?1 AND user_id = ?2", (*where, int(muted)))
        tx.run("UPDATE channel_members SET marked_at = ?3 WHERE channel_id = ?1 AND user_id = ?2", (*where, tx.now))
        tx.publish(ChannelMuted(request.channel_id, caller.user_id, muted))
    if request.closed is False:
        show(tx, *where)
    answer = responses.ChannelEntry(
        channel=load_channel(tx, request.channel_id), muted=muted, counters=counters_of(tx, *where)
    )
    if request.closed:
        close(tx, *where)
    return answer


_MUTED = """
SELECT muted FROM channel_members WHERE channel_id = ?1 AND user_id = ?2
UNION ALL SELECT muted FROM direct_people WHERE channel_id = ?1 AND user_id = ?2
"""


def _channels(
    view: ReadTx, user_id: str, between: tuple[str, str]
) -> tuple[dict[str, tuple[responses.ChannelEntry, ...]], set[str]]:
    """The person's channels by community, and everyone whom their direct ones name."""
    people: dict[str, list[str]] = {}
    for channel_id, member_id in view.all(_IN_DIRECT, (user_id, *between)):
        people.setdefault(channel_id, []).append(member_id)
    entries: dict[str, list[responses.ChannelEntry]] = {}
    for row in sorted(view.all(_CHANNELS, (user_id, *between)), key=_by_name):  # SQLite would take longer for it
        entries.setdefault(row[1], []).append(_entry(row, people.get(row[0])))
    return {key: tuple(each) for key, each in entries.items()}, _everyone(people.values())


def _by_name(row: Row) -> tuple[str, str]:
    return row[13], row[0]


def _entry(row: Row, people: list[str] | None) -> responses.ChannelEntry:
    return responses.ChannelEntry(
        channel=row_mapping.channel(row, None if people is None else tuple(people)),
        muted=bool(row[7]),
        counters=Counters(last_id=row[8], rev=row[9], read_id=row[10], unread=row[11], mentions=row[12]),
    )


def _everyone(groups: Iterable[list[str]]) -> set[str]:
    return {user_id for group in groups for user_id in group}
