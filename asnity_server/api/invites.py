"""Invites: links that let people into a community, and into one of its channels."""

from __future__ import annotations

from collections.abc import Callable

from asnity_server.api.storage.clock_skew import LEAD
from asnity_server.api.storage.paging import page_of, position_in_time
from asnity_server.db.transaction import ReadTx, Row, WriteTx
from asnity_server.protocol import limits, requests, responses
from asnity_server.protocol.errors import Conflict, NotFound
from asnity_server.protocol.ids import community_of, new_id
from asnity_server.protocol.limits import INVITE_FOR
from asnity_server.protocol.models import Community, Invite
from asnity_server.protocol.times import to_wire

from .access import Caller, authorize_in_channel, authorize_in_community, load_standing, role_of
from .audit import record
from .membership import enter_channel, enter_community, load_community
from .names import require_distinct_member
from .permissions import allowed
from .storage import row_mapping

CODE = 16
"""Base32 characters of a code: 80 bits, beyond guessing."""

INVITE = (
    "i.code, i.community_id, i.channel_id, i.creator_id, i.created_at, i.expires_at, i.max_uses, i.uses"  # as `Invite`
)
_OPEN = (
    "i.code = ?1 AND (i.expires_at IS NULL OR i.expires_at > ?2 AND i.expires_at <= ?3)"
    " AND (i.max_uses IS NULL OR i.uses < i.max_uses)"
)


class InviteLinks:
    """Creates and lists invite links, which begin with `public_url()`."""

    def __init__(self, public_url: Callable[[], str]) -> None:
        self._public_url = public_url

    def create(self, tx: WriteTx, caller: Caller, request: requests.CreateInvite) -> Invite:
        """Create an invite link. Into a channel it leads only where its maker may invite into that channel."""
        authorize_in_community(tx, "invite-to-community", caller, request.community_id)
        if request.channel_id is not None:
            if community_of(request.channel_id) != request.community_id:
                raise NotFound("Channel not found, or you aren't in it.")
            authorize_in_channel(tx, "invite-to-channel", caller, request.channel_id)
        _make_room(tx, caller.user_id, request.community_id)
        code = new_id(CODE)
        expires_at = None if request.expires_in is None else tx.now + request.expires_in * 1000
        tx.run(
            "INSERT INTO invites (code, community_id, channel_id, creator_id, created_at, expires_at, max_uses)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (code, request.community_id, request.channel_id, caller.user_id, tx.now, expires_at, request.max_uses),
        )
        row = tx.one(f"SELECT {INVITE} FROM invites i WHERE i.code = ?", (code,))
        assert row is not None, "what was just written is there"
        return self._invite(row)

    def list_all(self, view: ReadTx, caller: Caller, request: requests.OfCommunityPage) -> responses.Invites:
        """A community's invites, newest first: all of them for admins, one's own for the others."""
        standing = authorize_in_community(view, "see-community", caller, request.community_id)
        creator = None if allowed("see-invites", standing) else caller.user_id
        found = view.all(
            f"SELECT {INVITE} FROM invites i WHERE i.community_id = ?1 AND i.creator_id = coalesce(?2, i.creator_id)"
            " AND (i.created_at, i.code) < (?3, ?4) ORDER BY i.created_at DESC, i.code DESC LIMIT ?5",
            (request.community_id, creator, *position_in_time(request.cursor), request.limit + 1),
        )
        told, cursor = page_of(found, request.limit, lambda row: f"{row[4]}-{row[0]}")
        return responses.Invites(
            invites=tuple(self._invite(row) for row in told),
            users=row_mapping.users_by_id(view, caller.user_id, request.community_id, {row[3] for row in told}),
            cursor=cursor,
        )

    def url(self, code: str) -> str:
        """The link that stands for a code."""
        return f"{self._public_url()}/invite/{code}"

    def _invite(self, row: Row) -> Invite:
        return Invite(
            code=row[0],
            url=self.url(row[0]),
            community_id=row[1],
            channel_id=row[2],
            creator_id=row[3],
            created_at=to_wire(row[4]),
            expires_at=None if row[5] is None else to_wire(row[5]),
            max_uses=row[6],
            uses=row[7],
        )


def _make_room(tx: WriteTx, user_id: str, community_id: str) -> None:
    """See to it that a person may make one more link: those that are worth nothing any more give way."""
    of_person = "SELECT count(*) FROM invites WHERE community_id = ? AND creator_id = ?"
    if tx.value(of_person, (community_id, user_id)) < limits.INVITES:
        return
    tx.run(
        "DELETE FROM invites WHERE community_id = ? AND creator_id = ? AND (expires_at <= ? OR uses >= max_uses)",
        (community_id, user_id, tx.now),
    )
    if tx.value(of_person, (community_id, user_id)) >= limits.INVITES:
        raise Conflict(f"You have {limits.INVITES} invite links to this community. Withdraw one first.")


def withdraw(tx: WriteTx, caller: Caller, request: requests.OfCommunityInvite) -> None:
    """Create an invite link worthless."""
    authorize_in_community(tx, "see-community", caller, request.community_id)
    where = (request.community_id, request.code)
    creator = tx.value("SELECT creator_id FROM invites WHERE community_id = ? AND code = ?", where)
    if creator is None:
        raise NotFound("Invite not found.")
    authorize_in_community(tx, "withdraw-invite", caller, request.community_id, author=creator)
    if creator != caller.user_id:
        record(tx, caller, "invite-withdrawn", request.community_id, target_id=creator)
    tx.run("DELETE FROM invites WHERE community_id = ? AND code = ?", where)


def require_open(view: ReadTx, code: str) -> Row:
    """The row of `INVITE` of a link that is still good. Raises `NotFound` for any other."""
    row = view.one(
        f"SELECT {INVITE} FROM invites i WHERE {_OPEN}", (code, view.now, view.now + INVITE_FOR * 1000 + LEAD)
    )
    if row is None:
        raise NotFound("This invite is invalid or has expired.")
    return row


def preview(view: ReadTx, request: requests.OfInvite) -> responses.InvitePreview:
    """Preview an invite for whoever holds its link, before signing in."""
    row = require_open(view, request.code)
    community = load_community(view, row[1])
    members: int = view.value("SELECT count(*) FROM memberships WHERE community_id = ?", (community.id,))
    called = (
        "SELECT coalesce(f.display_name, u.display_name) FROM users u"
        " LEFT JOIN former_members f ON f.user_id = u.id AND f.community_id = ? WHERE u.id = ?"
    )
    inviter: str = view.value(called, (community.id, row[3]))
    return responses.InvitePreview(
        community=responses.InvitedTo(name=community.name, description=community.description, members=members),
        inviter=inviter,
        expires_at=None if row[5] is None else to_wire(row[5]),
    )


def accept(tx: WriteTx, caller: Caller, request: requests.OfInvite) -> Community:
    """Become a member by a link."""
    return accept_as(tx, caller.user_id, request.code)


def accept_as(tx: WriteTx, user_id: str, code: str) -> Community:
    """The same for somebody who has just signed up. Who is there already uses nothing up.

    Into its channel a link leads for as long as its maker could put people there by hand: who was removed from a
    private channel doesn't come back by a link of their own.
    """
    row = require_open(tx, code)
    community_id, channel_id, creator_id = row[1:4]
    if role_of(tx, community_id, user_id) is None:
        require_distinct_member(tx, user_id, community_id)
    used = enter_community(tx, community_id, user_id)
    if channel_id is not None and allowed("invite-to-channel", load_standing(tx, creator_id, channel_id)):
        used = enter_channel(tx, channel_id, user_id) or used
    if used:
        tx.run("UPDATE invites SET uses = uses + 1 WHERE code = ?", (code,))
    return load_community(tx, community_id)
