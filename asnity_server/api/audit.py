"""The audit log of a community: records what roles allowed somebody to do to others, and lists it."""

from __future__ import annotations

from typing import Literal

from asnity_server.api.storage.paging import page_of, position
from asnity_server.db.transaction import ReadTx, Row, WriteTx
from asnity_server.protocol import responses
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.models import AuditEntry, Kind
from asnity_server.protocol.requests import OfCommunityPage
from asnity_server.protocol.times import to_wire

from .access import Caller, authorize_in_community
from .storage import row_mapping

AuditAction = Literal[
    "role-given",
    "member-muted",
    "member-unmuted",
    "member-kicked",
    "member-banned",
    "ban-lifted",
    "invite-withdrawn",
    "community-changed",
    "channel-changed",
    "channel-archived",
    "channel-revived",
    "channel-deleted",
    "removed-from-channel",
    "message-deleted",
]


def record(
    tx: WriteTx,
    caller: Caller,
    deed: AuditAction,
    community_id: str,
    *,
    target_id: str | None = None,
    until: int | None = None,
    detail: str = "",
) -> None:
    """Note what the caller did in a community, in the transaction in which they did it."""
    _write(tx, caller, deed, community_id, target_id, until=until, detail=detail)


def record_in_channel(
    tx: WriteTx,
    caller: Caller,
    deed: AuditAction,
    channel_id: str,
    kind: Kind | None,
    *,
    target_id: str | None = None,
    message_id: int | None = None,
    detail: str = "",
) -> None:
    """The same for a channel. What happens in a private one stays among those who are in it, admins or not."""
    secret = kind != "public"
    where = (channel_id, int(secret), message_id)
    _write(tx, caller, deed, community_of(channel_id), target_id, where=where, detail=detail)


def _write(
    tx: WriteTx,
    caller: Caller,
    deed: AuditAction,
    community_id: str,
    target_id: str | None,
    *,
    where: tuple[str | None, int, int | None] = (None, 0, None),
    until: int | None = None,
    detail: str,
) -> None:
    tx.run(
        "INSERT INTO audit (community_id, id, at, actor_id, action, target_id, channel_id, secret, message_id, until,"
        " detail) SELECT ?1, coalesce(max(id), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM audit"
        " WHERE community_id = ?1",
        (community_id, tx.now, caller.user_id, deed, target_id, *where, until, detail),
    )


_LIST = """
SELECT a.id, a.at, a.actor_id, a.action, a.target_id, a.channel_id, a.message_id, a.until, a.detail FROM audit a
LEFT JOIN channel_members mine ON mine.channel_id = a.channel_id AND mine.user_id = ?2
LEFT JOIN direct_people direct ON direct.channel_id = a.channel_id AND direct.user_id = ?2 AND NOT direct.has_left
WHERE a.community_id = ?1 AND a.id < ?3
    AND (a.secret = 0 OR a.actor_id = ?2 OR mine.user_id IS NOT NULL OR direct.user_id IS NOT NULL)
ORDER BY a.id DESC LIMIT ?4
"""


def list_audit(view: ReadTx, caller: Caller, request: OfCommunityPage) -> responses.Audit:
    """List a community's audit log, newest first. Who isn't in a private channel sees of it what they did there."""
    authorize_in_community(view, "see-audit", caller, request.community_id)
    asked = (request.community_id, caller.user_id, position(request.cursor, start=2**62), request.limit + 1)
    told, cursor = page_of(view.all(_LIST, asked), request.limit, lambda row: str(row[0]))
    entries = tuple(_entry(row) for row in told)
    named = {each.actor_id for each in entries} | {each.target_id for each in entries if each.target_id is not None}
    return responses.Audit(
        entries=entries, users=row_mapping.users_by_id(view, caller.user_id, request.community_id, named), cursor=cursor
    )


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        id=row[0],
        at=to_wire(row[1]),
        actor_id=row[2],
        action=row[3],
        target_id=row[4],
        channel_id=row[5],
        chat_id=row[6],
        until=None if row[7] is None else to_wire(row[7]),
        detail=row[8],
    )
