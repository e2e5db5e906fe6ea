"""The gateway: one receiver for all communities that authenticates, dispatches by table and answers errors."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from asnity_server import bus
from asnity_server.backend import Backend, OnDone
from asnity_server.bus import Outcome
from asnity_server.gateway.delivery.interface import Delivery
from asnity_server.protocol import codec, limits, requests, responses
from asnity_server.protocol.errors import (
    AsnityError,
    Code,
    ErrorInfo,
    Internal,
    Invalid,
    NotFound,
    Unauthorized,
    Unavailable,
)
from asnity_server.protocol.ids import USER_NAMESPACE, community_of, community_of_namespace
from asnity_server.protocol.models import Counters, Message, Wire

from .connections import OpenConnection, OpenConnections, Timer
from .dispatcher import Dispatcher
from .draining import drain
from .join_limit import JoinLimit
from .presence import PresenceTracker
from .rooms import Membership, Rooms, room_of_channel

log = logging.getLogger(__name__)

JOINED = 8
"""The weight of a join of all one's channels among a connection's unanswered requests; four named ids weigh as one
request of another kind."""

HOMELESS = 45.0
"""Seconds after which a connection that is in no namespace is closed."""

_UNKNOWN = NotFound("Community not found, or you aren't in it.")


class Credentials(Wire):
    """The payload of a CONNECT packet."""

    token: str | None = None


IN_COMMUNITY: Mapping[str, codec.Reader[requests.Request]] = {
    "join": codec.Reader(requests.Join),
    "chat": codec.Reader(requests.Chat),
    "react": codec.Reader(requests.React),
    "read": codec.Reader(requests.MoveReadMarker),
    "typing": codec.Reader(requests.Typing),
    "invite-users-to-channel": codec.Reader(requests.InviteUsers),
}
"""The requests of a community's namespace. Nothing else is ever called by name, least of all connect or disconnect."""

FOR_ONESELF: Mapping[str, codec.Reader[requests.Request]] = {"presence": codec.Reader(requests.SetPresence)}
"""The requests of a person's own namespace."""


class Gateway:
    """Receives what clients send, asks the backend, and lets the dispatcher answer."""

    def __init__(
        self, backend: Backend, delivery: Delivery, *, later: Callable[[float, Callable[[], None]], Timer]
    ) -> None:
        self._backend = backend
        self._delivery = delivery
        self._later = later
        self.rooms = self._rooms = Rooms()
        self.presence = self._presence = PresenceTracker(self._rooms, later=later)
        self.dispatcher = Dispatcher(self._rooms, self._presence, delivery)
        self._connections = OpenConnections(
            hold=delivery.hold, release=delivery.release, close=delivery.close, later=later
        )
        self._joins = JoinLimit()
        self._closing = False
        self._draining = False
        self.requests = 0
        self.refusals: Counter[Code] = Counter()
        """Refusals so far, those of namespaces included, by code."""

    @property
    def connections(self) -> int:
        """The number of open connections, those in no namespace included."""
        return len(self._connections)

    @property
    def waiting(self) -> int:
        """The weight of all unanswered requests."""
        return sum(each.waiting for each in self._connections)

    @property
    def sessions(self) -> int:
        """The number of sessions with an open connection."""
        return len(self._rooms.sessions())

    def session_ids(self) -> tuple[str, ...]:
        """Return the ids of the sessions with an open connection."""
        return tuple(self._rooms.sessions())

    # Connections

    def opened(self, connection_id: str) -> None:
        """See `Receiver`. A connection that doesn't enter any namespace in time is closed."""
        self._connections.opened(connection_id, self._later(HOMELESS, lambda: self._check_home(connection_id)))

    def _check_home(self, connection_id: str) -> None:
        connection = self._connections.get(connection_id)
        if connection is None:
            return
        if self._rooms.of_connection(connection_id):
            connection.timer = self._later(HOMELESS, lambda: self._check_home(connection_id))
        else:
            self._delivery.close(connection_id)

    def closed(self, connection_id: str) -> None:
        """See `Receiver`."""
        self._connections.closed(connection_id)
        self._joins.gone(connection_id)
        for membership in self._rooms.of_connection(connection_id):
            self.dispatcher.vacate(membership, expelled=False)
        self._presence.gone(connection_id)

    def connect(self, connection_id: str, namespace: str, auth: str) -> None:
        """See `Receiver`. Nothing is allocated for a namespace before the API said yes."""
        community_id = community_of_namespace(namespace)
        if community_id is None and namespace != USER_NAMESPACE:
            self._turn_away(connection_id, namespace, _UNKNOWN.info)
            return
        membership = self._rooms.membership(connection_id, namespace)
        if membership is not None:
            self._delivery.accept(connection_id, namespace, membership.user_id)  # asked twice, answered twice: it is in
            return
        connection = self._connections.get(connection_id)
        if connection is None or connection.leaving or namespace in connection.asking:
            return
        try:
            token = self._token(auth)
            if self._closing:
                raise Unavailable("The server is shutting down.", retry_after=1.0)
            self._connections.wait(connection_id, 1)
        except AsnityError as error:
            self._turn_away(connection_id, namespace, error.info)
            return
        connection.asking.add(namespace)
        self._backend.authorize(token, community_id, partial(self._connected, connection, namespace, community_id))

    @staticmethod
    def _token(auth: str) -> str | None:
        if not auth:
            raise Unauthorized("You are not signed in.")
        token = codec.decode(auth, Credentials).token
        return token.removeprefix("Bearer ") if token is not None else None

    def _connected(
        self, connection: OpenConnection, namespace: str, community_id: str | None, outcome: Outcome[Any]
    ) -> None:
        self._connections.answered(connection, 1)
        if (
            namespace not in connection.asking or connection.connection_id not in self._connections
        ):  # it went away meanwhile
            return
        connection.asking.discard(namespace)
        if outcome.error is not None:
            self._turn_away(connection.connection_id, namespace, outcome.error.info)
            return
        caller = outcome.get()
        if caller.session_id in self.dispatcher.ended_sessions:
            self._turn_away(connection.connection_id, namespace, Unauthorized("You are not signed in.").info)
            return
        self.dispatcher.admit(
            Membership(connection.connection_id, namespace, caller.user_id, caller.session_id, community_id)
        )

    def _turn_away(self, connection_id: str, namespace: str, error: ErrorInfo) -> None:
        self.refusals[error.code] += 1
        self._delivery.refuse(connection_id, namespace, error)
        self._connections.offended(connection_id)

    def disconnect(self, connection_id: str, namespace: str) -> None:
        """See `Receiver`."""
        connection = self._connections.get(connection_id)
        if connection is not None:
            connection.asking.discard(namespace)
        membership = self._rooms.membership(connection_id, namespace)
        if membership is not None:
            self.dispatcher.vacate(membership, expelled=False)

    # Requests

    def unreadable(self, connection_id: str, namespace: str, number: int, name: str, why: str) -> None:
        """See `Receiver`."""
        self._refuse(connection_id, namespace, number, name, Invalid(why).info)

    def event(
        self, connection_id: str, namespace: str, number: int | None, name: str, arguments: list[msgspec.Raw]
    ) -> None:
        """See `Receiver`. The error boundary: whatever happens in here is answered, and nothing leaves it."""
        if self._draining and self._connections.is_leaving(connection_id):
            return  # as if unread: the client asks again where it comes next
        self.requests += 1
        try:
            membership = self._rooms.membership(connection_id, namespace)
            if membership is None:
                self._connections.offended(connection_id)
                raise Unauthorized("Connect to this namespace first.")
            if self._closing:
                raise Unavailable("The server is shutting down.", retry_after=1.0)
            request = self._read(membership, name, arguments)
            if isinstance(request, requests.SetPresence):
                self._backend.admit(membership.user_id, request)
                self._presence.set_away(connection_id, request.status == "away")
                self._acknowledge(membership, number, responses.Done())
            else:
                self._carry_out(membership, number, name, request)
        except AsnityError as error:
            self._refuse(connection_id, namespace, number, name, error.info)
        except Exception as error:
            incident = secrets.token_hex(4)
            log.error("incident %s in %s", incident, name[:32], exc_info=error)
            info = Internal(f"Something went wrong on the server (incident {incident}).").info
            self._refuse(connection_id, namespace, number, name, info)

    @staticmethod
    def _read(membership: Membership, name: str, arguments: list[msgspec.Raw]) -> requests.Request:
        table = IN_COMMUNITY if membership.community_id is not None else FOR_ONESELF
        reader = table.get(name)
        if reader is None:
            raise NotFound("Unknown request.")
        if len(arguments) > 1:
            raise Invalid("A request has one payload.")
        request = reader.read(arguments[0] if arguments else b"{}")
        channel_id = getattr(request, "channel_id", None)
        if channel_id is not None and community_of(channel_id) != membership.community_id:
            raise NotFound("Channel not found, or you aren't in it.")
        return request

    def _carry_out(self, membership: Membership, number: int | None, name: str, request: requests.Request) -> None:
        assert membership.community_id is not None, "all requests but one belong to a community"
        self._backend.admit(membership.user_id, request)
        weight = _weight(request)
        connection = self._connections.wait(membership.connection_id, weight)
        settle = partial(self._settle, membership, number, name, request, connection, weight)
        if self._joins.waiting or isinstance(request, requests.Join):
            self._ask_in_turn(membership, request, settle)
        else:
            self._backend.request(
                membership.session_id, membership.connection_id, membership.community_id, request, settle
            )

    def _ask_in_turn(self, membership: Membership, request: requests.Request, settle: OnDone) -> None:
        connection_id = membership.connection_id
        ask = partial(
            self._backend.request, membership.session_id, connection_id, membership.community_id or "", request
        )
        if not isinstance(request, requests.Join):
            self._joins.ask(connection_id, partial(ask, settle), joins=False)
            return

        def join() -> None:
            present = self._presence.of(membership.namespace)
            # a crowd is looked up by whoever looks at it
            ask(joined, present=tuple(present) if len(present) <= limits.IDS else ())

        def joined(outcome: Outcome[Any]) -> None:
            try:
                settle(outcome)
            finally:
                self._joins.joined()

        self._joins.ask(connection_id, join, joins=True)

    def _settle(
        self,
        membership: Membership,
        number: int | None,
        name: str,
        request: requests.Request,
        connection: OpenConnection | None,
        weight: int,
        outcome: Outcome[Any],
    ) -> None:
        self._connections.answered(connection, weight)
        if self._rooms.membership(membership.connection_id, membership.namespace) is not membership:
            return  # it left, or was made to leave, while this was written
        channel_id = getattr(request, "channel_id", None)
        order_with = None if channel_id is None else room_of_channel(channel_id)
        if outcome.error is not None:
            self._refuse(
                membership.connection_id, membership.namespace, number, name, outcome.error.info, order_with=order_with
            )
        else:
            self._acknowledge(
                membership, number, self._answer(membership, request, outcome.get()), order_with=order_with
            )

    def _answer(self, membership: Membership, request: requests.Request, result: Any) -> object:
        """Return the acknowledgement, after the request's effect on the membership itself."""
        if isinstance(result, Message):
            reacted = isinstance(request, requests.React)
            return responses.Reacted(chat_info=result) if reacted else responses.Written(chat_info=result)
        if isinstance(result, Counters):
            return responses.ReadAnswer(**{name: getattr(result, name) for name in Counters.__struct_fields__})
        if isinstance(result, responses.JoinAnswer):
            for joined in result.joined:
                self.dispatcher.enter_channel(membership, joined.channel_id)
            return msgspec.structs.replace(result, presence=self._presence.of(membership.namespace))
        return responses.Done() if result is None else result

    def _acknowledge(
        self, membership: Membership, number: int | None, answer: object, *, order_with: str | None = None
    ) -> None:
        if number is not None:
            self._delivery.acknowledge(
                membership.connection_id, membership.namespace, number, answer, order_with=order_with
            )

    def _refuse(
        self,
        connection_id: str,
        namespace: str,
        number: int | None,
        name: str,
        error: ErrorInfo,
        *,
        order_with: str | None = None,
    ) -> None:
        self.refusals[error.code] += 1
        if number is not None:
            answer = responses.NotWritten(error=error) if name == "chat" else responses.Refused(error=error)
            self._delivery.acknowledge(connection_id, namespace, number, answer, order_with=order_with)

    # Sessions that ended elsewhere, and the end

    async def revalidate(self) -> None:
        """Close the sockets of sessions that another process has ended in the database."""
        ended = await self._backend.ended(self._rooms.sessions())
        for session_id, reason in ended.items():
            self.dispatcher.end_sessions(bus.SessionsEnded((session_id,), reason))
        self._delivery.flush()

    async def drain(self, seconds: float, *, hurry: asyncio.Event) -> None:
        """Let the connections go evenly over some seconds, each behind its answers; `hurry` ends it at once."""
        self._draining = True
        await drain(self._connections, seconds=seconds, hurry=hurry)

    def close_all(self) -> None:
        """Close every connection: whoever is there comes back and compares."""
        for connection in list(self._connections):
            self._delivery.close(connection.connection_id)

    def stop_listening(self) -> None:
        """Refuse new requests; those that wait are still answered."""
        self._closing = True
        self._joins.end()


def _weight(request: requests.Request) -> int:
    """Return how much work a request is, beside one that writes a message."""
    if not isinstance(request, requests.Join):
        return 1
    return JOINED if request.channels is None else 1 + len(request.channels) // 4
