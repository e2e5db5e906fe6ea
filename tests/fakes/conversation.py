"""The fake server's direct channels, reactions, pins and muting."""

from __future__ import annotations

import msgspec

from asnity_server.protocol import events, limits, requests, responses
from asnity_server.protocol.emoji import clean_emoji
from asnity_server.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from asnity_server.protocol.models import Channel, Message, Reaction

from . import channels, directs, messages
from .model import Account, ChannelRecord
from .paging import paged
from .world import Connection, World


def open_direct(world: World, account: Account, request: requests.OpenDirect) -> Channel:
    community = world.community(account, request.community_id)
    people = tuple(sorted({account.id, *request.user_ids} - {"me"}))
    if not 2 <= len(people) <= limits.DIRECT_MAX:
        raise Invalid(f"A direct message has 2 to {limits.DIRECT_MAX} people.", field="userIds")
    every = (world.channels[each] for each in community.channel_ids)
    channel = next((each for each in every if each.people == people), None)
    if channel is None:
        world.require_heard(account, community.id)
        if not all(each in community.members for each in people):
            raise NotFound("Member not found.", field="userIds")
        channel = channels.make(world, community, "", "direct", "", (), people=people)
    directs.come_back(world, account, channel)
    directs.show(world, account, channel)
    return channel.as_channel()


def react(world: World, account: Account, request: requests.React, *, via: Connection | None = None) -> Message:
    emoji = clean_emoji(request.emoji)
    channel, message = _changeable(world, account, request)
    world.require_heard(account, channel.community_id)
    people = channel.reactors.setdefault((message.id, emoji), [])
    if (account.id in people) == request.on:
        return message
    if request.on and not people and len(message.reactions) >= limits.REACTIONS:
        raise Conflict("This message has too many different reactions already.")
    (people.append if request.on else people.remove)(account.id)
    told = {**message.reactions, emoji: Reaction(count=len(people), users=tuple(people[: limits.REACTION_USERS]))}
    told = {each: reaction for each, reaction in told.items() if reaction.count}
    changed = messages.replace(channel, msgspec.structs.replace(message, reactions=told))
    event = events.ReactionChat(channel_id=channel.id, chat_id=changed.id, rev=changed.rev, reactions=changed.reactions)
    world.tell_room(channel, "reaction-chat", event, but=via)
    return changed


def reactors(world: World, account: Account, request: requests.OfReactionPage) -> responses.Reactors:
    channel = world.visible(account, request.channel_id)
    message = messages.find(channel, request.chat_id)
    people = channel.reactors.get((message.id, clean_emoji(request.emoji)), [])
    found, cursor = paged(people, request)
    return responses.Reactors(reactors=found, users=world.users(account, channel.community_id, found), cursor=cursor)


def react_over_http(world: World, account: Account, request: requests.OfReaction, *, on: bool) -> Message:
    asked = requests.React(channel_id=request.channel_id, chat_id=request.chat_id, emoji=request.emoji, on=on)
    return react(world, account, asked)


def pin(world: World, account: Account, request: requests.OfMessage, *, on: bool) -> Message:
    channel, message = _changeable(world, account, request)
    if world.membership(account, channel.community_id).role == "member":
        raise Forbidden("Only admins can do this.")
    if message.pinned == on:
        return message
    if on and len(channel.pins) >= limits.PINS:
        raise Conflict("This channel has too many pins already.")
    if on:
        channel.pins.append(message.id)
    else:
        channel.pins.remove(message.id)
    changed = messages.replace(channel, msgspec.structs.replace(message, pinned=on))
    world.tell_room(channel, "modify-chat", changed)
    return changed


def pins(world: World, account: Account, request: requests.OfChannel) -> responses.Pins:
    channel = world.visible(account, request.channel_id)
    found = [channel.messages[each - 1] for each in reversed(channel.pins)]
    return responses.Pins(
        messages=tuple(found), users=world.users(account, channel.community_id, messages.named(found))
    )


def patch_channel_me(world: World, account: Account, request: requests.PatchChannelMe) -> responses.ChannelEntry:
    channel = world.joined(account, request.channel_id)
    if request.closed is not None and channel.kind != "direct":
        raise Forbidden("Only direct messages can be closed.")
    seat = channel.seats.get(account.id)
    muted = seat.muted if seat is not None else account.id in channel.mutes
    if request.muted is not None and request.muted != muted:
        muted = request.muted
        (channel.mutes.add if muted else channel.mutes.discard)(account.id)
        if seat is not None:
            seat.muted = muted
        told = events.ChannelMe(channel_id=channel.id, muted=muted)
        world.tell_devices(account.id, channel.community_id, "channel-me", told)
    if request.closed is False:
        directs.show(world, account, channel)
    counters = world.counters(account, channel)
    answer = responses.ChannelEntry(channel=channel.as_channel(), muted=muted, counters=counters)
    if request.closed:
        directs.close(world, account, channel)
    return answer


def _changeable(world: World, account: Account, request: requests.OfMessage) -> tuple[ChannelRecord, Message]:
    """A message that somebody may do something with, and its channel."""
    channel = world.joined(account, request.channel_id)
    message = messages.find(channel, request.chat_id)
    messages.writable(world, account, channel.id)
    if message.deleted_at is not None:
        raise NotFound("This message was deleted.")
    return channel, message
