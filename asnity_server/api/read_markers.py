"""Read markers and counters: unread is derived from stored messages, never counted up."""

from __future__ import annotations

from asnity_server.bus import ReadMarkerMoved
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol.errors import Forbidden
from asnity_server.protocol.limits import COUNT_CAP
from asnity_server.protocol.models import Counters
from asnity_server.protocol.requests import MoveReadMarker, OfChannel

from .access import Caller, access_key, authorize_in_channel

_QUIET = "deleted_at IS NOT NULL OR type <> 'TEXT'"
"""Messages that never count as unread; word for word that of the partial index."""


def _unread_up_to(end: str) -> str:
    """Ids are dense, so what is unread is a stretch of them without the few that don't count: nothing is counted up.

    Both counts are answered by their indices alone.
    """
    between = f"channel_id = {{channel}} AND id > {{read_id}} AND id <= {end}"
    own = f"SELECT count(*) FROM messages INDEXED BY messages_own WHERE {between} AND sender_id = {{user}}"
    quiet = (
        f"SELECT count(*) FROM messages INDEXED BY messages_quiet"
        f" WHERE {between} AND sender_id <> {{user}} AND ({_QUIET})"
    )
    return f"{end} - {{read_id}} - ({own}) - ({quiet})"


_NEAR = f"min({{last_id}}, {{read_id}} + {COUNT_CAP * 2})"
"""How far to look at first: mostly far enough to know that the count stops at its cap."""

UNREAD = f"""
SELECT CASE
    WHEN near >= {COUNT_CAP} THEN {COUNT_CAP}
    WHEN {{last_id}} = {_NEAR} THEN near
    ELSE min({COUNT_CAP}, {_unread_up_to("{last_id}")})
END
FROM (SELECT {_unread_up_to(_NEAR)} AS near)
"""
"""The unread count, as SQL over expressions for the channel, its newest id, the read marker and the person."""

MENTIONS = f"""
SELECT min({COUNT_CAP}, (
    SELECT count(*) FROM (
        SELECT 1 FROM mentions
        WHERE channel_id = {{channel}} AND user_id = {{user}} AND message_id > {{read_id}} LIMIT {COUNT_CAP}
    )
) + (
    SELECT count(*) FROM (
        SELECT 1 FROM messages INDEXED BY messages_to_all
        WHERE channel_id = {{channel}} AND id > {{read_id}} AND mentions_all = 1 AND sender_id <> {{user}}
        LIMIT {COUNT_CAP}
    )
))
"""
"""How much of it mentions the person, over the same expressions; what is for everyone names nobody besides."""

_UNREAD, _MENTIONS = (each.format(channel="?1", read_id="?2", user="?3", last_id="?4") for each in (UNREAD, MENTIONS))


def counters_of(view: ReadTx, channel_id: str, user_id: str) -> Counters:
    """Return a channel's counters for a person in it (for one who isn't, as if everything were read)."""
    row = view.one(
        "SELECT c.last_id, c.rev, coalesce(m.read_id, c.last_id) FROM channels c"
        " LEFT JOIN channel_members m ON m.channel_id = c.id AND m.user_id = ? WHERE c.id = ?",
        (user_id, channel_id),
    )
    last_id, rev, read_id = row or (0, 0, 0)
    return counters_from(view, channel_id, user_id, last_id=last_id, rev=rev, read_id=read_id)


def counters_from(view: ReadTx, channel_id: str, user_id: str, *, last_id: int, rev: int, read_id: int) -> Counters:
    """The same, where the channel's numbers are known already."""
    unread = mentions = 0
    if read_id < last_id:
        unread = view.value(_UNREAD, (channel_id, read_id, user_id, last_id))
        mentions = view.value(_MENTIONS, (channel_id, read_id, user_id)) if unread else 0
    return Counters(last_id=last_id, rev=rev, read_id=read_id, unread=unread, mentions=mentions)


def get_counters(view: ReadTx, caller: Caller, request: OfChannel) -> Counters:
    """A member's counters in a channel."""
    authorize_in_channel(view, "move-read-marker", caller, request.channel_id)
    return counters_of(view, request.channel_id, caller.user_id)


_MOVE = "UPDATE channel_members SET read_id = ?, marked_at = ? WHERE channel_id = ? AND user_id = ?"


def move_read_marker(tx: WriteTx, caller: Caller, request: MoveReadMarker) -> Counters:
    """Everything up to `read_id` is read. A marker moves back only with `set_back`, and never beyond the newest."""
    standing = authorize_in_channel(tx, "move-read-marker", caller, request.channel_id)
    where = (request.channel_id, caller.user_id)
    before = tx.value("SELECT read_id FROM channel_members WHERE channel_id = ? AND user_id = ?", where)
    if before is None and standing.kind == "direct":  # closed: all of it counts as read
        return counters_of(tx, *where)
    if before is None:
        raise Forbidden("You aren't in this channel. Join it first.")
    newest: int = tx.value("SELECT last_id FROM channels WHERE id = ?", (request.channel_id,))
    read_id = min(request.read_id, newest)
    if request.set_back or read_id > before:
        tx.run(_MOVE, (read_id, tx.now, *where))
        tx.buffer.cached.pop(access_key(caller.user_id, request.channel_id), None)
        tx.keep_cached()
    counters = counters_of(tx, request.channel_id, caller.user_id)
    # that something is to stay unread is told even where the marker stood there: the other devices stop reading
    if counters.read_id != before or request.set_back:
        tx.publish(ReadMarkerMoved(request.channel_id, caller.user_id, counters, request.set_back, caller.origin))
    return counters


def counts_beyond(view: ReadTx, channel_id: str, user_id: str, read_id: int) -> bool:
    """Whether there is anything beyond `read_id` that counts as unread for this person."""
    found = view.value(
        f"SELECT EXISTS (SELECT 1 FROM messages WHERE channel_id = ? AND id > ? AND sender_id <> ? AND NOT ({_QUIET}))",
        (channel_id, read_id, user_id),
    )
    return bool(found)
