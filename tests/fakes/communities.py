"""The fake server's communities, their members and invites."""

from __future__ import annotations

from msgspec import UNSET
from msgspec.structs import replace

from asnity_server.protocol import events, limits, requests, responses, text, times
from asnity_server.protocol.errors import Conflict, Forbidden, NotFound
from asnity_server.protocol.models import Community, Invite, Member, Role

from . import channels, directs
from .model import Account, CommunityRecord, InviteRecord, Membership
from .paging import paged
from .people import as_member, by_name, names_beside, require_distinct, told_mute
from .world import World


def of(world: World, account: Account) -> list[CommunityRecord]:
    """Somebody's communities, in the order in which they were joined."""
    mine = [each for each in world.communities.values() if account.id in each.members]
    return sorted(mine, key=lambda each: each.members[account.id].joined_at)


def create(world: World, account: Account, request: requests.CreateCommunity) -> Community:
    name = text.clean_line(request.name, field="name", longest=limits.COMMUNITY_NAME, shortest=1)
    description = text.clean_line(request.description, field="description", longest=limits.DESCRIPTION)
    require_room(world, account)
    community = CommunityRecord(
        id=world.ids.new("comm"), name=name, description=description, created_at=world.clock.now()
    )
    world.communities[community.id] = community
    channels.make(world, community, channels.GENERAL, "public", "", ())
    enter(world, account, community, "owner")
    return community.as_community()


def members(world: World, account: Account, request: requests.OfCommunityPage) -> responses.Members:
    community = world.community(account, request.community_id)
    found, cursor = paged(sorted(_members(world, community), key=by_name), request)
    return responses.Members(members=found, cursor=cursor)


def _members(world: World, community: CommunityRecord) -> list[Member]:
    return [as_member(world, community, each) for each in community.members]


def users_by_id(world: World, account: Account, request: requests.UsersById) -> responses.UsersFound:
    community = world.community(account, request.community_id)
    return responses.UsersFound(users=world.users(account, community.id, request.ids.split(",")))


def tell_member(world: World, community: CommunityRecord, account: Account, *, why: str = "") -> None:
    """Tell the members of a community what became of one of them; `why` is for that one alone."""
    community.rev += 1
    membership = community.members.get(account.id)
    changed = events.MemberChanged(
        user=account.as_user(former=membership is None),
        role=membership.role if membership else None,
        joined_at=times.to_wire(membership.joined_at) if membership else None,
        rev=community.rev,
        muted_until=told_mute(world, community, account.id) if membership else UNSET,
    )
    said = replace(changed, why=why) if why else changed
    for each in list(world.connections):
        if community.id in each.communities:
            own = each.account.id == account.id
            each.sink.event(community.id, "member-changed", said if own else changed)


def require_room(world: World, account: Account) -> None:
    """Raise `Conflict` for one who is in as many communities as one may be in."""
    if len(of(world, account)) >= limits.COMMUNITIES:
        raise Conflict(f"One can be in {limits.COMMUNITIES} communities. Leave one of yours first.")


def enter(world: World, account: Account, community: CommunityRecord, role: Role = "member") -> None:
    """Make somebody a member. Raises `Forbidden` for one who is banned."""
    if account.id in community.bans:
        reason = community.bans[account.id].reason
        raise Forbidden(
            f"You are banned from this community: {reason}" if reason else "You are banned from this community."
        )
    require_room(world, account)
    community.members[account.id] = Membership(role, world.clock.now())
    community.former.pop(account.id, None)
    channels.seat(world, account, channels.general(world, community))
    directs.list_again(world, account, community)
    tell_member(world, community, account)
    world.tell_devices(account.id, None, "community-added", events.CommunityAdded(community=community.as_community()))


def expel(
    world: World, community: CommunityRecord, account: Account, reason: events.RemovalReason, *, why: str = ""
) -> None:
    """Take somebody out of a community, its channels, its rooms and its namespace."""
    for channel in [world.channels[channel_id] for channel_id in community.channel_ids]:
        if channel.seats.pop(account.id, None) is not None:
            directs.forget_unwritten(world, channel)
    del community.members[account.id]
    community.former[account.id] = account.display_name
    removed = events.CommunityRemoved(community_id=community.id, reason=reason, why=why or UNSET)
    world.tell_devices(account.id, None, "community-removed", removed)
    world.out_of_namespace(account.id, community.id)
    tell_member(world, community, account)


# Invites


def invites(world: World, account: Account, request: requests.OfCommunityPage, base: str) -> responses.Invites:
    community = world.community(account, request.community_id)
    manages = community.members[account.id].role != "member"
    mine = [each for each in reversed(community.invites.values()) if manages or each.creator_id == account.id]
    found, cursor = paged([as_invite(each, base) for each in mine], request)
    users = world.users(account, community.id, {each.creator_id for each in found})
    return responses.Invites(invites=found, users=users, cursor=cursor)


def create_invite(world: World, account: Account, request: requests.CreateInvite, base: str) -> Invite:
    community = world.community(account, request.community_id)
    world.require_heard(account, community.id)
    if request.channel_id is not None:
        channel = world.joined(account, request.channel_id)
        if channel.community_id != community.id:
            raise NotFound("There is no such channel.")
        channels.require_named(channel)
    now = world.clock.now()
    _make_room(community, account, now)
    record = InviteRecord(
        code=world.ids.new("invite", 16),
        community_id=community.id,
        creator_id=account.id,
        created_at=now,
        expires_at=None if request.expires_in is None else now + request.expires_in * 1000,
        max_uses=request.max_uses,
        channel_id=request.channel_id,
    )
    community.invites[record.code] = record
    return as_invite(record, base)


def _make_room(community: CommunityRecord, account: Account, now: int) -> None:
    mine = [each for each in community.invites.values() if each.creator_id == account.id]
    if len(mine) >= limits.INVITES:
        for each in mine:
            over = each.expires_at is not None and each.expires_at <= now
            if over or (each.max_uses is not None and each.uses >= each.max_uses):
                del community.invites[each.code]
    if sum(each.creator_id == account.id for each in community.invites.values()) >= limits.INVITES:
        raise Conflict(f"You have {limits.INVITES} invite links to this community. Withdraw one first.")


def as_invite(record: InviteRecord, base: str) -> Invite:
    return Invite(
        code=record.code,
        url=f"{base}/invite/{record.code}",
        community_id=record.community_id,
        channel_id=record.channel_id,
        creator_id=record.creator_id,
        created_at=times.to_wire(record.created_at),
        expires_at=None if record.expires_at is None else times.to_wire(record.expires_at),
        max_uses=record.max_uses,
        uses=record.uses,
    )


def delete_invite(world: World, account: Account, request: requests.OfCommunityInvite) -> None:
    community = world.community(account, request.community_id)
    record = community.invites.get(request.code)
    if record is None:
        raise NotFound("Invite not found.")
    if record.creator_id != account.id and community.members[account.id].role == "member":
        raise Forbidden("You may not do that.")
    del community.invites[request.code]


def open_invite(world: World, code: str) -> InviteRecord:
    """An invite that can still be accepted. Raises `NotFound`."""
    for community in world.communities.values():
        record = community.invites.get(code)
        if record is not None:
            expired = record.expires_at is not None and record.expires_at <= world.clock.now()
            if not expired and (record.max_uses is None or record.uses < record.max_uses):
                return record
    raise NotFound("This invite is invalid or has expired.")


def preview(world: World, request: requests.OfInvite) -> responses.InvitePreview:
    record = open_invite(world, request.code)
    community = world.communities[record.community_id]
    return responses.InvitePreview(
        community=responses.InvitedTo(
            name=community.name, description=community.description, members=len(community.members)
        ),
        inviter=community.former.get(record.creator_id) or world.accounts[record.creator_id].display_name,
        expires_at=None if record.expires_at is None else times.to_wire(record.expires_at),
    )


def accept(world: World, account: Account, record: InviteRecord) -> Community:
    community = world.communities[record.community_id]
    used = account.id not in community.members
    if used:
        require_distinct(account.display_name, names_beside(world, account, [community.id]), field="displayName")
        enter(world, account, community)
    channel = None if record.channel_id is None else world.channels.get(record.channel_id)
    # its maker has to be one who could put people there by hand
    if (
        channel is not None
        and record.creator_id in channel.seats
        and world.muted_until(community, record.creator_id) is None
    ):
        used = channels.seat(world, account, channel) or used
    record.uses += used
    return community.as_community()
