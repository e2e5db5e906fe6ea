"""The dispatcher of committed changes: moves sockets, emits events and releases answers, in the order of commits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from asnity_server import bus
from asnity_server.gateway.delivery.interface import Delivery
from asnity_server.protocol import events
from asnity_server.protocol.ids import USER_NAMESPACE, community_of, namespace_of
from asnity_server.protocol.models import Presence

from .ended_sessions import EndedSessions
from .presence import PresenceTracker
from .rooms import MEMBERS, Membership, Rooms, room_of_channel, room_of_user

log = logging.getLogger(__name__)


class Dispatcher:
    """Carries out commits one after the other; alone it emits, and moves sockets between rooms."""

    def __init__(self, rooms: Rooms, presence: PresenceTracker, delivery: Delivery) -> None:
        self._rooms = rooms
        self._presence = presence
        self._delivery = delivery
        self.ended_sessions = EndedSessions()
        self._counts: dict[type, int] = {}
        presence.announce = self.announce_presence
        self._handlers: dict[type, Callable[[Any], None]] = {
            bus.MessagePosted: self._message_posted,
            bus.MessageEdited: self._message_edited,
            bus.MessageDeleted: self._message_deleted,
            bus.ReactionsChanged: self._reactions_changed,
            bus.MemberTyping: self._member_typing,
            bus.ReadMarkerMoved: self._read_marker_moved,
            bus.ChannelMuted: self._channel_muted,
            bus.ChannelEntered: self._channel_gained,
            bus.ChannelExited: self._channel_lost,
            bus.ChannelMemberUpdated: self._channel_member_changed,
            bus.ChannelStored: self._channel_changed,
            bus.ChannelDeleted: self._channel_removed,
            bus.MemberUpdated: self._member_changed,
            bus.CommunityEntered: self._community_gained,
            bus.CommunityExited: self._community_lost,
            bus.CommunityUpdated: self._community_changed,
            bus.SessionsEnded: self._sessions_ended,
        }

    def receive(self, commit: bus.Commit) -> None:
        """Carry out one commit."""
        for work in commit.works:
            for change in work.changes:
                kind = type(change)
                self._counts[kind] = self._counts.get(kind, 0) + 1
                try:
                    self._handlers[kind](change)
                except Exception:  # what one change breaks must not keep the others from their people
                    log.exception("%s could not be told", type(change).__name__)
            try:
                work.release()
            except Exception:
                log.exception("an answer could not be released")
        self._delivery.flush()

    def messages(self) -> dict[str, int]:
        """Return how many messages were stored, edited and deleted."""
        kinds = {"posted": bus.MessagePosted, "edited": bus.MessageEdited, "deleted": bus.MessageDeleted}
        return {name: self._counts.get(kind, 0) for name, kind in kinds.items()}

    # Memberships

    def admit(self, membership: Membership) -> None:
        """Let a connection into the namespace that it was authorized for."""
        self._rooms.add(membership)
        self._delivery.accept(membership.connection_id, membership.namespace, membership.user_id)
        self._enter(membership, room_of_user(membership.user_id))
        if membership.community_id is not None:
            self._enter(membership, MEMBERS)
            self._presence.touch(membership.namespace, membership.user_id)

    def vacate(self, membership: Membership, *, expelled: bool) -> None:
        """Remove a connection from a namespace, which it left by itself or is `expelled` from."""
        for room in membership.rooms:
            self._delivery.leave(membership.connection_id, membership.namespace, room)
        membership.rooms.clear()
        self._rooms.remove(membership)
        if expelled:
            self._delivery.expel(membership.connection_id, membership.namespace)
        else:
            self._delivery.forget(membership.connection_id, membership.namespace)
        if membership.community_id is not None:
            self._presence.touch(membership.namespace, membership.user_id)

    def enter_channel(self, membership: Membership, channel_id: str) -> None:
        """Add a connection to the room of a channel that it was authorized for."""
        self._enter(membership, room_of_channel(channel_id))

    def _enter(self, membership: Membership, room: str) -> None:
        membership.enter(room)
        self._delivery.enter(membership.connection_id, membership.namespace, room)

    def _leave(self, membership: Membership, room: str) -> None:
        if room in membership.rooms:
            membership.rooms.discard(room)
            self._delivery.leave(membership.connection_id, membership.namespace, room)

    # Messages

    def _message_posted(self, change: bus.MessagePosted) -> None:
        self._emit_to_channel("new-chat", change.message.channel_id, change.message, change.origin)

    def _message_edited(self, change: bus.MessageEdited) -> None:
        self._emit_to_channel("modify-chat", change.message.channel_id, change.message, change.origin)

    def _message_deleted(self, change: bus.MessageDeleted) -> None:
        self._emit_to_channel("delete-chat", change.message.channel_id, change.message, change.origin)

    def _reactions_changed(self, change: bus.ReactionsChanged) -> None:
        message = change.message
        data = events.ReactionChat(
            channel_id=message.channel_id, chat_id=message.id, rev=message.rev, reactions=message.reactions
        )
        self._emit_to_channel("reaction-chat", message.channel_id, data, change.origin)

    def _emit_to_channel(self, event: str, channel_id: str, data: object, origin: str | None) -> None:
        namespace = namespace_of(community_of(channel_id))
        room = room_of_channel(channel_id)
        self._delivery.emit(namespace, room, event, data, skip=_others(origin), order_with=room)

    def _member_typing(self, change: bus.MemberTyping) -> None:
        """Tell all but the person's own sockets."""
        namespace = namespace_of(community_of(change.channel_id))
        own = [other.connection_id for other in self._rooms.of_user(change.user_id, namespace)]
        data = events.TypingNow(channel_id=change.channel_id, user_id=change.user_id)
        self._delivery.emit(namespace, room_of_channel(change.channel_id), "typing", data, skip=own, ephemeral=True)

    def announce_presence(self, namespace: str, changes: dict[str, Presence]) -> None:
        """Tell everyone in a community whose presence changed."""
        data = events.PresenceChanges(changes=changes)
        self._delivery.emit(namespace, MEMBERS, "presence", data, ephemeral=True)
        self._delivery.flush()

    # What is mine alone

    def _read_marker_moved(self, change: bus.ReadMarkerMoved) -> None:
        counters = change.counters
        data = events.ReadMarker(
            channel_id=change.channel_id,
            set_back=change.set_back,
            last_id=counters.last_id,
            rev=counters.rev,
            read_id=counters.read_id,
            unread=counters.unread,
            mentions=counters.mentions,
        )
        namespace = namespace_of(community_of(change.channel_id))
        room, order_with = room_of_user(change.user_id), room_of_channel(change.channel_id)
        self._delivery.emit(namespace, room, "read-marker", data, skip=_others(change.origin), order_with=order_with)

    def _channel_muted(self, change: bus.ChannelMuted) -> None:
        namespace = namespace_of(community_of(change.channel_id))
        data = events.ChannelMe(channel_id=change.channel_id, muted=change.muted)
        self._delivery.emit(namespace, room_of_user(change.user_id), "channel-me", data)

    # Channels

    def _channel_gained(self, change: bus.ChannelEntered) -> None:
        namespace = namespace_of(change.channel.community_id)
        for membership in self._rooms.of_user(change.user_id, namespace):
            self.enter_channel(membership, change.channel.id)
        data = events.InvitedToChannel(channel=change.channel, counters=change.counters, users=change.users)
        self._delivery.emit(namespace, room_of_user(change.user_id), "invited-to-channel", data)

    def _channel_lost(self, change: bus.ChannelExited) -> None:
        namespace = namespace_of(community_of(change.channel_id))
        for membership in self._rooms.of_user(change.user_id, namespace):
            self._leave(membership, room_of_channel(change.channel_id))
        data = events.RemovedFromChannel(channel_id=change.channel_id, reason=change.reason)
        self._delivery.emit(namespace, room_of_user(change.user_id), "removed-from-channel", data)

    def _channel_member_changed(self, change: bus.ChannelMemberUpdated) -> None:
        """Tell the others of a channel; the person themselves gets an event with all that they need to read there."""
        namespace = namespace_of(community_of(change.channel_id))
        own = [membership.connection_id for membership in self._rooms.of_user(change.user_id, namespace)]
        data = events.ChannelMemberChanged(channel_id=change.channel_id, user_id=change.user_id, member=change.member)
        self._delivery.emit(namespace, room_of_channel(change.channel_id), "channel-member-changed", data, skip=own)

    def _channel_changed(self, change: bus.ChannelStored) -> None:
        channel = change.channel
        data: dict[str, object] = {name: getattr(channel, name) for name in channel.__struct_fields__}
        if change.rev is not None:
            data["rev"] = change.rev
        if change.new:
            data["new"] = True
        if change.by is not None:
            data["by"] = change.by
        self._emit_about_channel("channel-changed", channel.id, events.ChannelChanged(**data), change.rev)  # type: ignore[arg-type]

    def _channel_removed(self, change: bus.ChannelDeleted) -> None:
        data = events.ChannelRemoved(channel_id=change.channel_id)
        if change.rev is not None:
            data = events.ChannelRemoved(channel_id=change.channel_id, rev=change.rev)
        self._emit_about_channel("channel-removed", change.channel_id, data, change.rev)
        room = room_of_channel(change.channel_id)
        for membership in self._rooms.in_namespace(namespace_of(community_of(change.channel_id))):
            self._leave(membership, room)

    def _emit_about_channel(self, event: str, channel_id: str, data: object, rev: int | None) -> None:
        """A change that carries the community's rev is for all its members, another one for those in the channel."""
        room = room_of_channel(channel_id) if rev is None else MEMBERS
        self._delivery.emit(namespace_of(community_of(channel_id)), room, event, data)

    # Communities

    def _member_changed(self, change: bus.MemberUpdated) -> None:
        data = events.MemberChanged(
            user=change.user,
            role=change.role,
            joined_at=change.joined_at,
            rev=change.rev,
            muted_until=change.muted_until or UNSET,
        )
        namespace = namespace_of(change.community_id)
        own = (
            [membership.connection_id for membership in self._rooms.of_user(change.user.id, namespace)]
            if change.why
            else ()
        )
        self._delivery.emit(namespace, MEMBERS, "member-changed", data, skip=own)
        if change.why:
            said = replace(data, why=change.why)
            self._delivery.emit(namespace, room_of_user(change.user.id), "member-changed", said)

    def _community_changed(self, change: bus.CommunityUpdated) -> None:
        namespace = namespace_of(change.community.id)
        self._delivery.emit(namespace, MEMBERS, "community-changed", change.community)

    def _community_gained(self, change: bus.CommunityEntered) -> None:
        data = events.CommunityAdded(community=change.community)
        self._delivery.emit(USER_NAMESPACE, room_of_user(change.user_id), "community-added", data)

    def _community_lost(self, change: bus.CommunityExited) -> None:
        data = events.CommunityRemoved(community_id=change.community_id, reason=change.reason, why=change.why or UNSET)
        self._delivery.emit(USER_NAMESPACE, room_of_user(change.user_id), "community-removed", data)
        for membership in self._rooms.of_user(change.user_id, namespace_of(change.community_id)):
            self.vacate(membership, expelled=True)

    # What may have been missed

    def resync(self, namespace: str, rooms: Iterable[str]) -> int:
        """Tell everyone in one of these rooms, once, that they may have missed something; returns how many."""
        told: set[str] = set()
        wanted = set(rooms)
        for room in wanted:
            self._delivery.emit(namespace, room, "resync", events.Resync(), skip=told)
            told |= {each.connection_id for each in self._rooms.in_namespace(namespace) if room in each.rooms}
        return len(told)

    def leave_channel(self, membership: Membership, channel_id: str) -> None:
        """Remove a connection from the room of a channel that it may not be in any more."""
        self._leave(membership, room_of_channel(channel_id))

    # Sessions

    def _sessions_ended(self, change: bus.SessionsEnded) -> None:
        self.end_sessions(change)

    def end_sessions(self, change: bus.SessionsEnded) -> None:
        """Close the live sockets of sessions that are over, telling them why."""
        self.ended_sessions.add(change.session_ids)
        data = events.SessionEnded(reason=change.reason)
        memberships = self._rooms.of_sessions(change.session_ids)
        for membership in memberships:
            if membership.namespace == USER_NAMESPACE:
                others = [
                    s.connection_id
                    for s in self._rooms.of_user(membership.user_id, USER_NAMESPACE)
                    if s.connection_id != membership.connection_id
                ]
                room = room_of_user(membership.user_id)
                self._delivery.emit(USER_NAMESPACE, room, "session-ended", data, skip=others)
        for membership in memberships:
            self.vacate(membership, expelled=True)
        for connection_id in dict.fromkeys(membership.connection_id for membership in memberships):
            if not self._rooms.of_connection(connection_id):
                self._delivery.close(connection_id)


def _others(origin: str | None) -> tuple[str, ...]:
    """Return the connections to skip: the one that asked gets the answer."""
    return () if origin is None else (origin,)
