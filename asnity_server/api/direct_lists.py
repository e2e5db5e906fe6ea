"""Lists of direct channels: each person's, from a channel's first message until they close it, and never too long."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from asnity_server.api.storage.deferred_delete import Progress
from asnity_server.bus import ChannelExited, ChannelStored
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol.events import RemovalReason
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.limits import DIRECTS

from .access import access_key
from .membership import DirectListTask, channels_between, load_channel, load_member, tell_gained, tell_member

_Doing = Callable[[WriteTx, str, str, Sequence[str]], None]

SLICE = 25
"""Direct channels of one step of a task: some milliseconds of the writer's time."""

_LIST = """
INSERT INTO channel_members (channel_id, user_id, read_id, muted, joined_at)
SELECT c.id, p.user_id, c.last_id, p.muted, ?3 FROM channels c JOIN direct_people p ON p.channel_id = c.id
WHERE c.id = ?1 AND p.user_id = ?2 AND NOT p.has_left ON CONFLICT DO NOTHING
"""
_LISTED = """
FROM channel_members m JOIN channels c ON c.id = m.channel_id AND c.kind = 'direct'
WHERE m.user_id = ?1 AND m.channel_id > ?2 AND m.channel_id < ?3
"""
_WROTE = "EXISTS (SELECT 1 FROM messages w WHERE w.channel_id = m.channel_id AND w.sender_id = m.user_id)"

_LEAST = f"""
SELECT m.channel_id {_LISTED} AND m.channel_id <> ?4
ORDER BY {_WROTE}, max(c.last_at, m.joined_at), m.channel_id LIMIT 1
"""


def show(tx: WriteTx, channel_id: str, user_id: str) -> bool:
    """List a direct channel for one of its people, everything in it read. False where it is listed already.

    Nobody else hears of it. Where there is no room, another one is closed: first those that the person never wrote
    in, and of each kind the one where nothing has happened for the longest.
    """
    if not tx.run(_LIST, (channel_id, user_id, tx.now)):
        return False
    where = (user_id, *channels_between(community_of(channel_id)))
    if listed(tx, *where) > DIRECTS:
        close(tx, tx.value(_LEAST, (*where, channel_id)), user_id)
    tell_gained(tx, load_channel(tx, channel_id), user_id)
    return True


def listed(view: ReadTx, user_id: str, above: str, below: str) -> int:
    """How many direct channels of a community a person lists."""
    count: int = view.value(f"SELECT count(*) {_LISTED}", (user_id, above, below))
    return count


def close(tx: WriteTx, channel_id: str, user_id: str, reason: RemovalReason = "closed") -> bool:
    """Take a direct channel off a person's list, until the next message. False where it isn't there.

    One that nobody lists and nobody ever wrote in is gone: there may be as many of those as there are in lists.
    """
    if not tx.run("DELETE FROM channel_members WHERE channel_id = ? AND user_id = ?", (channel_id, user_id)):
        return False
    tx.publish(ChannelExited(user_id, channel_id, reason))
    tx.run(
        "DELETE FROM channels WHERE id = ?1 AND kind = 'direct' AND last_id = 0"
        " AND NOT EXISTS (SELECT 1 FROM channel_members WHERE channel_id = ?1)",
        (channel_id,),
    )
    return True


def leave(tx: WriteTx, channel_id: str, user_id: str) -> None:
    """Leave a direct channel: what the others write doesn't bring it back. One of two people is closed by that.

    The other one of two couldn't know that nobody reads any more what they write.
    """
    several = tx.value("SELECT count(*) FROM direct_people WHERE channel_id = ?", (channel_id,)) > 2
    if several:
        tx.run("UPDATE direct_people SET has_left = 1 WHERE channel_id = ? AND user_id = ?", (channel_id, user_id))
    close(tx, channel_id, user_id, "left")
    if several and tx.value("SELECT 1 FROM channel_members WHERE channel_id = ? LIMIT 1", (channel_id,)):
        tell_member(tx, channel_id, user_id, None)
        tx.publish(ChannelStored(load_channel(tx, channel_id), None))


def come_back(tx: WriteTx, channel_id: str, user_id: str) -> None:
    """Put a person who left a direct channel into it again."""
    returned = "UPDATE direct_people SET has_left = 0 WHERE channel_id = ? AND user_id = ? AND has_left"
    if tx.run(returned, (channel_id, user_id)):
        tell_member(tx, channel_id, user_id, load_member(tx, community_of(channel_id), user_id))
        tx.publish(ChannelStored(load_channel(tx, channel_id), None))


_ABSENT = """
SELECT p.user_id FROM direct_people p JOIN memberships m ON m.community_id = ?2 AND m.user_id = p.user_id
LEFT JOIN channel_members cm ON cm.channel_id = p.channel_id AND cm.user_id = p.user_id
WHERE p.channel_id = ?1 AND NOT p.has_left AND cm.user_id IS NULL ORDER BY p.user_id
"""


def call_together(tx: WriteTx, channel_id: str, by: str) -> bool:
    """List a direct channel that gets a message for all of its people. False where all list it already.

    That is cached until anything else is written.
    """
    cached, key = tx.buffer.cached, ("listed", channel_id)
    if key in cached:
        return False
    absent = tx.all(_ABSENT, (channel_id, community_of(channel_id)))
    for (user_id,) in absent:
        show(tx, channel_id, user_id)
    cached[key] = True
    cached.pop(access_key(by, channel_id), None)
    return bool(absent)


# Tasks after a return or a ban


def run_direct_list_task(tx: WriteTx) -> Progress:
    """Go through some more direct channels of somebody who came back, or was banned."""
    task = tx.one("SELECT community_id, user_id, kind, reached FROM direct_errands LIMIT 1")
    if task is None:
        return "done"
    community_id, user_id, kind, reached = task
    above, below = channels_between(community_id)
    found: list[tuple[str]] = tx.all(
        "SELECT channel_id FROM direct_people WHERE user_id = ? AND channel_id > ? AND channel_id < ? AND NOT has_left"
        " ORDER BY channel_id LIMIT ?",
        (user_id, reached or above, below, SLICE),
    )
    channel_ids = [channel_id for (channel_id,) in found]
    does: dict[DirectListTask, _Doing] = {"return": _list_again, "ban": _take_off}
    does[kind](tx, community_id, user_id, channel_ids)
    where = (community_id, user_id)
    if len(found) < SLICE:
        tx.run("DELETE FROM direct_errands WHERE community_id = ? AND user_id = ?", where)
    else:
        moved = "UPDATE direct_errands SET reached = ? WHERE community_id = ? AND user_id = ?"
        tx.run(moved, (channel_ids[-1], *where))
    return "more"


def _list_again(tx: WriteTx, community_id: str, user_id: str, channel_ids: Sequence[str]) -> None:
    """As far as there is room. Where there isn't for all of them, for those alone that the person wrote in."""
    where = (user_id, *channels_between(community_id))
    room = DIRECTS - listed(tx, *where)
    all_of = (
        "SELECT count(*) FROM (SELECT 1 FROM direct_people WHERE user_id=? AND channel_id>? AND channel_id<? LIMIT ?)"
    )
    few = tx.value(all_of, (*where, DIRECTS + 1)) <= DIRECTS
    wrote = "SELECT 1 FROM messages WHERE channel_id = ? AND sender_id = ? LIMIT 1"
    for channel_id in channel_ids:
        if room <= 0:
            return
        if tx.value("SELECT last_id FROM channels WHERE id = ?", (channel_id,)) and (
            few or tx.value(wrote, (channel_id, user_id))
        ):
            room -= show(tx, channel_id, user_id)


def _take_off(tx: WriteTx, community_id: str, user_id: str, channel_ids: Sequence[str]) -> None:
    """Off the lists of all who never wrote there; what they find by searching, they may still read."""
    silent = f"SELECT m.user_id FROM channel_members m WHERE m.channel_id = ? AND m.user_id <> ? AND NOT {_WROTE}"
    for channel_id in channel_ids:
        for (other_id,) in tx.all(silent, (channel_id, user_id)):
            close(tx, channel_id, other_id)
