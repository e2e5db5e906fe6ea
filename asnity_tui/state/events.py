"""Applies events from the server to the store, and the outcomes of my own writing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from asnity_server.protocol import events as wire
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Channel, Community, Member, Message, Wire

from .changes import (
    NOTHING,
    Changes,
    ChannelAppeared,
    ChannelGained,
    ChannelRenamed,
    ChannelUpdated,
    CommunitiesChanged,
    CommunityChanged,
    EntryFailed,
    MessageArrived,
    MuteChanged,
    NeedCommunity,
    NeedCompare,
    NeedEnter,
    PresenceChanged,
    RoleChanged,
    SignedOut,
    TypingChanged,
)
from .community import CommunityState
from .rights import general_of
from .store import Store, time_of
from .unread import is_mention

CHANNELS_MAX, COMMUNITIES_MAX = 50_000, 1_000
"""Channels of a community, and communities, at which no more are added by what the server tells by itself."""

Handler: TypeAlias = Callable[[Store, CommunityState, Any, int], Changes]


def _new_message(store: Store, community: CommunityState, message: Message, now: int) -> Changes:
    channel = community.channels.get(message.channel_id)
    if channel is None:
        return (NeedCommunity(community.id),)
    mine = message.sender_id == store.my_id
    news = not mine and message.type == "TEXT" and message.deleted_at is None and channel.is_new(message)
    changes = channel.apply_step(message)
    if mine:
        return changes + store.settle_new(channel, message)
    if message.sender_id not in store.users:
        changes += store.ask_for_people(community.id, (message.sender_id,))
    if channel.typing.remove(message.sender_id):
        changes += (TypingChanged(channel.id),)
    if news:
        to_me = channel.channel.kind == "direct" or is_mention(message, store.my_id)
        changes += (MessageArrived(channel.id, message.id, to_me),)
    return changes


def _changed_message(store: Store, community: CommunityState, message: Message, now: int) -> Changes:
    channel = community.channels.get(message.channel_id)
    if channel is None:
        return (NeedCommunity(community.id),)
    return channel.apply_step(message) + store.settle_new(channel, message)


def _reactions(store: Store, community: CommunityState, told: wire.ReactionChat, now: int) -> Changes:
    channel = community.channels.get(told.channel_id)
    return (NeedCommunity(community.id),) if channel is None else channel.apply_step(told)


def _read_marker(store: Store, community: CommunityState, told: wire.ReadMarker, now: int) -> Changes:
    channel = community.channels.get(told.channel_id)
    if channel is None:
        return (NeedCommunity(community.id),)
    if told.set_back:
        channel.drop_reading()
        channel.marked_unread = True
    return channel.apply_counters(told, ordered=True, back=told.set_back)


def _channel_me(store: Store, community: CommunityState, told: wire.ChannelMe, now: int) -> Changes:
    channel = community.channels.get(told.channel_id)
    if channel is None:
        return (NeedCommunity(community.id),)
    channel.muted = told.muted
    return ChannelUpdated(channel.id), CommunityChanged(community.id)


def _typing(store: Store, community: CommunityState, told: wire.TypingNow, now: int) -> Changes:
    channel = community.channels.get(told.channel_id)
    if channel is None or told.user_id == store.my_id:
        return NOTHING
    channel.typing.add(told.user_id, now)
    return (TypingChanged(channel.id), *store.ask_for_people(community.id, (told.user_id,)))


def _presence(store: Store, community: CommunityState, told: wire.PresenceChanges, now: int) -> Changes:
    community.update_presence(told.changes)
    return (PresenceChanged(community.id), *store.ask_for_people(community.id, told.changes))


def _invited(store: Store, community: CommunityState, told: wire.InvitedToChannel, now: int) -> Changes:
    community.serial += 1
    changes = store.learn_users(community, told.users)
    known = community.channels.get(told.channel.id)
    if known is None and len(community.channels) >= CHANNELS_MAX:
        return changes
    muted = known.muted if known is not None else False
    channel = store.add_channel(community, told.channel, muted=muted, counters=told.counters)
    if known is not None:
        changes += channel.apply_counters(told.counters, ordered=True)
    elif channel.channel.kind != "direct" and told.channel.id != general_of(community):
        changes += (ChannelGained(community.id, channel.id),)
    return (*changes, CommunityChanged(community.id), ChannelUpdated(channel.id))


def _removed(store: Store, community: CommunityState, told: wire.RemovedFromChannel, now: int) -> Changes:
    community.serial += 1
    return store.lose_channel(community, told.channel_id, told.reason)


def _channel_changed(store: Store, community: CommunityState, told: wire.ChannelChanged, now: int) -> Changes:
    known, changes = _step(community, told.rev)
    channel = community.channels.get(told.id)
    if known:
        return changes
    if channel is None:
        if told.new is not True:
            return changes
        community.note_appeared(told.id)
        return (*changes, ChannelAppeared(community.id, told.id, told.name), CommunityChanged(community.id))
    before = channel.channel.name
    store.add_channel(community, _plain(told), muted=channel.muted, counters=channel.counters)
    if before != told.name:
        changes += (ChannelRenamed(channel.id, before, told.by or None),)
    return (*changes, ChannelUpdated(channel.id), CommunityChanged(community.id))


def _plain(told: wire.ChannelChanged) -> Channel:
    return Channel(
        id=told.id,
        community_id=told.community_id,
        kind=told.kind,
        name=told.name,
        topic=told.topic,
        archived=told.archived,
        created_at=told.created_at,
        members=told.members,
    )


def _channel_removed(store: Store, community: CommunityState, told: wire.ChannelRemoved, now: int) -> Changes:
    _, changes = _step(community, told.rev)
    community.appeared.discard(told.channel_id)
    return changes + store.lose_channel(community, told.channel_id, "deleted")


def _member_changed(store: Store, community: CommunityState, told: wire.MemberChanged, now: int) -> Changes:
    known, changes = _step(community, told.rev)
    if known:
        return changes
    user = replace(told.user, former=told.role is None)
    changes += store.learn_users(community, {user.id: user})
    if told.role is None:
        community.presence.pop(user.id, None)
        changes += (PresenceChanged(community.id),)
    elif user.id == store.my_id:
        changes += _my_standing(community, told, now)
    member = None
    if told.role is not None and told.joined_at is not None:
        member = Member(user=user, role=told.role, joined_at=told.joined_at, muted_until=told.muted_until)
    return changes + community.update_member(user.id, member)


def _my_standing(community: CommunityState, told: wire.MemberChanged, now: int) -> Changes:
    """I have another role, or may not write for a while."""
    changes: Changes = (CommunityChanged(community.id),)
    assert told.role is not None, "who has none is gone"
    if told.role != community.role:
        changes += (RoleChanged(community.id, told.role),)
    until = time_of(told.muted_until)
    if until != community.muted_until and max(until, community.muted_until) > now:
        changes += (MuteChanged(community.id, until, told.why or ""),)
    community.role, community.muted_until = told.role, until
    return changes


def _channel_member_changed(
    store: Store, community: CommunityState, told: wire.ChannelMemberChanged, now: int
) -> Changes:
    community.serial += 1
    changes: Changes = NOTHING
    if told.member is not None:
        changes += store.learn_users(community, {told.user_id: told.member.user})
    channel = community.channels.get(told.channel_id)
    return changes if channel is None else changes + community.update_person(channel, told.user_id, told.member)


def _community_changed(store: Store, community: CommunityState, told: Community, now: int) -> Changes:
    known, changes = _step(community, told.rev)
    if known:
        return changes
    community.community = replace(told, rev=community.community.rev)
    return (*changes, CommunityChanged(community.id))


def _resync(store: Store, community: CommunityState, told: wire.Resync, now: int) -> Changes:
    return (NeedCompare(community.id), *community.people_to_ask())


def _step(community: CommunityState, rev: int | UnsetType) -> tuple[bool, Changes]:
    """Take a step of the community's rev: whether it was known already, and what is to be asked if one is missing."""
    community.serial += 1
    held = community.community.rev
    if rev is UNSET:
        return False, NOTHING
    if rev <= held:
        return True, NOTHING
    if rev > held + 1:
        return False, (NeedCommunity(community.id),)
    community.community = replace(community.community, rev=rev)
    return False, NOTHING


_HANDLERS: dict[str, Handler] = {
    "new-chat": _new_message,
    "modify-chat": _changed_message,
    "delete-chat": _changed_message,
    "reaction-chat": _reactions,
    "read-marker": _read_marker,
    "channel-me": _channel_me,
    "typing": _typing,
    "presence": _presence,
    "invited-to-channel": _invited,
    "removed-from-channel": _removed,
    "channel-member-changed": _channel_member_changed,
    "channel-changed": _channel_changed,
    "channel-removed": _channel_removed,
    "member-changed": _member_changed,
    "community-changed": _community_changed,
    "resync": _resync,
}
"""Events of a community's namespace, by name."""


def apply_event(store: Store, community_id: str | None, name: str, payload: Wire, now: int) -> Changes:
    """Apply an event that came at `now` (milliseconds); without a community it is of the person's own namespace."""
    if community_id is None:
        return _apply_own_event(store, payload)
    community = store.communities.get(community_id)
    if community is None:
        return NOTHING
    if community.held_back is not None:
        community.hold_back(name, payload)
        return NOTHING
    handler = _HANDLERS.get(name)
    return NOTHING if handler is None else handler(store, community, payload, now)


def _apply_own_event(store: Store, payload: Wire) -> Changes:
    match payload:
        case wire.CommunityAdded():
            return _added(store, payload)
        case wire.CommunityRemoved():
            store.serial += 1
            why = payload.why if isinstance(payload.why, str) else ""
            return store.lose_community(payload.community_id, payload.reason, why)
        case wire.SessionEnded():
            return (SignedOut(payload.reason),)
        case _:
            return NOTHING


def _added(store: Store, told: wire.CommunityAdded) -> Changes:
    """I am in a community now; my role and channels in it are to be asked for."""
    store.serial += 1
    if store.me is None:
        return NOTHING  # who I am comes with the first overview, which is asked for again now and has this too
    known = store.communities.get(told.community.id)
    if known is None and len(store.communities) >= COMMUNITIES_MAX:
        return NOTHING
    store.add_community(told.community, known.role if known is not None else "member")
    return CommunitiesChanged(), NeedEnter(told.community.id)


# Outcomes of my own writing


def apply_ack(store: Store, nonce: str, message: Message) -> Changes:
    """Apply an acknowledgement: the server has what this nonce stands for; `message` is as it stands now."""
    channel = store.channel(message.channel_id)
    if channel is None:
        return store.settle(nonce)
    changes = channel.apply_step(message)
    if message.nonce == nonce:
        changes += channel.keep_own(message)
    return changes + store.settle(nonce)


def apply_copy(store: Store, message: Message) -> Changes:
    """Apply a message that the server answered as it stands now, after what I did to it."""
    channel = store.channel(message.channel_id)
    if channel is None:
        return NOTHING
    changes = channel.apply_step(message)
    is_held = channel.timeline is not None and channel.timeline.find(message.id) is not None
    return changes + (channel.keep_own(message) if is_held else NOTHING)


def apply_refusal(store: Store, nonce: str, error: ErrorInfo, now: int) -> Changes:
    """Apply a refusal, for good or for now."""
    entry = store.outbox.refuse(nonce, error, now)
    if entry is None:
        return NOTHING
    return (*((EntryFailed(nonce),) if entry.state == "failed" else ()), *store.show(entry))
