"""A model server in memory: the whole protocol, without threads, sockets or files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from asnity_server.protocol import codec, ids, limits, requests, responses, routes
from asnity_server.protocol.errors import RESTORED, AsnityError, Conflict, NotFound
from asnity_server.protocol.events import RemovalReason, TypingNow
from asnity_server.protocol.models import MessageType, Presence, Registration, Role
from asnity_server.protocol.requests import Request
from asnity_server.protocol.routes import A, R, Route, SocketRequest
from asnity_server.rate_limits import RateLimits, Rates

from . import accounts, changing, channels, communities, conversation, messages, moderation, searching
from .model import Account, FakeClock, SessionRecord
from .world import Connection, Sink, World

Anyone = Callable[[Any], Any]
Signed = Callable[[SessionRecord, Any], Any]
Asked = Callable[[Connection, str, Any], Any]
AnyRoute = Route[Any, Any]
AnyAsk = SocketRequest[Any, Any]
T = TypeVar("T", bound=requests.OfChannel)


class FakeServer:
    """A server without a network.

    `call`, `connect` and `ask` are the two doors; `person`, `community`, `channel`, `post` and the others below them
    are short ways for tests, which go through the same doors wherever there is one.
    """

    def __init__(
        self, clock: FakeClock | None = None, *, registration: Registration = "open", rates: Rates | None = None
    ) -> None:
        """It limits nothing unless `rates` say so; `limit` changes them."""
        self.world = World(clock)
        self.clock = self.world.clock
        self.limit(rates or Rates())
        self.registration: Registration = registration
        self.name = "Fake"
        self.base = "http://127.0.0.1:8440"
        self._anyone = self._open_routes()
        self._signed = {**self._account_routes(), **self._community_routes(), **self._channel_routes()}
        self._asked = self._asks()

    def limit(self, rates: Rates) -> None:
        """Limit how often people may do things from here on, by the clock of the model."""
        self._rates = RateLimits(rates, clock=lambda: self.clock.now() / 1000)

    # The doors

    def call(self, token: str | None, route: Route[R, A], request: R, *, generation: str = "") -> A:
        """One HTTP request, by somebody whose ids are of a generation. Raises `AsnityError`."""
        checked = _checked(request, route.request)
        if route in self._anyone:
            answer: A = self._anyone[route](checked)
            return answer
        session = self.world.session(token)
        session.last_seen_at = self.clock.now()
        if generation not in ("", self.world.generation) and route not in (routes.OVERVIEW, routes.SIGN_OUT):
            raise Conflict(RESTORED, field="generation")
        if route not in self._signed:
            raise NotFound("Not found.")
        self._admit(session.id if route.limited == "sessions" else session.account.id, route.limited)
        signed: A = self._signed[route](session, checked)
        return signed

    def connect(self, token: str | None, sink: Sink) -> Connection:
        """Open a socket. Raises `Unauthorized`."""
        connection = Connection(self.world.session(token), sink)
        self.world.connections.append(connection)
        return connection

    def enter(self, connection: Connection, community_id: str) -> None:
        """Connect a community's namespace. Raises `NotFound`, `Unauthorized`."""
        self.world.session(connection.session.token)
        self.world.community(connection.account, community_id)
        before = self.world.presence(connection.account.id, community_id)
        connection.communities.add(community_id)
        if self.world.presence(connection.account.id, community_id) != before:
            self.world.tell_presence(connection.account.id, community_id)

    def exit(self, connection: Connection, community_id: str) -> None:
        """Disconnect a community's namespace."""
        self.world.leave_namespace(connection, community_id)

    def disconnect(self, connection: Connection) -> None:
        """Close a socket from the client's side."""
        self.world.disconnect(connection)

    def ask(self, connection: Connection, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        """One socket request. Raises `AsnityError`."""
        self.world.session(connection.session.token)
        if community_id is None and isinstance(request, requests.SetPresence):
            self._admit(connection.account.id, kind.limited)
            self.world.set_away(connection, request.status == "away")
            return codec.convert({"ok": True}, kind.answer)
        if kind not in self._asked or community_id is None:
            raise NotFound("Unknown request.")
        self.world.community(connection.account, community_id)
        people = len(set(request.users)) if isinstance(request, requests.InviteUsers) else 1
        self._admit(connection.account.id, kind.limited, people)
        answer: A = self._asked[kind](connection, community_id, _checked(request, kind.request))
        return answer

    def _admit(self, who: str, limited: routes.Limited | None, times: int = 1) -> None:
        """Count it against a limit. Raises `RateLimited`."""
        limit = self._rates.of(limited)
        if limit is not None:
            limit.take(who, times=times)

    # HTTP, by table

    def _open_routes(self) -> dict[AnyRoute, Anyone]:
        world = self.world
        return {
            routes.SERVER: lambda request: self._server_info(),
            routes.SIGN_UP: lambda request: accounts.sign_up(
                world, request, closed=self.registration == "closed", invite_only=self.registration == "invite"
            ),
            routes.SIGN_IN: lambda request: accounts.sign_in(world, request),
            routes.INVITE: lambda request: communities.preview(world, request),
        }

    def _account_routes(self) -> dict[AnyRoute, Signed]:
        world = self.world
        return {
            routes.SIGN_OUT: lambda mine, request: self.sign_out(mine),
            routes.SESSIONS: lambda mine, request: accounts.sessions(world, mine, request),
            routes.END_OTHER_SESSIONS: lambda mine, request: accounts.end_other_sessions(world, mine),
            routes.END_SESSION: lambda mine, request: accounts.end_session(world, mine, request),
            routes.ME: lambda mine, request: mine.account.as_user(),
            routes.PATCH_ME: lambda mine, request: accounts.patch_me(world, mine.account, request),
            routes.CHANGE_PASSWORD: lambda mine, request: accounts.change_password(world, mine, request),
            routes.OVERVIEW: lambda mine, request: accounts.overview(world, mine.account),
        }

    def _community_routes(self) -> dict[AnyRoute, Signed]:
        world = self.world
        return {
            routes.COMMUNITIES: lambda mine, request: responses.Communities(
                communities=tuple(each.as_community() for each in communities.of(world, mine.account))
            ),
            routes.CREATE_COMMUNITY: lambda mine, request: communities.create(world, mine.account, request),
            routes.COMMUNITY: lambda mine, request: world.community(mine.account, request.community_id).as_community(),
            routes.COMMUNITY_OVERVIEW: lambda mine, request: accounts.community_overview(world, mine.account, request),
            routes.PATCH_COMMUNITY: lambda mine, request: changing.patch_community(world, mine.account, request),
            routes.DELETE_COMMUNITY: lambda mine, request: changing.delete_community(world, mine.account, request),
            routes.MEMBERS: lambda mine, request: communities.members(world, mine.account, request),
            routes.PATCH_MEMBER: lambda mine, request: moderation.patch_member(world, mine.account, request),
            routes.REMOVE_MEMBER: lambda mine, request: moderation.remove_member(world, mine.account, request),
            routes.BANS: lambda mine, request: moderation.bans(world, mine.account, request),
            routes.LIFT_BAN: lambda mine, request: moderation.lift_ban(world, mine.account, request),
            routes.AUDIT: lambda mine, request: moderation.audit(world, mine.account, request),
            routes.USERS: lambda mine, request: communities.users_by_id(world, mine.account, request),
            routes.INVITES: lambda mine, request: communities.invites(world, mine.account, request, self.base),
            routes.CREATE_INVITE: lambda mine, request: communities.create_invite(
                world, mine.account, request, self.base
            ),
            routes.DELETE_INVITE: lambda mine, request: communities.delete_invite(world, mine.account, request),
            routes.ACCEPT_INVITE: lambda mine, request: communities.accept(
                world, mine.account, communities.open_invite(world, request.code)
            ),
        }

    def _channel_routes(self) -> dict[AnyRoute, Signed]:
        world = self.world
        return {
            routes.CHANNELS: lambda mine, request: channels.listed(world, mine.account, request),
            routes.CREATE_CHANNEL: lambda mine, request: channels.create(world, mine.account, request),
            routes.CHANNEL: lambda mine, request: world.visible(mine.account, request.channel_id).as_channel(),
            routes.PATCH_CHANNEL: lambda mine, request: changing.patch_channel(world, mine.account, request),
            routes.DELETE_CHANNEL: lambda mine, request: changing.delete_channel(world, mine.account, request),
            routes.CHANNEL_MEMBERS: lambda mine, request: channels.members(world, mine.account, request),
            routes.ADD_CHANNEL_MEMBER: lambda mine, request: channels.add_member(world, mine.account, request),
            routes.REMOVE_CHANNEL_MEMBER: lambda mine, request: channels.remove_member(world, mine.account, request),
            routes.OPEN_DIRECT: lambda mine, request: conversation.open_direct(world, mine.account, request),
            routes.SEARCH: lambda mine, request: searching.search(world, mine.account, request),
            routes.PATCH_CHANNEL_ME: lambda mine, request: conversation.patch_channel_me(world, mine.account, request),
            routes.HISTORY: lambda mine, request: messages.history(world, mine.account, request),
            routes.CHANGES: lambda mine, request: messages.changes(world, mine.account, request),
            routes.POST_MESSAGE: lambda mine, request: messages.post(world, mine.account, request),
            routes.EDIT_MESSAGE: lambda mine, request: messages.edit(world, mine.account, request),
            routes.DELETE_MESSAGE: lambda mine, request: messages.delete(world, mine.account, request),
            routes.REACTORS: lambda mine, request: conversation.reactors(world, mine.account, request),
            routes.ADD_REACTION: lambda mine, request: conversation.react_over_http(
                world, mine.account, request, on=True
            ),
            routes.REMOVE_REACTION: lambda mine, request: conversation.react_over_http(
                world, mine.account, request, on=False
            ),
            routes.PIN: lambda mine, request: conversation.pin(world, mine.account, request, on=True),
            routes.UNPIN: lambda mine, request: conversation.pin(world, mine.account, request, on=False),
            routes.PINS: lambda mine, request: conversation.pins(world, mine.account, request),
            routes.READ_MARKER: lambda mine, request: messages.move_read_marker(world, mine.account, request),
            routes.COUNTERS: lambda mine, request: messages.counters(world, mine.account, request),
        }

    def _server_info(self) -> responses.ServerInfo:
        return responses.ServerInfo(
            name=self.name,
            version="0.1.0",
            protocol=limits.PROTOCOL,
            registration=self.registration,
            limits=limits.Limits(),
            generation=self.world.generation,
        )

    # The socket, by table

    def _asks(self) -> dict[AnyAsk, Asked]:
        world = self.world
        return {
            routes.JOIN: self._join,
            routes.CHAT_NEW: lambda via, here, request: responses.Written(
                chat_info=messages.post(world, via.account, self._in(here, request), via=via)
            ),
            routes.CHAT_MODIFY: lambda via, here, request: responses.Written(
                chat_info=messages.edit(world, via.account, self._in(here, request), via=via)
            ),
            routes.CHAT_DELETE: lambda via, here, request: responses.Written(
                chat_info=messages.delete(world, via.account, self._in(here, request), via=via)
            ),
            routes.REACT: lambda via, here, request: responses.Reacted(
                chat_info=conversation.react(world, via.account, self._in(here, request), via=via)
            ),
            routes.READ: lambda via, here, request: responses.ReadAnswer(
                **msgspec.structs.asdict(
                    messages.move_read_marker(world, via.account, self._in(here, request), via=via)
                )
            ),
            routes.TYPING: self._typing,
            routes.INVITE_USERS: lambda via, here, request: channels.invite_users(
                world, via.account, self._in(here, request), via=via
            ),
        }

    def _in(self, community_id: str, request: T) -> T:
        """The request, if its channel belongs to the namespace that it came through. Raises `NotFound`."""
        if ids.community_of(request.channel_id) != community_id:
            raise NotFound("There is no such channel.")
        return request

    def _join(self, via: Connection, community_id: str, request: requests.Join) -> responses.JoinAnswer:
        community = self.world.community(via.account, community_id)
        wanted = request.channels
        if wanted is None:
            wanted = tuple(each.id for each in channels.of(self.world, via.account, community))
        joined, refused = [], []
        for channel_id in dict.fromkeys(wanted):
            try:
                channel = self.world.joined(via.account, channel_id)
                if via.account.id not in channel.seats:
                    raise NotFound("You closed this direct message.")
                self._in(community_id, requests.OfChannel(channel_id=channel_id))
                via.rooms.add(channel.id)
                counters = msgspec.structs.asdict(self.world.counters(via.account, channel))
                joined.append(responses.JoinedChannel(channel_id=channel.id, **counters))
            except AsnityError as error:
                refused.append(responses.RefusedChannel(channel_id=channel_id, error=error.info))
        present = {each.account.id for each in self.world.connections if community_id in each.communities}
        here: dict[str, Presence] = {each: self.world.presence(each, community_id) for each in present}
        users = self.world.users(via.account, community_id, here)
        return responses.JoinAnswer(
            joined=tuple(joined),
            refused=tuple(refused),
            rev=community.rev,
            presence=here,
            users=users,
            generation=self.world.generation,
        )

    def _typing(self, via: Connection, community_id: str, request: requests.Typing) -> responses.Done:
        channel = messages.writable(self.world, via.account, self._in(community_id, request).channel_id)
        self.world.require_heard(via.account, community_id)
        told = TypingNow(channel_id=channel.id, user_id=via.account.id)
        for each in list(self.world.connections):
            if each.account is not via.account and channel.id in each.rooms:
                each.sink.event(community_id, "typing", told)
        return responses.Done()

    # Short ways for tests

    def person(self, username: str, display_name: str = "", *, password: str = "tangerine") -> Account:
        """A new account."""
        return accounts.make_account(self.world, username, display_name or username, password)

    def token(self, account: Account, device: str = "") -> str:
        """A new session of an account."""
        return accounts.make_session(self.world, account, device).token

    def sign_out(self, session: SessionRecord) -> None:
        """End a session as its owner would: its sockets are told and closed."""
        self.world.end_session(session, "signed-out")

    def community(self, name: str, owner: Account, *members: Account, admins: tuple[Account, ...] = ()) -> str:
        """A new community with people in it. Its id."""
        made = communities.create(self.world, owner, requests.CreateCommunity(name=name))
        record = self.world.communities[made.id]
        for each in (*members, *admins):
            communities.enter(self.world, each, record)
        for each in admins:
            self.set_role(made.id, each, "admin")
        return made.id

    def set_role(self, community_id: str, account: Account, role: Role) -> None:
        """Give a member a role; the members are told."""
        record = self.world.communities[community_id]
        record.members[account.id].role = role
        communities.tell_member(self.world, record, account)

    def add_member(self, community_id: str, account: Account) -> None:
        """Let somebody into a community."""
        communities.enter(self.world, account, self.world.communities[community_id])

    def general(self, community_id: str) -> str:
        """The id of the channel that everyone is in."""
        return self.world.communities[community_id].channel_ids[0]

    def channel(
        self, community_id: str, name: str, owner: Account, *people: Account, private: bool = False, topic: str = ""
    ) -> str:
        """A new channel with people in it. Its id."""
        kind = requests.CreateChannel(
            community_id=community_id, name=name, kind="private" if private else "public", topic=topic
        )
        made = channels.create(self.world, owner, kind)
        for each in people:
            channels.seat(self.world, each, self.world.channels[made.id])
        return made.id

    def post(
        self,
        channel_id: str,
        by: Account,
        content: str,
        *,
        type: MessageType = "TEXT",
        nonce: str | None = None,
        reply_to: int | None = None,
    ) -> int:
        """A message that somebody writes from a device of which this test has no client. Its id."""
        if type == "TEXT":
            request = requests.PostMessage(channel_id=channel_id, content=content, nonce=nonce, reply_to=reply_to)
            return messages.post(self.world, by, request).id
        channel = self.world.channels[channel_id]
        message = messages.store(self.world, channel, by, content, type=type)
        self.world.tell_room(channel, "new-chat", message)
        return message.id

    def edit(self, channel_id: str, by: Account, chat_id: int, content: str) -> None:
        """An edit from such a device."""
        request = requests.EditMessage(channel_id=channel_id, chat_id=chat_id, content=content)
        messages.edit(self.world, by, request)

    def delete(self, channel_id: str, by: Account, chat_id: int) -> None:
        """A deletion from such a device."""
        messages.delete(self.world, by, requests.DeleteMessage(channel_id=channel_id, chat_id=chat_id))

    def read(self, channel_id: str, by: Account, read_id: int, *, set_back: bool = False) -> None:
        """A read marker moved on such a device."""
        request = requests.MoveReadMarker(channel_id=channel_id, read_id=read_id, set_back=set_back)
        messages.move_read_marker(self.world, by, request)

    def kick(self, community_id: str, account: Account, reason: RemovalReason = "kicked") -> None:
        """Take somebody out of a community."""
        communities.expel(self.world, self.world.communities[community_id], account, reason)


def _checked(request: Request, kind: type[Request]) -> Request:
    """The request as it arrives behind the wire, checked as a server checks it. Raises `Invalid`, `TooLarge`."""
    return codec.convert(codec.to_builtins(request), kind)
