"""The fake server's changes and deletions of communities and channels."""

from __future__ import annotations

import msgspec

from asnity_server.protocol import events, limits, requests, text
from asnity_server.protocol.errors import Conflict, Forbidden
from asnity_server.protocol.models import Channel, Community

from . import channels
from .model import Account, ChannelRecord, CommunityRecord
from .people import RANK, require_distinct
from .world import World


def patch_community(world: World, account: Account, request: requests.PatchCommunity) -> Community:
    community = _owned(world, account, request.community_id)
    before = (community.name, community.description, community.invites_by)
    if request.name is not None:
        community.name = text.clean_line(request.name, field="name", longest=limits.COMMUNITY_NAME, shortest=1)
    if request.description is not None:
        longest = limits.DESCRIPTION
        community.description = text.clean_line(request.description, field="description", longest=longest)
    community.invites_by = request.invites_by or community.invites_by
    if (community.name, community.description, community.invites_by) != before:
        community.rev += 1
        world.tell_community(community.id, "community-changed", community.as_community())
    return community.as_community()


def delete_community(world: World, account: Account, request: requests.OfCommunity) -> None:
    community = _owned(world, account, request.community_id)
    for channel_id in community.channel_ids:
        del world.channels[channel_id]
    removed = events.CommunityRemoved(community_id=community.id, reason="deleted")
    for user_id in community.members:
        world.tell_devices(user_id, None, "community-removed", removed)
        world.out_of_namespace(user_id, community.id)
    del world.communities[community.id]


def patch_channel(world: World, account: Account, request: requests.PatchChannel) -> Channel:
    channel, community = _managed(world, account, request.channel_id)
    name = channel.name if request.name is None else text.clean_channel_name(request.name)
    topic = channel.topic
    if request.topic is not None:
        topic = text.clean_line(request.topic, field="topic", longest=limits.TOPIC)
    archived = channel.archived if request.archived is None else request.archived
    if (name, topic, archived) == (channel.name, channel.topic, channel.archived):
        return channel.as_channel()
    if archived != channel.archived:
        _require_not_general(world, community, channel)
    taken = [world.channels[each] for each in community.channel_ids if each != channel.id]
    if any(text.name_key(each.name) == text.name_key(name) for each in taken):
        raise Conflict("A channel with this name already exists.", field="name")
    if name != channel.name:
        require_distinct(name, [each.name for each in taken], field="name")
    channel.name, channel.topic, channel.archived = name, topic, archived
    _tell_changed(world, community, channel, account.id)
    return channel.as_channel()


def _tell_changed(world: World, community: CommunityRecord, channel: ChannelRecord, by: str) -> None:
    fields = {**msgspec.structs.asdict(channel.as_channel()), "by": by}
    if channel.kind == "public":
        community.rev += 1
        changed = events.ChannelChanged(**fields, rev=community.rev)
        world.tell_community(community.id, "channel-changed", changed)
    else:
        world.tell_room(channel, "channel-changed", events.ChannelChanged(**fields))


def delete_channel(world: World, account: Account, request: requests.OfChannel) -> None:
    channel, community = _managed(world, account, request.channel_id)
    _require_not_general(world, community, channel)
    if channel.kind == "public":
        community.rev += 1
        gone = events.ChannelRemoved(channel_id=channel.id, rev=community.rev)
        world.tell_community(community.id, "channel-removed", gone)
    else:
        world.tell_room(channel, "channel-removed", events.ChannelRemoved(channel_id=channel.id))
    removed = events.RemovedFromChannel(channel_id=channel.id, reason="deleted")
    for user_id in channel.seats:
        world.out_of_room(user_id, channel)
        world.tell_devices(user_id, community.id, "removed-from-channel", removed)
    community.channel_ids.remove(channel.id)
    del world.channels[channel.id]


def _owned(world: World, account: Account, community_id: str) -> CommunityRecord:
    community = world.community(account, community_id)
    if community.members[account.id].role != "owner":
        raise Forbidden("Only the owner can do this.")
    return community


def _managed(world: World, account: Account, channel_id: str) -> tuple[ChannelRecord, CommunityRecord]:
    channel = world.joined(account, channel_id)
    channels.require_named(channel)
    community = world.communities[channel.community_id]
    if RANK[community.members[account.id].role] < RANK["admin"]:
        raise Forbidden("Only admins can do this.")
    return channel, community


def _require_not_general(world: World, community: CommunityRecord, channel: ChannelRecord) -> None:
    if channel is channels.general(world, community):
        raise Forbidden("This channel is for everyone: it can't be left, archived or deleted.")
