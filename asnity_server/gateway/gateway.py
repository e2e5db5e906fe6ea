"""One receiver for all communities: authenticate, dispatch by table, one error boundary."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from asnity_server import bus
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

from .backend import Answer, Backend
from .connections import Link, Links, Timer
from .dispatcher import Dispatcher
from .presence import PresenceBook
from .rooms import Rooms, Seat, room_of_channel

log = logging.getLogger(__name__)

JOINED = 8
"""What a join of all one's channels weighs among what a connection waits for; with ids named, four weigh as much as one
request of another kind."""

HOMELESS = 45.0
"""Seconds after which a connection that is in no namespace is closed."""

_UNKNOWN = NotFound("Community not found, or you aren't in it.")


class Credentials(Wire):
    """What a CONNECT packet says."""

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
    """Hears what clients send, asks the API, and lets the dispatcher answer."""

    def __init__(
        self, backend: Backend, delivery: Delivery, *, later: Callable[[float, Callable[[], None]], Timer]
    ) -> None:
        self._backend = backend
        self._delivery = delivery
        self._later = later
        self._rooms = Rooms()
        self._presence = PresenceBook(self._rooms, later=later)
        self.dispatcher = Dispatcher(self._rooms, self._presence, delivery)
        self._links = Links(hold=delivery.hold, release=delivery.release, close=delivery.close)
        self._closing = False
        self.requests = 0
        self.refusals: Counter[Code] = Counter()
        """What was refused so far, namespaces included, by code."""

    @property
    def connections(self) -> int:
        """Open connections, those that are in no namespace included."""
        return len(self._links)

    @property
    def waiting(self) -> int:
        """Weight of all that isn't answered yet."""
        return sum(link.waiting for link in self._links)

    @property
    def sessions(self) -> int:
        """Sessions that have an open connection."""
        return len(self._rooms.sessions())

    def session_ids(self) -> tuple[str, ...]:
        """The same, by their ids."""
        return tuple(self._rooms.sessions())

    # Connections

    def opened(self, link: str) -> None:
        """See `Receiver`. Who doesn't enter any namespace in time is closed."""
        self._links.opened(link, self._later(HOMELESS, lambda: self._check_home(link)))

    def _check_home(self, link: str) -> None:
        known = self._links.get(link)
        if known is None:
            return
        if self._rooms.of_link(link):
            known.timer = self._later(HOMELESS, lambda: self._check_home(link))
        else:
            self._delivery.close(link)

    def closed(self, link: str) -> None:
        """See `Receiver`."""
        self._links.closed(link)
        for seat in self._rooms.of_link(link):
            self.dispatcher.vacate(seat, expelled=False)
        self._presence.gone(link)

    def connect(self, link: str, namespace: str, auth: str) -> None:
        """See `Receiver`. Nothing is allocated for a namespace before the API said yes."""
        community_id = community_of_namespace(namespace)
        if community_id is None and namespace != USER_NAMESPACE:
            self._turn_away(link, namespace, _UNKNOWN.info)
            return
        seat = self._rooms.seat(link, namespace)
        if seat is not None:
            self._delivery.accept(link, namespace, seat.user_id)  # asked twice, answered twice: it is in
            return
        known = self._links.get(link)
        if known is None or namespace in known.asking:
            return
        try:
            token = self._token(auth)
            if self._closing:
                raise Unavailable("The server is shutting down.", retry_after=1.0)
            self._links.wait(link, 1)
        except AsnityError as error:
            self._turn_away(link, namespace, error.info)
            return
        known.asking.add(namespace)
        self._backend.authorize(token, community_id, partial(self._connected, known, namespace, community_id))

    @staticmethod
    def _token(auth: str) -> str | None:
        if not auth:
            raise Unauthorized("You are not signed in.")
        token = codec.decode(auth, Credentials).token
        return token.removeprefix("Bearer ") if token is not None else None

    def _connected(self, link: Link, namespace: str, community_id: str | None, answer: Answer) -> None:
        self._links.answered(link, 1)
        if namespace not in link.asking or link.name not in self._links:  # it went away meanwhile
            return
        link.asking.discard(namespace)
        if answer.error is not None:
            self._turn_away(link.name, namespace, answer.error.info)
            return
        caller = answer.get()
        self.dispatcher.admit(Seat(link.name, namespace, caller.user_id, caller.session_id, community_id))

    def _turn_away(self, link: str, namespace: str, error: ErrorInfo) -> None:
        self.refusals[error.code] += 1
        self._delivery.refuse(link, namespace, error)
        self._links.offended(link)

    def disconnect(self, link: str, namespace: str) -> None:
        """See `Receiver`."""
        known = self._links.get(link)
        if known is not None:
            known.asking.discard(namespace)
        seat = self._rooms.seat(link, namespace)
        if seat is not None:
            self.dispatcher.vacate(seat, expelled=False)

    # Requests

    def unreadable(self, link: str, namespace: str, number: int, name: str, why: str) -> None:
        """See `Receiver`."""
        self._refuse(link, namespace, number, name, Invalid(why).info)

    def event(self, link: str, namespace: str, number: int | None, name: str, arguments: list[msgspec.Raw]) -> None:
        """See `Receiver`. The error boundary: whatever happens in here is answered, and nothing leaves it."""
        self.requests += 1
        try:
            seat = self._rooms.seat(link, namespace)
            if seat is None:
                self._links.offended(link)
                raise Unauthorized("Connect to this namespace first.")
            if self._closing:
                raise Unavailable("The server is shutting down.", retry_after=1.0)
            request = self._read(seat, name, arguments)
            if isinstance(request, requests.SetPresence):
                self._backend.admit(seat.user_id, request)
                self._presence.set_away(link, request.status == "away")
                self._acknowledge(seat, number, responses.Done())
            else:
                self._carry_out(seat, number, name, request)
        except AsnityError as error:
            self._refuse(link, namespace, number, name, error.info)
        except Exception as error:
            incident = secrets.token_hex(4)
            log.error("incident %s in %s", incident, name[:32], exc_info=error)
            info = Internal(f"Something went wrong on the server (incident {incident}).").info
            self._refuse(link, namespace, number, name, info)

    @staticmethod
    def _read(seat: Seat, name: str, arguments: list[msgspec.Raw]) -> requests.Request:
        table = IN_COMMUNITY if seat.community_id is not None else FOR_ONESELF
        reader = table.get(name)
        if reader is None:
            raise NotFound("Unknown request.")
        if len(arguments) > 1:
            raise Invalid("A request has one payload.")
        request = reader.read(arguments[0] if arguments else b"{}")
        channel_id = getattr(request, "channel_id", None)
        if channel_id is not None and community_of(channel_id) != seat.community_id:
            raise NotFound("Channel not found, or you aren't in it.")
        return request

    def _carry_out(self, seat: Seat, number: int | None, name: str, request: requests.Request) -> None:
        assert seat.community_id is not None, "all requests but one belong to a community"
        self._backend.admit(seat.user_id, request)
        present: tuple[str, ...] = ()
        if isinstance(request, requests.Join) and len(self._presence.of(seat.namespace)) <= limits.IDS:
            present = tuple(self._presence.of(seat.namespace))  # a crowd is looked up by whoever looks at it
        weight = _weight(request)
        link = self._links.wait(seat.link, weight)
        settle = partial(self._settle, seat, number, name, request, link, weight)
        self._backend.request(seat.session_id, seat.link, seat.community_id, request, settle, present=present)

    def _settle(
        self,
        seat: Seat,
        number: int | None,
        name: str,
        request: requests.Request,
        link: Link | None,
        weight: int,
        answer: Answer,
    ) -> None:
        self._links.answered(link, weight)
        if self._rooms.seat(seat.link, seat.namespace) is not seat:
            return  # it left, or was made to leave, while this was written
        channel_id = getattr(request, "channel_id", None)
        along = None if channel_id is None else room_of_channel(channel_id)
        if answer.error is not None:
            self._refuse(seat.link, seat.namespace, number, name, answer.error.info, along=along)
        else:
            self._acknowledge(seat, number, self._answer(seat, request, answer.get()), along=along)

    def _answer(self, seat: Seat, request: requests.Request, result: Any) -> object:
        """What the acknowledgement says, after the request's effect on the seat itself."""
        if isinstance(result, Message):
            reacted = isinstance(request, requests.React)
            return responses.Reacted(chat_info=result) if reacted else responses.Written(chat_info=result)
        if isinstance(result, Counters):
            return responses.ReadAnswer(**{name: getattr(result, name) for name in Counters.__struct_fields__})
        if isinstance(result, responses.JoinAnswer):
            for joined in result.joined:
                self.dispatcher.enter_channel(seat, joined.channel_id)
            return msgspec.structs.replace(result, presence=self._presence.of(seat.namespace))
        if isinstance(request, requests.Typing):
            self.dispatcher.typing(seat, request.channel_id)
            return responses.Done()
        return result

    def _acknowledge(self, seat: Seat, number: int | None, answer: object, *, along: str | None = None) -> None:
        if number is not None:
            self._delivery.acknowledge(seat.link, seat.namespace, number, answer, along=along)

    def _refuse(
        self, link: str, namespace: str, number: int | None, name: str, error: ErrorInfo, *, along: str | None = None
    ) -> None:
        self.refusals[error.code] += 1
        if number is not None:
            answer = responses.NotWritten(error=error) if name == "chat" else responses.Refused(error=error)
            self._delivery.acknowledge(link, namespace, number, answer, along=along)

    # Sessions that ended elsewhere, and the end

    async def revalidate(self) -> None:
        """Another process wrote to the database: close the sockets of sessions that it ended."""
        ended = await self._backend.ended(self._rooms.sessions())
        for session_id, reason in ended.items():
            self.dispatcher.end_sessions(bus.SessionsEnded((session_id,), reason))
        self._delivery.flush()

    def stop_listening(self) -> None:
        """Refuse what comes from here on; what waits is still answered."""
        self._closing = True


def _weight(request: requests.Request) -> int:
    """How much work a request is, beside one that writes a message."""
    if not isinstance(request, requests.Join):
        return 1
    return JOINED if request.channels is None else 1 + len(request.channels) // 4
