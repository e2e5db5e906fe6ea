"""The fake server's channels and the people in them."""

from __future__ import annotations

import msgspec

from asnity_server.protocol import events, limits, requests, responses, text
from asnity_server.protocol.errors import AsnityError, Conflict, Forbidden, NotFound
from asnity_server.protocol.models import Channel, Kind, Member

from . import directs
from .model import Account, ChannelRecord, CommunityRecord, Seat
from .paging import paged
from .people import as_member, by_name, require_above, require_distinct
from .world import Connection, World

GENERAL = "general"


def general(world: World, community: CommunityRecord) -> ChannelRecord:
    return world.channels[community.channel_ids[0]]


def of(world: World, account: Account, community: CommunityRecord) -> list[ChannelRecord]:
    """The channels that somebody is in, by name."""
    mine = [world.channels[each] for each in community.channel_ids]
    return sorted((each for each in mine if account.id in each.seats), key=lambda each: text.name_key(each.name))


def listed(world: World, account: Account, request: requests.OfCommunityPage) -> responses.Channels:
    community = world.community(account, request.community_id)
    every = [world.channels[each] for each in community.channel_ids]
    named = [each for each in every if each.kind != "direct"]
    seen = [each for each in named if each.kind == "public" or account.id in each.seats]
    found, cursor = paged(sorted(seen, key=lambda each: text.name_key(each.name)), request)
    return responses.Channels(
        channels=tuple(each.as_channel() for each in found),
        joined=tuple(each.id for each in found if account.id in each.seats),
        cursor=cursor,
    )


def create(world: World, account: Account, request: requests.CreateChannel) -> Channel:
    community = world.community(account, request.community_id)
    world.require_heard(account, community.id)
    require_room(world, account, community.id)
    name = text.clean_channel_name(request.name)
    topic = text.clean_line(request.topic, field="topic", longest=limits.TOPIC)
    taken = {text.name_key(world.channels[each].name) for each in community.channel_ids}
    if text.name_key(name) in taken:
        raise Conflict("A channel with this name already exists.", field="name")
    require_distinct(name, [world.channels[each].name for each in community.channel_ids], field="name")
    if sum(world.channels[each].kind != "direct" for each in community.channel_ids) >= limits.COMMUNITY_CHANNELS:
        raise Conflict(f"A community has at most {limits.COMMUNITY_CHANNELS:,} channels. Delete one first.")
    channel = make(world, community, name, request.kind, topic, (account,))
    tell_invited(world, account, channel)
    if channel.kind == "public":
        community.rev += 1
        changed = events.ChannelChanged(**msgspec.structs.asdict(channel.as_channel()), rev=community.rev, new=True)
        world.tell_community(community.id, "channel-changed", changed)
    return channel.as_channel()


def make(
    world: World,
    community: CommunityRecord,
    name: str,
    kind: Kind,
    topic: str,
    inside: tuple[Account, ...],
    *,
    people: tuple[str, ...] = (),
) -> ChannelRecord:
    """A new channel with people in it, nobody told yet; a direct one is made for these `people`."""
    channel = ChannelRecord(
        id=world.ids.new(f"{community.id}-", 21),
        community_id=community.id,
        kind=kind,
        name=name,
        topic=topic,
        created_at=world.clock.now(),
        people=people,
    )
    world.channels[channel.id] = channel
    community.channel_ids.append(channel.id)
    for each in inside:
        channel.seats[each.id] = Seat()
    return channel


def require_room(world: World, account: Account, community_id: str) -> None:
    """Raise `Conflict` for one who is in as many channels as one may be in."""
    mine = [each for each in of(world, account, world.communities[community_id]) if each.kind != "direct"]
    if len(mine) >= limits.CHANNELS:
        raise Conflict(f"One can be in {limits.CHANNELS:,} channels of a community, and has to leave one first.")


def seat(world: World, account: Account, channel: ChannelRecord) -> bool:
    """Put somebody into a channel, everything in it counting as read. False if they were in it already."""
    if account.id in channel.seats:
        return False
    require_room(world, account, channel.community_id)
    channel.seats[account.id] = Seat(read_id=channel.last_id)
    tell_invited(world, account, channel)
    member = as_member(world, world.communities[channel.community_id], account.id)
    tell_people(world, channel, account.id, member)
    return True


def tell_people(world: World, channel: ChannelRecord, user_id: str, member: Member | None) -> None:
    """Tell the others in a channel that somebody is there now, or (None) no longer."""
    changed = events.ChannelMemberChanged(channel_id=channel.id, user_id=user_id, member=member)
    for each in list(world.connections):
        if each.account.id != user_id and channel.id in each.rooms:
            each.sink.event(channel.community_id, "channel-member-changed", changed)


def tell_invited(world: World, account: Account, channel: ChannelRecord) -> None:
    world.into_room(account.id, channel)
    invited = events.InvitedToChannel(
        channel=channel.as_channel(),
        counters=world.counters(account, channel),
        users=world.users(account, channel.community_id, channel.people),
    )
    world.tell_devices(account.id, channel.community_id, "invited-to-channel", invited)


def require_named(channel: ChannelRecord) -> None:
    """Raise what is answered where somebody wants to change who is in a direct channel."""
    if channel.kind == "direct":
        raise Forbidden("This isn't possible in a direct message.")


def members(world: World, account: Account, request: requests.OfChannelPage) -> responses.ChannelMembers:
    channel = world.visible(account, request.channel_id)
    community = world.communities[channel.community_id]
    inside = [each for each in channel.people if each not in channel.left and each in community.members]
    people = [as_member(world, community, each) for each in inside or channel.seats]
    found, cursor = paged(sorted(people, key=by_name), request)
    return responses.ChannelMembers(members=found, cursor=cursor)


def add_member(world: World, account: Account, request: requests.OfChannelMember) -> Channel:
    channel = world.visible(account, request.channel_id)
    if request.user_id in ("me", account.id):
        seat(world, account, channel)
        return channel.as_channel()
    world.joined(account, channel.id)
    world.require_heard(account, channel.community_id)
    _invite(world, channel, request.user_id)
    return channel.as_channel()


def _invite(world: World, channel: ChannelRecord, user_id: str) -> None:
    require_named(channel)
    if user_id not in world.communities[channel.community_id].members:
        raise NotFound("Member not found.")
    seat(world, world.accounts[user_id], channel)


def invite_users(
    world: World, account: Account, request: requests.InviteUsers, *, via: Connection | None = None
) -> responses.InviteAnswer:
    channel = world.joined(account, request.channel_id)
    require_named(channel)
    world.require_heard(account, channel.community_id)
    invited, refused = [], []
    for user_id in dict.fromkeys(request.users):
        try:
            _invite(world, channel, user_id)
            invited.append(user_id)
        except AsnityError as error:
            refused.append(responses.RefusedUser(user_id=user_id, error=error.info))
    return responses.InviteAnswer(invited=tuple(invited), refused=tuple(refused))


def remove_member(world: World, account: Account, request: requests.OfChannelMember) -> None:
    channel = world.joined(account, request.channel_id)
    user_id = account.id if request.user_id == "me" else request.user_id
    if channel.kind == "direct" and user_id == account.id:
        directs.leave(world, account, channel)
        return
    require_named(channel)
    community = world.communities[channel.community_id]
    if channel is general(world, community):
        raise Forbidden("Everyone is in this channel.")
    if user_id != account.id:
        require_above(community, account, world.accounts.get(user_id))
    if user_id not in channel.seats:
        raise NotFound("Member not found.")
    del channel.seats[user_id]
    world.out_of_room(user_id, channel)
    reason: events.RemovalReason = "left" if user_id == account.id else "kicked"
    removed = events.RemovedFromChannel(channel_id=channel.id, reason=reason)
    world.tell_devices(user_id, channel.community_id, "removed-from-channel", removed)
    tell_people(world, channel, user_id, None)
