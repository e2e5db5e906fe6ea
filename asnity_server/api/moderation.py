"""Moderation: roles, mutes, kicks and bans, and how they are lifted."""

from __future__ import annotations

from asnity_server.api.storage.paging import page_of, position_in_time
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol import limits, requests, responses, text
from asnity_server.protocol.errors import Invalid, NotFound
from asnity_server.protocol.models import Ban, Member, Role
from asnity_server.protocol.times import to_wire

from .access import Caller, authorize_in_community, role_of
from .audit import AuditAction, record
from .membership import leave_community, load_member, publish_member, queue_direct_list_task, step_community
from .permissions import RANK, last_owner, require
from .storage import row_mapping


def patch_member(tx: WriteTx, caller: Caller, request: requests.PatchMember) -> Member:
    """Give a member a role, or mute them for a time; everyone in the community is told."""
    authorize_in_community(tx, "see-community", caller, request.community_id)
    if request.role is None and request.muted_for is None:
        raise Invalid("Set role, mutedFor or both.")
    target = caller.user_id if request.user_id == "me" else request.user_id
    reason = clean_reason(request.reason)
    changed = False
    if request.role is not None:
        changed = _give_role(tx, caller, request.community_id, target, request.role)
    if request.muted_for is not None:
        changed |= _mute(tx, caller, request.community_id, target, request.muted_for, reason)
    if changed:
        why = reason if request.muted_for is not None else ""
        publish_member(tx, request.community_id, target, step_community(tx, request.community_id), why=why)
    return load_member(tx, request.community_id, target)


def _give_role(tx: WriteTx, caller: Caller, community_id: str, target: str, role: Role) -> bool:
    """False where the member has this role already."""
    before = role_of(tx, community_id, target)
    steps_down = target == caller.user_id and before is not None and RANK[role] <= RANK[before]
    if not steps_down:
        authorize_in_community(tx, "change-role", caller, community_id, target=target)
    if role == before:
        return False
    if before == "owner":
        require_another_owner(tx, community_id, before)
    # who keeps order can't be muted
    tx.run(
        "UPDATE memberships SET role = ?1, muted_until = CASE WHEN ?1 = 'member' THEN muted_until ELSE 0 END"
        " WHERE community_id = ?2 AND user_id = ?3",
        (role, community_id, target),
    )
    record(tx, caller, "role-given", community_id, target_id=target, detail=role)
    return True


def _mute(tx: WriteTx, caller: Caller, community_id: str, target: str, seconds: int, reason: str) -> bool:
    """False where there is nothing to end."""
    authorize_in_community(tx, "mute-member", caller, community_id, target=target)
    until = tx.now + seconds * 1000 if seconds else 0
    changed = tx.run(
        "UPDATE memberships SET muted_until = ?1 WHERE community_id = ?2 AND user_id = ?3 AND (?1 OR muted_until > ?4)",
        (until, community_id, target, tx.now),
    )
    if changed:
        deed: AuditAction = "member-muted" if until else "member-unmuted"
        record(tx, caller, deed, community_id, target_id=target, until=until or None, detail=reason)
    return bool(changed)


def require_another_owner(view: ReadTx, community_id: str, role: Role) -> None:
    """Raise `Conflict` where somebody of `role` can't leave or step down."""
    owners = "SELECT count(*) FROM memberships WHERE community_id = ? AND role = 'owner'"
    stuck = last_owner(view.value(owners, (community_id,)), role)
    if stuck is not None:
        raise stuck


def kick(tx: WriteTx, caller: Caller, community_id: str, target: str, reason: str) -> None:
    """Throw a member out; an invite lets them in again."""
    authorize_in_community(tx, "kick-member", caller, community_id, target=target)
    record(tx, caller, "member-kicked", community_id, target_id=target, detail=reason)
    _withdraw_invites(tx, community_id, target)
    leave_community(tx, community_id, target, "kicked", why=reason)


def ban(tx: WriteTx, caller: Caller, community_id: str, target: str, reason: str) -> None:
    """Throw a member out, or keep one out who left; nothing lets them in until the ban is lifted."""
    standing = authorize_in_community(tx, "see-community", caller, community_id)
    former = "SELECT 1 FROM former_members WHERE community_id = ? AND user_id = ?"
    if tx.value(former, (community_id, target)) is not None:
        require("ban-former", standing)
    else:
        authorize_in_community(tx, "ban-member", caller, community_id, target=target)
    tx.run(
        "INSERT INTO bans (community_id, user_id, by_id, reason, created_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET by_id = excluded.by_id, reason = excluded.reason, created_at = excluded.created_at",
        (community_id, target, caller.user_id, reason, tx.now),
    )
    record(tx, caller, "member-banned", community_id, target_id=target, detail=reason)
    _withdraw_invites(tx, community_id, target)
    queue_direct_list_task(tx, community_id, target, "ban")
    if role_of(tx, community_id, target) is not None:
        leave_community(tx, community_id, target, "banned", why=reason)


def _withdraw_invites(tx: WriteTx, community_id: str, user_id: str) -> None:
    """A link that somebody made would let them, or their friends, in again."""
    tx.run("DELETE FROM invites WHERE community_id = ? AND creator_id = ?", (community_id, user_id))


def list_bans(view: ReadTx, caller: Caller, request: requests.OfCommunityPage) -> responses.Bans:
    """List the bans of a community, newest first."""
    authorize_in_community(view, "see-bans", caller, request.community_id)
    found = view.all(
        "SELECT user_id, by_id, reason, created_at FROM bans WHERE community_id = ? AND (created_at, user_id) < (?, ?)"
        " ORDER BY created_at DESC, user_id DESC LIMIT ?",
        (request.community_id, *position_in_time(request.cursor), request.limit + 1),
    )
    told, cursor = page_of(found, request.limit, lambda row: f"{row[3]}-{row[0]}")
    return responses.Bans(
        bans=tuple(Ban(user_id=row[0], by_id=row[1], reason=row[2], created_at=to_wire(row[3])) for row in told),
        users=row_mapping.users_by_id(
            view, caller.user_id, request.community_id, {each for row in told for each in row[:2]}
        ),
        cursor=cursor,
    )


def lift_ban(tx: WriteTx, caller: Caller, request: requests.OfMember) -> None:
    """Let somebody come in again, by the ways that there are for everyone."""
    authorize_in_community(tx, "lift-ban", caller, request.community_id)
    where = (request.community_id, request.user_id)
    if not tx.run("DELETE FROM bans WHERE community_id = ? AND user_id = ?", where):
        raise NotFound("This person isn't banned.")
    record(tx, caller, "ban-lifted", request.community_id, target_id=request.user_id)


def clean_reason(reason: str) -> str:
    """A reason as it is kept and shown. Raises `Invalid`."""
    return text.clean_line(reason, field="reason", longest=limits.REASON)
