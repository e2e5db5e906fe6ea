"""Channels: created, listed, joined, left, changed and deleted."""

from __future__ import annotations

from asnity_server.api.storage.deferred_delete import mark_channel_deleted
from asnity_server.api.storage.paging import page_of
from asnity_server.bus import ChannelDeleted, ChannelExited, ChannelStored
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol import limits, requests, responses, text
from asnity_server.protocol.errors import Conflict, NotFound
from asnity_server.protocol.ids import community_of, new_channel_id
from asnity_server.protocol.models import Channel

from .access import Caller, authorize_in_channel, authorize_in_community, load_standing, role_of
from .audit import AuditAction, record_in_channel
from .direct_lists import leave as leave_direct
from .members import BY_NAME, by_name
from .membership import enter_channel, leave_channel, load_channel, require_room_for_channel, step_community
from .names import require_distinct_channel
from .storage import row_mapping

_LIST = f"""
SELECT {row_mapping.CHANNEL}, cm.user_id IS NOT NULL, c.name_key FROM channels c
LEFT JOIN channel_members cm ON cm.channel_id = c.id AND cm.user_id = ?2
WHERE c.community_id = ?1 AND c.name_key > ?3 AND (c.kind = 'public' OR cm.user_id IS NOT NULL)
ORDER BY c.name_key LIMIT ?4
"""


def list_channels(view: ReadTx, caller: Caller, request: requests.OfCommunityPage) -> responses.Channels:
    """A community's channels by name: the public ones, and the private ones that the caller is in."""
    authorize_in_community(view, "see-community", caller, request.community_id)
    found = view.all(_LIST, (request.community_id, caller.user_id, request.cursor or "", request.limit + 1))
    told, cursor = page_of(found, request.limit, lambda row: str(row[8]))
    return responses.Channels(
        channels=tuple(row_mapping.channel(row) for row in told),
        joined=tuple(row[0] for row in told if row[7]),
        cursor=cursor,
    )


def get_channel(view: ReadTx, caller: Caller, request: requests.OfChannel) -> Channel:
    """One channel that the caller may see."""
    authorize_in_channel(view, "see-channel", caller, request.channel_id)
    return load_channel(view, request.channel_id)


def create_channel(tx: WriteTx, caller: Caller, request: requests.CreateChannel) -> Channel:
    """Make a channel with the caller in it; a public one is told to the whole community."""
    authorize_in_community(tx, "create-channel", caller, request.community_id)
    require_room_for_channel(tx, request.community_id, caller.user_id)
    name, topic = text.clean_channel_name(request.name), _clean_topic(request.topic)
    _require_free(tx, caller, request.community_id, name)
    _require_room(tx, request.community_id)
    channel_id = new_channel_id(request.community_id)
    tx.run(
        "INSERT INTO channels (id, community_id, kind, name, name_key, topic, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (channel_id, request.community_id, request.kind, name, text.name_key(name), topic, tx.now),
    )
    enter_channel(tx, channel_id, caller.user_id)
    return _tell(tx, channel_id, new=True) if request.kind == "public" else load_channel(tx, channel_id)


def _require_room(view: ReadTx, community_id: str) -> None:
    named = "SELECT count(*) FROM channels WHERE community_id = ? AND name_key IS NOT NULL"
    if view.value(named, (community_id,)) >= limits.COMMUNITY_CHANNELS:
        raise Conflict(f"A community has at most {limits.COMMUNITY_CHANNELS:,} channels. Delete one first.")


def patch_channel(tx: WriteTx, caller: Caller, request: requests.PatchChannel) -> Channel:
    """Rename, archive or revive a channel, or set its topic; whoever may see it is told."""
    authorize_in_channel(tx, "change-channel", caller, request.channel_id)
    before = load_channel(tx, request.channel_id)
    name = before.name if request.name is None else text.clean_channel_name(request.name)
    topic = before.topic if request.topic is None else _clean_topic(request.topic)
    archived = before.archived if request.archived is None else request.archived
    if (name, topic, archived) == (before.name, before.topic, before.archived):
        return before
    if archived != before.archived:
        authorize_in_channel(tx, "archive-channel", caller, request.channel_id)
    if text.name_key(name) != text.name_key(before.name):
        _require_free(tx, caller, before.community_id, name, but=before.id)
    tx.run(
        "UPDATE channels SET name = ?, name_key = ?, topic = ?, archived = ?, changed_at = ? WHERE id = ?",
        (name, text.name_key(name), topic, int(archived), tx.now, request.channel_id),
    )
    if (name, topic) != (before.name, before.topic):
        record_in_channel(tx, caller, "channel-changed", before.id, before.kind, detail=name)
    if archived != before.archived:
        deed: AuditAction = "channel-archived" if archived else "channel-revived"
        record_in_channel(tx, caller, deed, before.id, before.kind, detail=name)
    return _tell(tx, request.channel_id, by=caller.user_id)


def delete_channel(tx: WriteTx, caller: Caller, request: requests.OfChannel) -> None:
    """Delete a channel with all its messages, for ever; its name is free again. Its rows are erased behind this."""
    standing = authorize_in_channel(tx, "delete-channel", caller, request.channel_id)
    name = load_channel(tx, request.channel_id).name
    record_in_channel(tx, caller, "channel-deleted", request.channel_id, standing.kind, detail=name)
    people = tx.all("SELECT user_id FROM channel_members WHERE channel_id = ?", (request.channel_id,))
    rev = step_community(tx, community_of(request.channel_id)) if standing.kind == "public" else None
    assert standing.kind is not None, "a channel that may be deleted is there"
    mark_channel_deleted(tx, request.channel_id, standing.kind)
    tx.publish(ChannelDeleted(request.channel_id, rev))
    for (user_id,) in people:
        tx.publish(ChannelExited(user_id, request.channel_id, "deleted"))


_PEOPLE = f"""
SELECT {BY_NAME} FROM (
    SELECT user_id FROM channel_members WHERE channel_id = ?1
    UNION SELECT user_id FROM direct_people WHERE channel_id = ?1 AND NOT has_left
) cm
JOIN users u ON u.id = cm.user_id JOIN memberships m ON m.user_id = cm.user_id AND m.community_id = ?2
WHERE u.username_key > ?3 ORDER BY u.username_key LIMIT ?4
"""
"""Of a direct channel: who has closed it is in it all the same, and nobody else's business."""


def list_members(view: ReadTx, caller: Caller, request: requests.OfChannelPage) -> responses.ChannelMembers:
    """The people in a channel, by name."""
    authorize_in_channel(view, "see-channel", caller, request.channel_id)
    found = view.all(
        _PEOPLE, (request.channel_id, community_of(request.channel_id), request.cursor or "", request.limit + 1)
    )
    told, cursor = page_of(found, request.limit, by_name)
    return responses.ChannelMembers(members=tuple(row_mapping.member(row, view.now) for row in told), cursor=cursor)


def add_member(tx: WriteTx, caller: Caller, request: requests.OfChannelMember) -> Channel:
    """Join a public channel, or bring a member of the community into a channel that one is in."""
    if request.user_id in ("me", caller.user_id):
        if not load_standing(tx, caller.user_id, request.channel_id).inside:
            authorize_in_channel(tx, "join-channel", caller, request.channel_id)
            enter_channel(tx, request.channel_id, caller.user_id)
        return load_channel(tx, request.channel_id)
    authorize_in_channel(tx, "invite-to-channel", caller, request.channel_id)
    if role_of(tx, community_of(request.channel_id), request.user_id) is None:
        raise NotFound("Member not found.")
    enter_channel(tx, request.channel_id, request.user_id)
    return load_channel(tx, request.channel_id)


def remove_member(tx: WriteTx, caller: Caller, request: requests.OfChannelMember) -> None:
    """Leave a channel, or remove somebody from it."""
    if request.user_id in ("me", caller.user_id):
        standing = authorize_in_channel(tx, "leave-channel", caller, request.channel_id)
        if standing.kind == "direct":
            leave_direct(tx, request.channel_id, caller.user_id)
        else:
            leave_channel(tx, request.channel_id, caller.user_id, "left")
        return
    standing = authorize_in_channel(tx, "remove-from-channel", caller, request.channel_id, target=request.user_id)
    if not leave_channel(tx, request.channel_id, request.user_id, "kicked"):
        raise NotFound("Member not found.")
    where = (request.channel_id, standing.kind)
    record_in_channel(tx, caller, "removed-from-channel", *where, target_id=request.user_id)


def _tell(tx: WriteTx, channel_id: str, *, new: bool = False, by: str | None = None) -> Channel:
    """A channel in its present state, told to whoever may see it."""
    channel = load_channel(tx, channel_id)
    rev = step_community(tx, channel.community_id) if channel.kind == "public" else None
    tx.publish(ChannelStored(channel, rev, new, by))
    return channel


_NAMES = """
SELECT c.name, c.kind = 'public' OR cm.user_id IS NOT NULL FROM channels c
LEFT JOIN channel_members cm ON cm.channel_id = c.id AND cm.user_id = ?2
WHERE c.community_id = ?1 AND c.name_key IS NOT NULL AND c.id <> ?3
"""


def _require_free(view: ReadTx, caller: Caller, community_id: str, name: str, *, but: str = "") -> None:
    taken = "SELECT 1 FROM channels WHERE community_id = ? AND name_key = ?"
    if view.value(taken, (community_id, text.name_key(name))) is not None:
        raise Conflict("A channel with this name already exists.", field="name")
    require_distinct_channel(name, view.all(_NAMES, (community_id, caller.user_id, but)))


def _clean_topic(topic: str) -> str:
    return text.clean_line(topic, field="topic", longest=limits.TOPIC)
