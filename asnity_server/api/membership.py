"""Entering and leaving channels and communities: changes the rows and publishes the changes."""

from __future__ import annotations

from typing import Literal

from msgspec import UnsetType

from asnity_server.bus import (
    ChannelEntered,
    ChannelExited,
    ChannelMemberUpdated,
    CommunityEntered,
    CommunityExited,
    MemberUpdated,
)
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol.errors import Conflict, Forbidden, NotFound
from asnity_server.protocol.events import RemovalReason
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.limits import CHANNELS, COMMUNITIES
from asnity_server.protocol.models import Channel, Community, Member, Role
from asnity_server.protocol.times import to_wire

from .read_markers import counters_of
from .storage import row_mapping

DirectListTask = Literal["return", "ban"]
"""The purpose of going through a person's direct channels: list them again for them, or take them off lists."""


def load_channel(view: ReadTx, channel_id: str) -> Channel:
    """A channel as people see it. Raises `NotFound`."""
    row = view.one(f"SELECT {row_mapping.CHANNEL} FROM channels c WHERE c.id = ?", (channel_id,))
    if row is None:
        raise NotFound("Channel not found, or you aren't in it.")
    people = None
    if row[2] == "direct":
        # those it was made for but who left it, whether they are in the community at the moment or not
        there = "SELECT user_id FROM direct_people WHERE channel_id = ? AND NOT has_left ORDER BY user_id"
        people = tuple(user_id for (user_id,) in view.all(there, (channel_id,)))
    return row_mapping.channel(row, people)


def load_community(view: ReadTx, community_id: str) -> Community:
    """A community as its members see it. Raises `NotFound`."""
    row = view.one(f"SELECT {row_mapping.COMMUNITY} FROM communities c WHERE c.id = ?", (community_id,))
    if row is None:
        raise NotFound("Community not found, or you aren't in it.")
    return row_mapping.community(row)


def step_community(tx: WriteTx, community_id: str) -> int:
    """The community's rev of one more change that all its members may see."""
    rev: int = tx.value("UPDATE communities SET rev = rev + 1 WHERE id = ? RETURNING rev", (community_id,))
    return rev


def general_of(view: ReadTx, community_id: str) -> str:
    """The id of the channel that everyone in a community is in."""
    channel_id: str = view.value("SELECT id FROM channels WHERE community_id = ? AND is_general = 1", (community_id,))
    return channel_id


def enter_channel(tx: WriteTx, channel_id: str, user_id: str) -> bool:
    """Put a member of the community into a channel with a name, everything in it read. False if they were in it.

    Raises `Conflict` where they are in as many as one may be in.
    """
    if (
        tx.value("SELECT 1 FROM channel_members WHERE channel_id = ? AND user_id = ?", (channel_id, user_id))
        is not None
    ):
        return False
    require_room_for_channel(tx, community_of(channel_id), user_id)
    entered = tx.run(
        "INSERT INTO channel_members (channel_id, user_id, read_id, joined_at)"
        " SELECT id, ?, last_id, ? FROM channels WHERE id = ? ON CONFLICT DO NOTHING",
        (user_id, tx.now, channel_id),
    )
    if not entered:
        return False
    channel = load_channel(tx, channel_id)
    tell_gained(tx, channel, user_id)
    tell_member(tx, channel_id, user_id, load_member(tx, channel.community_id, user_id))
    return True


def tell_member(tx: WriteTx, channel_id: str, user_id: str, member: Member | None) -> None:
    """Tell a channel that somebody is in it from here on, or (member None) no longer, and note when."""
    tx.run("UPDATE channels SET changed_at = ? WHERE id = ?", (tx.now, channel_id))
    tx.publish(ChannelMemberUpdated(channel_id, user_id, member))


def require_room_for_channel(view: ReadTx, community_id: str, user_id: str) -> None:
    """Raise `Conflict` where somebody is in as many channels of a community as one may be in."""
    where = (user_id, *channels_between(community_id))
    listed = "FROM channel_members m {} WHERE m.user_id = ? AND m.channel_id > ? AND m.channel_id < ?"
    named = listed.format("JOIN channels c ON c.id = m.channel_id AND c.kind <> 'direct'")
    if all(view.value(f"SELECT count(*) {each}", where) >= CHANNELS for each in (listed.format(""), named)):
        raise Conflict(f"One can be in {CHANNELS:,} channels of a community, and has to leave one first.")


def tell_gained(tx: WriteTx, channel: Channel, user_id: str) -> None:
    """Tell a person that a channel is in their list from here on."""
    named = () if isinstance(channel.members, UnsetType) else channel.members
    users = row_mapping.users_by_id(tx, user_id, channel.community_id, named)
    tx.publish(ChannelEntered(user_id, channel, counters_of(tx, channel.id, user_id), users))


def leave_channel(tx: WriteTx, channel_id: str, user_id: str, reason: RemovalReason) -> bool:
    """Take a person out of a channel. False if they weren't in it."""
    left = tx.run("DELETE FROM channel_members WHERE channel_id = ? AND user_id = ?", (channel_id, user_id))
    if left:
        tx.publish(ChannelExited(user_id, channel_id, reason))
        tell_member(tx, channel_id, user_id, None)
    return bool(left)


def enter_community(tx: WriteTx, community_id: str, user_id: str, role: Role = "member") -> bool:
    """Make a person a member, in `general` from the start. False if they were one already.

    The only way in: whoever is banned gets `Forbidden` here, and who left while muted is muted still.
    """
    where = (community_id, user_id)
    ban = tx.one("SELECT reason FROM bans WHERE community_id = ? AND user_id = ?", where)
    if ban is not None:
        raise Forbidden(
            f"You are banned from this community: {ban[0]}" if ban[0] else "You are banned from this community."
        )
    if tx.value("SELECT 1 FROM memberships WHERE community_id = ? AND user_id = ?", where) is not None:
        return False
    require_room(tx, user_id)
    tx.run(
        "INSERT INTO memberships (community_id, user_id, role, joined_at) VALUES (?, ?, ?, ?)", (*where, role, tx.now)
    )
    muted_until = tx.value("SELECT muted_until FROM former_members WHERE community_id = ? AND user_id = ?", where)
    if muted_until:
        tx.run("UPDATE memberships SET muted_until = ? WHERE community_id = ? AND user_id = ?", (muted_until, *where))
    tx.run("DELETE FROM former_members WHERE community_id = ? AND user_id = ?", where)
    rev = step_community(tx, community_id)
    tx.publish(CommunityEntered(user_id, load_community(tx, community_id)))
    enter_channel(tx, general_of(tx, community_id), user_id)
    queue_direct_list_task(tx, community_id, user_id, "return")
    publish_member(tx, community_id, user_id, rev)
    return True


def require_room(view: ReadTx, user_id: str) -> None:
    """Raise `Conflict` where somebody is in as many communities as one may be in."""
    if view.value("SELECT count(*) FROM memberships WHERE user_id = ?", (user_id,)) >= COMMUNITIES:
        raise Conflict(f"One can be in {COMMUNITIES} communities. Leave one of yours first.")


def queue_direct_list_task(tx: WriteTx, community_id: str, user_id: str, kind: DirectListTask) -> None:
    """Note what is to become of a person's direct channels: there may be many, so it is done behind the answer."""
    tx.run(
        "INSERT OR REPLACE INTO direct_errands (community_id, user_id, kind, reached) SELECT ?1, ?2, ?3, ''"
        " WHERE EXISTS (SELECT 1 FROM direct_people WHERE user_id = ?2 AND channel_id > ?4 AND channel_id < ?5)",
        (community_id, user_id, kind, *channels_between(community_id)),
    )


_UNWRITTEN = """
DELETE FROM channels WHERE kind = 'direct' AND last_id = 0
    AND id IN (SELECT channel_id FROM channel_members WHERE user_id = ?1 AND channel_id > ?2 AND channel_id < ?3)
    AND NOT EXISTS (SELECT 1 FROM channel_members m WHERE m.channel_id = channels.id AND m.user_id <> ?1)
"""
"""Direct channels that one person opened and nobody wrote in yet."""


def leave_community(tx: WriteTx, community_id: str, user_id: str, reason: RemovalReason, *, why: str = "") -> None:
    """Take a member out of a community and all its channels; `why` are words for them."""
    where = (community_id, user_id)
    muted_until = tx.value("SELECT muted_until FROM memberships WHERE community_id = ? AND user_id = ?", where)
    tx.run(_UNWRITTEN, (user_id, *channels_between(community_id)))
    tx.run("DELETE FROM direct_errands WHERE community_id = ? AND user_id = ? AND kind = 'return'", where)
    tx.run(
        "DELETE FROM channel_members WHERE user_id = ? AND channel_id > ? AND channel_id < ?",
        (user_id, *channels_between(community_id)),
    )
    tx.run("DELETE FROM memberships WHERE community_id = ? AND user_id = ?", where)
    tx.run(
        "INSERT INTO former_members (community_id, user_id, left_at, muted_until, display_name, reason)"
        " SELECT ?, id, ?, ?, display_name, ? FROM users WHERE id = ?",
        (community_id, tx.now, muted_until, reason, user_id),
    )
    tx.publish(CommunityExited(user_id, community_id, reason, why))
    publish_member(tx, community_id, user_id, step_community(tx, community_id))


def load_member(view: ReadTx, community_id: str, user_id: str) -> Member:
    """A member as others see them. Raises `NotFound`."""
    row = view.one(
        f"SELECT {row_mapping.MEMBER} FROM memberships m JOIN users u ON u.id = m.user_id"
        " WHERE m.community_id = ? AND m.user_id = ?",
        (community_id, user_id),
    )
    if row is None:
        raise NotFound("Member not found.")
    return row_mapping.member(row, view.now)


def publish_member(tx: WriteTx, community_id: str, user_id: str, rev: int, *, why: str = "") -> None:
    """Tell a community what one of its people is now: a member of some role, or gone. `why` is theirs alone."""
    row = tx.one(
        f"SELECT {row_mapping.MEMBER} FROM users u"
        " LEFT JOIN memberships m ON m.user_id = u.id AND m.community_id = ? WHERE u.id = ?",
        (community_id, user_id),
    )
    assert row is not None, "accounts are disabled, never deleted"
    role, joined_at = row[5], row[6]
    tx.publish(
        MemberUpdated(
            community_id,
            row_mapping.user(row, former=role is None),
            role,
            None if joined_at is None else to_wire(joined_at),
            rev,
            row_mapping.shown_mute(row[7], tx.now) or None,
            why,
        )
    )


def channels_between(community_id: str) -> tuple[str, str]:
    """The two texts between which the ids of a community's channels lie: `.` follows `-`, which ends the community."""
    return f"{community_id}-", f"{community_id}."
