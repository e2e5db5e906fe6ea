"""Which direct channels the model server lists for whom."""

from __future__ import annotations

from asnity_server.protocol import events
from asnity_server.protocol.limits import DIRECTS

from . import channels
from .model import Account, ChannelRecord, CommunityRecord, Seat
from .people import as_member
from .world import World


def show(world: World, account: Account, channel: ChannelRecord) -> None:
    """List it for somebody; where there is no room, another one is closed."""
    if account.id in channel.seats or not world.inside(account, channel):
        return
    mine = [each for each in of(world, world.communities[channel.community_id]) if account.id in each.seats]
    if len(mine) >= DIRECTS:
        close(world, account, min(mine, key=lambda each: (_wrote(account, each), _newest(each), each.id)))
    channel.seats[account.id] = Seat(read_id=channel.last_id, muted=account.id in channel.mutes)
    channels.tell_invited(world, account, channel)


def close(world: World, account: Account, channel: ChannelRecord, reason: events.RemovalReason = "closed") -> None:
    """Take it off somebody's list; one that nobody lists and nobody wrote in is gone."""
    if channel.seats.pop(account.id, None) is None:
        return
    world.out_of_room(account.id, channel)
    removed = events.RemovedFromChannel(channel_id=channel.id, reason=reason)
    world.tell_devices(account.id, channel.community_id, "removed-from-channel", removed)
    forget_unwritten(world, channel)


def forget_unwritten(world: World, channel: ChannelRecord) -> None:
    if channel.kind == "direct" and not channel.seats and not channel.messages:
        del world.channels[channel.id]
        world.communities[channel.community_id].channel_ids.remove(channel.id)


def leave(world: World, account: Account, channel: ChannelRecord) -> None:
    """Messages don't bring it back; one of two people is only closed."""
    several = len(channel.people) > 2
    if several:
        channel.left.add(account.id)
    close(world, account, channel, "left")
    if several:
        channels.tell_people(world, channel, account.id, None)
        _tell_changed(world, channel)


def come_back(world: World, account: Account, channel: ChannelRecord) -> None:
    """Bring back those who had left it."""
    if account.id in channel.left:
        channel.left.discard(account.id)
        member = as_member(world, world.communities[channel.community_id], account.id)
        channels.tell_people(world, channel, account.id, member)
        _tell_changed(world, channel)


def call_together(world: World, channel: ChannelRecord) -> None:
    """A message comes: everyone of its people lists it."""
    for each in channel.people:
        show(world, world.accounts[each], channel)


def list_again(world: World, account: Account, community: CommunityRecord) -> None:
    """Somebody came back into a community."""
    for channel in of(world, community):
        if account.id in channel.people and channel.messages:
            show(world, account, channel)


def take_off(world: World, banned: Account, community: CommunityRecord) -> None:
    """Somebody was banned: their direct channels leave the lists of those who never wrote there."""
    for channel in of(world, community):
        if banned.id in channel.people and banned.id not in channel.left:
            for other in [world.accounts[each] for each in channel.seats if each != banned.id]:
                if not _wrote(other, channel):
                    close(world, other, channel)


def of(world: World, community: CommunityRecord) -> list[ChannelRecord]:
    """The direct channels of a community."""
    every = [world.channels[each] for each in community.channel_ids]
    return [each for each in every if each.kind == "direct"]


def _wrote(account: Account, channel: ChannelRecord) -> bool:
    return any(each.sender_id == account.id for each in channel.messages)


def _newest(channel: ChannelRecord) -> str:
    return channel.messages[-1].created_at if channel.messages else ""


def _tell_changed(world: World, channel: ChannelRecord) -> None:
    told = channel.as_channel()
    changed = events.ChannelChanged(**{name: getattr(told, name) for name in told.__struct_fields__})
    world.tell_room(channel, "channel-changed", changed)
