"""The fake server's moderation: roles, mutes, kicks, bans, and the audit log."""

from __future__ import annotations

from asnity_server.protocol import events, limits, requests, responses, text, times
from asnity_server.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from asnity_server.protocol.models import AuditEntry, Ban, Member, Role

from . import communities, directs
from .model import Account, CommunityRecord
from .paging import paged
from .people import RANK, as_member, require_above
from .world import World


def patch_member(world: World, account: Account, request: requests.PatchMember) -> Member:
    community = world.community(account, request.community_id)
    if request.role is None and request.muted_for is None:
        raise Invalid("Set role, mutedFor or both.")
    target = account if request.user_id == "me" else world.accounts.get(request.user_id)
    reason = _clean_reason(request.reason)
    if request.role is not None:
        _require_role(community, account, target, request.role)
    if request.muted_for is not None:
        require_above(community, account, target)
    assert target is not None, "what was allowed is about somebody"
    changed = request.role is not None and _give_role(world, community, account, target, request.role)
    if request.muted_for is not None:
        changed |= _mute(world, community, account, target, request.muted_for, reason)
    if changed:
        why = reason if request.muted_for is not None else ""
        communities.tell_member(world, community, target, why=why)
    return as_member(world, community, target.id)


def _require_role(community: CommunityRecord, account: Account, target: Account | None, role: Role) -> None:
    mine = community.members[account.id].role
    if target is account:
        if RANK[role] > RANK[mine]:
            raise Forbidden("Only the owner can do this.")
        if mine == "owner" != role:
            require_another_owner(community)
        return
    if mine != "owner":
        raise Forbidden("Only the owner can do this.")
    require_above(community, account, target)


def require_another_owner(community: CommunityRecord) -> None:
    if [each.role for each in community.members.values()].count("owner") == 1:
        raise Conflict("The last owner can't leave or step down. Make someone else an owner first.")


def _give_role(world: World, community: CommunityRecord, account: Account, target: Account, role: Role) -> bool:
    if community.members[target.id].role == role:
        return False
    community.members[target.id].role = role
    if role != "member":
        community.muted.pop(target.id, None)
    record(world, community, account, "role-given", target=target, detail=role)
    return True


def _mute(
    world: World, community: CommunityRecord, account: Account, target: Account, seconds: int, reason: str
) -> bool:
    was_muted = world.muted_until(community, target.id) is not None
    if seconds:
        until = community.muted[target.id] = world.clock.now() + seconds * 1000
        record(world, community, account, "member-muted", target=target, until=until, detail=reason)
        return True
    community.muted.pop(target.id, None)
    if was_muted:
        record(world, community, account, "member-unmuted", target=target, detail=reason)
    return was_muted


def remove_member(world: World, account: Account, request: requests.RemoveMember) -> None:
    community = world.community(account, request.community_id)
    target = account if request.user_id == "me" else world.accounts.get(request.user_id)
    reason = _clean_reason(request.reason)
    if target is account:
        if request.ban:
            raise Invalid("You can't ban yourself.", field="ban")
        if community.members[account.id].role == "owner":
            require_another_owner(community)
        return communities.expel(world, community, target, "left")
    former = request.ban and target is not None and target.id in community.former
    if former and community.members[account.id].role == "member":
        raise Forbidden("Only admins can do this.")
    if not former or target is None:
        target = require_above(community, account, target)
    for each in [each for each in community.invites.values() if each.creator_id == target.id]:
        del community.invites[each.code]
    if request.ban:
        now = times.to_wire(world.clock.now())
        ban = Ban(user_id=target.id, by_id=account.id, reason=reason, created_at=now)
        community.bans.pop(target.id, None)
        community.bans[target.id] = ban
    record(world, community, account, "member-banned" if request.ban else "member-kicked", target=target, detail=reason)
    if request.ban:
        directs.take_off(world, target, community)
    if not former:
        why: events.RemovalReason = "banned" if request.ban else "kicked"
        communities.expel(world, community, target, why, why=reason)


def bans(world: World, account: Account, request: requests.OfCommunityPage) -> responses.Bans:
    community = _as_admin(world, account, request.community_id)
    found, cursor = paged(list(reversed(community.bans.values())), request)
    named = {each for ban in found for each in (ban.user_id, ban.by_id)}
    return responses.Bans(bans=found, users=world.users(account, community.id, named), cursor=cursor)


def lift_ban(world: World, account: Account, request: requests.OfMember) -> None:
    community = _as_admin(world, account, request.community_id)
    if community.bans.pop(request.user_id, None) is None:
        raise NotFound("This person isn't banned.")
    record(world, community, account, "ban-lifted", target=world.accounts[request.user_id])


def audit(world: World, account: Account, request: requests.OfCommunityPage) -> responses.Audit:
    community = _as_admin(world, account, request.community_id)
    seen = [each for each in reversed(community.audit) if _sees(world, account, each)]
    found, cursor = paged(seen, request)
    named = {each for entry in found for each in (entry.actor_id, entry.target_id) if each is not None}
    return responses.Audit(entries=found, users=world.users(account, community.id, named), cursor=cursor)


def _sees(world: World, account: Account, entry: AuditEntry) -> bool:
    """What was done in a private channel stays among those in it."""
    channel = world.channels.get(entry.channel_id or "")
    return channel is None or channel.kind == "public" or account.id in channel.seats or entry.actor_id == account.id


def record(
    world: World,
    community: CommunityRecord,
    account: Account,
    action: str,
    *,
    target: Account | None = None,
    channel_id: str | None = None,
    chat_id: int | None = None,
    until: int | None = None,
    detail: str = "",
) -> None:
    """Note what somebody did to others."""
    entry = AuditEntry(
        id=len(community.audit) + 1,
        at=times.to_wire(world.clock.now()),
        actor_id=account.id,
        action=action,
        target_id=None if target is None else target.id,
        channel_id=channel_id,
        chat_id=chat_id,
        until=None if until is None else times.to_wire(until),
        detail=detail,
    )
    community.audit.append(entry)


def _as_admin(world: World, account: Account, community_id: str) -> CommunityRecord:
    community = world.community(account, community_id)
    if community.members[account.id].role == "member":
        raise Forbidden("Only admins can do this.")
    return community


def _clean_reason(reason: str) -> str:
    return text.clean_line(reason, field="reason", longest=limits.REASON)
