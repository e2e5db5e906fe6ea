"""The model server's memory and its telephone exchange: who exists, who is connected, who is told."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import msgspec

from asnity_server.protocol import ids, text, times
from asnity_server.protocol.errors import ErrorInfo, Forbidden, NotFound, Unauthorized
from asnity_server.protocol.events import EndReason, PresenceChanges, SessionEnded
from asnity_server.protocol.models import Counters, Presence, User, Wire

from . import unread
from .model import (
    Account,
    ChannelRecord,
    CommunityRecord,
    FakeClock,
    FakeIds,
    Membership,
    Receipt,
    SessionRecord,
)


class Sink(Protocol):
    """The receiver of a connection's arrivals."""

    def event(self, community_id: str | None, name: str, payload: Wire) -> None: ...

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None: ...

    def ended(self, reason: str) -> None: ...


class Connection:
    """One device's socket: the namespaces and rooms that it is in."""

    def __init__(self, session: SessionRecord, sink: Sink) -> None:
        self.session = session
        self.account = session.account
        self.sink = sink
        self.communities: set[str] = set()
        self.rooms: set[str] = set()
        self.away = False


Stored = dict[str, Any]
"""What is stored, by the names of `World`'s fields."""

_STORED = ("accounts", "sessions", "communities", "channels", "receipts", "written")


class World:
    """Everything that the model server knows."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.ids = FakeIds()
        self.accounts: dict[str, Account] = {}
        self.sessions: dict[str, SessionRecord] = {}
        self.communities: dict[str, CommunityRecord] = {}
        self.channels: dict[str, ChannelRecord] = {}
        self.receipts: dict[tuple[str, str, str], Receipt] = {}
        self.written: list[tuple[str, int]] = []
        """Channel and id of every message, in the order in which they were written."""
        self.connections: list[Connection] = []
        self.generation = self.ids.new("gen", 20)

    # Backups

    def backup(self) -> Stored:
        """A copy of everything that is stored; accounts are shared with it."""
        kept = {name: getattr(self, name) for name in _STORED}
        return copy.deepcopy(kept, {id(each): each for each in self.accounts.values()})

    def restore(self, backup: Stored) -> None:
        """Go on from a backup, as another generation; whoever was connected isn't any more."""
        for each in list(self.connections):
            self.disconnect(each)
            each.sink.ended("The server was stopped.")
        for name, kept in copy.deepcopy(backup, {id(each): each for each in backup["accounts"].values()}).items():
            setattr(self, name, kept)
        self.generation = self.ids.new("gen", 20)

    # Who is who

    def session(self, token: str | None) -> SessionRecord:
        """The session that a token belongs to. Raises `Unauthorized`."""
        found = self.sessions.get((token or "").removeprefix("Bearer "))
        if found is None or found.account.disabled:
            raise Unauthorized("Sign in first.")
        return found

    def by_name(self, username: str) -> Account | None:
        key = text.name_key(username)
        return next((each for each in self.accounts.values() if text.name_key(each.username) == key), None)

    def users(self, by: Account, community_id: str | None, user_ids: Iterable[str]) -> dict[str, User]:
        """Users by id as somebody may see them, in the order of their ids; those whom a community doesn't know miss."""
        if community_id is None:
            members, former = set(self.accounts), set[str]()
        else:
            members, former = set(self.communities[community_id].members), set(self.communities[community_id].former)
        known = sorted(set(user_ids) & (members | former))
        return {each: self._seen(by, each, former=each not in members) for each in known}

    def _seen(self, by: Account, user_id: str, *, former: bool) -> User:
        """Who shares no community any more is shown as they were when they left."""
        user = self.accounts[user_id].as_user(former=former)
        mine = [each for each in self.communities.values() if by.id in each.members]
        if user_id == by.id or any(user_id in each.members for each in mine):
            return user
        called = next((each.former[user_id] for each in mine if user_id in each.former), user.username)
        return msgspec.structs.replace(user, display_name=called, status_text="", disabled=False)

    # Who may see what

    def community(self, account: Account, community_id: str) -> CommunityRecord:
        """A community of the caller's. Raises `NotFound`, also where it exists."""
        record = self.communities.get(community_id)
        if record is None or account.id not in record.members:
            raise NotFound("There is no such community.")
        return record

    def muted_until(self, community: CommunityRecord, user_id: str) -> int | None:
        """Until when somebody can't write; None if they can."""
        until = community.muted.get(user_id, 0)
        return until if until > self.clock.now() else None

    def require_heard(self, account: Account, community_id: str) -> None:
        """Raise `Forbidden`, in words that say until when, for somebody who is muted."""
        until = self.muted_until(self.communities[community_id], account.id)
        if until is not None:
            told = times.to_wire(until)
            raise Forbidden(f"You are muted in this community until {told[:10]} {told[11:16]} UTC.")

    def membership(self, account: Account, community_id: str) -> Membership:
        return self.community(account, community_id).members[account.id]

    def visible(self, account: Account, channel_id: str) -> ChannelRecord:
        """A channel that the caller is in or may look at. Raises `NotFound`."""
        channel = self.channels.get(channel_id)
        if channel is not None:
            members = self.communities[channel.community_id].members
            if self.inside(account, channel) or (channel.kind == "public" and account.id in members):
                return channel
        raise NotFound("There is no such channel.")

    def joined(self, account: Account, channel_id: str) -> ChannelRecord:
        """A channel that the caller is in. Raises `NotFound`, or `Forbidden` where it may be looked at."""
        channel = self.visible(account, channel_id)
        if not self.inside(account, channel):
            raise Forbidden("You are not in this channel.")
        return channel

    def inside(self, account: Account, channel: ChannelRecord) -> bool:
        """Whether somebody is in a channel; in a direct one also while it isn't in their list."""
        if account.id in channel.people:
            return account.id not in channel.left and account.id in self.communities[channel.community_id].members
        return account.id in channel.seats

    def counters(self, account: Account, channel: ChannelRecord) -> Counters:
        """Count a channel for the caller, message by message."""
        seat = channel.seats.get(account.id)
        return unread.count(channel, account.id, seat.read_id if seat else channel.last_id)

    # Who is told

    def connections_of(self, user_id: str) -> Iterator[Connection]:
        return (each for each in list(self.connections) if each.account.id == user_id)

    def tell_room(self, channel: ChannelRecord, name: str, payload: Wire, *, but: Connection | None = None) -> None:
        """An event to everyone whose socket is in the channel's room."""
        for each in list(self.connections):
            if each is not but and channel.id in each.rooms:
                each.sink.event(channel.community_id, name, payload)

    def tell_community(self, community_id: str, name: str, payload: Wire, *, but: Connection | None = None) -> None:
        """An event to every socket in a community's namespace."""
        for each in list(self.connections):
            if each is not but and community_id in each.communities:
                each.sink.event(community_id, name, payload)

    def tell_devices(
        self, user_id: str, community_id: str | None, name: str, payload: Wire, *, but: Connection | None = None
    ) -> None:
        """An event to one person's sockets: in a community's namespace, or (None) in the person's own."""
        for each in self.connections_of(user_id):
            if each is not but and (community_id is None or community_id in each.communities):
                each.sink.event(community_id, name, payload)

    def into_room(self, user_id: str, channel: ChannelRecord) -> None:
        for each in self.connections_of(user_id):
            if channel.community_id in each.communities:
                each.rooms.add(channel.id)

    def out_of_room(self, user_id: str, channel: ChannelRecord) -> None:
        for each in self.connections_of(user_id):
            each.rooms.discard(channel.id)

    def presence(self, user_id: str, community_id: str) -> Presence:
        """Online while one device of a person is, away while all are, offline without any."""
        here = [each.away for each in self.connections_of(user_id) if community_id in each.communities]
        return "offline" if not here else "away" if all(here) else "online"

    def tell_presence(self, user_id: str, community_id: str) -> None:
        """Tell a community whether somebody is there."""
        changes = {user_id: self.presence(user_id, community_id)}
        self.tell_community(community_id, "presence", PresenceChanges(changes=changes))

    def set_away(self, connection: Connection, away: bool) -> None:
        """One device knows of its person; communities for which that changes something are told."""
        before = {each: self.presence(connection.account.id, each) for each in connection.communities}
        connection.away = away
        for community_id, status in before.items():
            if self.presence(connection.account.id, community_id) != status:
                self.tell_presence(connection.account.id, community_id)

    def leave_namespace(self, connection: Connection, community_id: str) -> None:
        """One socket is no longer in a community's namespace; the others are told if that changes who is present."""
        if community_id in connection.communities:
            before = self.presence(connection.account.id, community_id)
            connection.communities.discard(community_id)
            connection.rooms -= {each for each in connection.rooms if ids.community_of(each) == community_id}
            if self.presence(connection.account.id, community_id) != before:
                self.tell_presence(connection.account.id, community_id)

    def disconnect(self, connection: Connection) -> None:
        """One socket is gone."""
        for community_id in list(connection.communities):
            self.leave_namespace(connection, community_id)
        if connection in self.connections:
            self.connections.remove(connection)

    def out_of_namespace(self, user_id: str, community_id: str) -> None:
        """Close a community's namespace on all sockets of a person who lost it."""
        for each in self.connections_of(user_id):
            if community_id in each.communities:
                self.leave_namespace(each, community_id)
                each.sink.namespace_lost(community_id, None)

    def end_session(self, session: SessionRecord, reason: EndReason) -> None:
        """Forget a session, tell its sockets and close them."""
        self.sessions.pop(session.token, None)
        for each in [each for each in self.connections if each.session is session]:
            self.disconnect(each)
            each.sink.event(None, "session-ended", SessionEnded(reason=reason))
            each.sink.ended("The server closed the connection.")
