"""A `ChatClient` that reaches a model server without a network."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from asnity_server.protocol.errors import AsnityError, ErrorInfo, from_info
from asnity_server.protocol.models import Wire
from asnity_server.protocol.routes import A, R, Route, SocketRequest
from asnity_tui.client.transport.client import Listener, NoAnswer, Unreachable

from .faults import Arrival, Faults
from .model import Account
from .server import FakeServer
from .world import Connection

T = TypeVar("T")


class FakeClient:
    """One account's device; `faults` are its switches.

    Like a real one it answers and tells in order: what the server tells before it answers arrives before the answer.
    Nothing is told from inside a request: arrivals come on a later turn of the event loop.
    """

    def __init__(self, server: FakeServer, account: Account | None = None, *, device: str = "") -> None:
        self.token: str | None = server.token(account, device) if account else None
        self.generation = ""
        self.faults = Faults()
        self.server = server
        self._line: _Line | None = None

    async def call(self, route: Route[R, A], request: R) -> A:
        """One HTTP request."""
        if self.faults.offline:
            raise Unreachable("The server can't be reached.")
        await self.faults.on_the_way(route)
        if self.faults.offline:
            raise NoAnswer
        loss = self._loss_or_refusal(route)
        if loss is False:
            raise NoAnswer
        outcome = _attempt(lambda: self.server.call(self.token, route, request, generation=self.generation))
        if loss is True:
            raise NoAnswer
        await asyncio.sleep(0)
        await self.faults.on_the_way_back(route)
        if self.faults.offline:
            raise NoAnswer
        return _told(outcome)

    async def open(self, listener: Listener) -> None:
        """Connect the socket and the person's own namespace."""
        if self._line is not None:
            raise RuntimeError("This client is open already.")
        if self.faults.offline:
            raise Unreachable("The server can't be reached.")
        await asyncio.sleep(0)
        line = _Line(self, listener)
        line.connection = self.server.connect(self.token, line)
        self._line = line

    async def enter(self, community_id: str) -> None:
        """Connect a community's namespace."""
        line = self._connected()
        await asyncio.sleep(0)
        self.server.enter(line.connection, community_id)

    async def exit(self, community_id: str) -> None:
        """Disconnect a community's namespace."""
        if self._line is not None:
            self.server.exit(self._line.connection, community_id)

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        """One socket request."""
        line = self._connected()
        if community_id is not None and community_id not in line.connection.communities:
            raise Unreachable("Not connected to this community.")
        await line.unless_cut(self.faults.on_the_way(kind))
        loss = self._loss_or_refusal(kind)
        if loss is False:
            raise NoAnswer
        outcome = _attempt(lambda: self.server.ask(line.connection, community_id, kind, request))
        if loss is True:
            raise NoAnswer
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.bring(lambda: None if arrived.done() else arrived.set_result(None))
        await line.unless_cut(arrived)
        await line.unless_cut(self.faults.on_the_way_back(kind))
        return _told(outcome)

    async def close(self) -> None:
        """Drop the socket; nobody is told."""
        line, self._line = self._line, None
        if line is not None:
            self.server.disconnect(line.connection)
            line.cut()

    # Switches

    @property
    def is_open(self) -> bool:
        """Whether the socket is connected."""
        return self._line is not None

    def cut(self, reason: str = "The connection was lost.") -> None:
        """Cut the socket, as a network does: nothing that is under way arrives any more."""
        line, self._line = self._line, None
        if line is not None:
            self.server.disconnect(line.connection)
            line.cut()
            line.listener.connection_lost(reason)

    def go_offline(self) -> None:
        """Cut the socket; from now on nothing reaches the server."""
        self.faults.offline = True
        self.cut()

    def go_online(self) -> None:
        """The server can be reached again; the socket stays closed until it is opened."""
        self.faults.offline = False

    def release_events(self) -> None:
        """Let held events arrive, in the order of `faults.held_events`."""
        for arrival in self.faults.take_held():
            if self._line is not None:
                self._line.bring_event(arrival)

    def _connected(self) -> _Line:
        if self._line is None:
            raise Unreachable("Not connected.")
        return self._line

    def _loss_or_refusal(self, kind: Route[R, A] | SocketRequest[R, A]) -> bool | None:
        refusal = self.faults.refusal(kind)
        if refusal is not None:
            raise from_info(refusal)
        return self.faults.loss(kind)

    def closed_by_server(self, line: _Line, reason: str) -> None:
        """The server closed the socket."""
        if line is self._line:
            self._line = None
            line.cut()
            line.listener.connection_lost(reason)


class _Line:
    """One connection's way back: what the server tells and answers, in order, a turn of the event loop later."""

    connection: Connection

    def __init__(self, client: FakeClient, listener: Listener) -> None:
        self.listener = listener
        self._client = client
        self._coming: deque[Callable[[], None]] = deque()
        self._cut = asyncio.Event()

    # What the server says

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        for arrival in self._client.faults.arriving(Arrival(community_id, name, payload)):
            self.bring_event(arrival)

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        self.bring(lambda: self.listener.namespace_lost(community_id, error))

    def ended(self, reason: str) -> None:
        self.bring(lambda: self._client.closed_by_server(self, reason))

    # How it comes

    def bring_event(self, arrival: Arrival) -> None:
        self.bring(lambda: self.listener.event(arrival.community_id, arrival.name, arrival.payload))

    def bring(self, deliver: Callable[[], None]) -> None:
        self._coming.append(deliver)
        asyncio.get_running_loop().call_soon(self._deliver_next)

    def _deliver_next(self) -> None:
        if self._coming and not self._cut.is_set():
            self._coming.popleft()()

    def cut(self) -> None:
        self._cut.set()

    async def unless_cut(self, waited: Awaitable[None]) -> None:
        """Wait for something, or for the line to be cut. Raises `NoAnswer` if it is."""
        wanted = asyncio.ensure_future(waited)
        cut = asyncio.ensure_future(self._cut.wait())
        try:
            await asyncio.wait({wanted, cut}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            cut.cancel()
            if not wanted.done():
                wanted.cancel()
        if self._cut.is_set():
            raise NoAnswer


@dataclass(frozen=True)
class _Outcome(Generic[T]):
    """What came of a request: a refusal, or else an answer."""

    answers: tuple[T, ...]
    refusal: AsnityError | None = None


def _attempt(work: Callable[[], T]) -> _Outcome[T]:
    try:
        return _Outcome((work(),))
    except AsnityError as error:
        return _Outcome((), error)


def _told(outcome: _Outcome[T]) -> T:
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome.answers[0]
