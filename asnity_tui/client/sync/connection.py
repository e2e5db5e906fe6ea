"""The connection: opens it, keeps it, compares with the server, and opens it again when it is lost."""

from __future__ import annotations

import asyncio
from typing import Literal, TypeAlias

import msgspec

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import ErrorInfo, Internal, Unauthorized
from asnity_server.protocol.models import Wire
from asnity_server.protocol.responses import ServerInfo
from asnity_tui.client.clock import Backoff, Clock
from asnity_tui.client.error_text import error_text
from asnity_tui.client.transport.client import REQUEST_ERRORS, ChatClient
from asnity_tui.state.changes import Change, ConnectionChanged, NeedOverview, SignedOut
from asnity_tui.state.events import apply_event
from asnity_tui.state.reconcile import apply_overview, disconnect
from asnity_tui.state.store import Store

from .link import Link, LinkDead, RoundTripMeasured, TokenRefused
from .namespaces import Namespaces
from .publisher import Publisher
from .tasks import Tasks

Status: TypeAlias = Literal["offline", "connecting", "online", "signed-out", "closed"]

WAIT_MAX = 30.0
"""Seconds at most between two attempts to connect."""

STEADY = 30_000
"""Milliseconds after which a connection counts as a good one: losing it begins with short waits again."""

COMPARE_EVERY = 300.0
"""Seconds between two comparisons with the server while nothing else calls for one."""


class ConnectionStatus(msgspec.Struct, frozen=True):
    """The state of the connection."""

    status: Status
    retry_at: int | None = None
    """When the next attempt begins (milliseconds since 1970), while offline."""
    round_trip_ms: int | None = None
    """How long the last acknowledged request took, while online."""
    reason: str = ""
    """Why it is offline or signed out, in words."""


class Connection:
    """Keeps one connection open, and is the listener of what it brings."""

    def __init__(
        self,
        client: ChatClient,
        link: Link,
        namespaces: Namespaces,
        store: Store,
        publisher: Publisher,
        tasks: Tasks,
        clock: Clock,
        backoff: Backoff,
    ) -> None:
        self.state = ConnectionStatus(status="offline")
        self.server: ServerInfo | None = None
        self.leaving = False
        """I am signing out: being signed out is no news."""
        self._client = client
        self._link = link
        self._store = store
        self._publisher = publisher
        self._tasks = tasks
        self._clock = clock
        self._backoff = backoff
        self._namespaces = namespaces
        self._wake = asyncio.Event()
        self._lost = asyncio.Event()
        self._lost_because = ""
        self._attempt = 0
        publisher.watch(self._watch, SignedOut, LinkDead, TokenRefused, RoundTripMeasured)

    @property
    def status(self) -> Status:
        """The state in one word."""
        return self.state.status

    # For the session

    async def run(self) -> None:
        """Connect, and go on doing so for ever."""
        while True:
            self._set(ConnectionStatus(status="connecting"))
            began = self._clock.now()
            try:
                reason = await self._connect_and_keep()
            except Exception as error:  # a defect of ours must not be the end of the connection: it is told
                self._publisher.notice(error)
                reason = error_text(error)
            await self._hang_up(reason)
            if self.status == "signed-out":
                await self._wait(None)
                continue
            if self._clock.now() - began > STEADY:
                self._attempt = 0
            pause = self._backoff.pause(self._attempt, at_most=WAIT_MAX)
            self._attempt += 1
            retry_at = self._clock.now() + round(pause * 1000)
            self._set(ConnectionStatus(status="offline", retry_at=retry_at, reason=reason))
            await self._wait(pause)

    def connect_now(self) -> None:
        """Don't wait for the next attempt."""
        self._wake.set()

    async def compare_forever(self) -> None:
        """Compare from time to time what is held with the server."""
        while True:
            await self._clock.sleep(COMPARE_EVERY)
            self._namespaces.compare_all()

    def check_now(self) -> None:
        """Compare what is held with the server, or connect now: the person is back."""
        if self._tasks.is_open:
            if self.status == "offline":
                self.connect_now()
            self._namespaces.compare_all()

    def closed(self) -> None:
        """The session is over."""
        self._link.is_up = False
        self._set(ConnectionStatus(status="closed"))

    # What comes from the server (`contract.Listener`)

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """An event."""
        if self.leaving and name == "session-ended":
            return
        self._publisher.publish(apply_event(self._store, community_id, name, payload, self._clock.now()))

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        """The server closed one community's namespace: I was removed, or it is to be entered again."""
        self._namespaces.lost(community_id)

    def connection_lost(self, reason: str) -> None:
        """The connection is gone."""
        self._drop(reason)

    # Up and down

    async def _connect_and_keep(self) -> str:
        """One connection from beginning to end; answers why it ended, in words."""
        self._lost.clear()
        self._wake.clear()
        self._link.number += 1
        try:
            await self._connect()
        except REQUEST_ERRORS as error:
            return error_text(error)
        if not self._lost.is_set():
            self._set(ConnectionStatus(status="online", round_trip_ms=self._link.round_trip_ms))
        await self._lost.wait()
        return self._lost_because

    async def _connect(self) -> None:
        try:
            await self._client.open(self)
        except Unauthorized:
            self._refused()
            raise
        self._link.is_up = True
        # The overview comes behind the opening: a community that is added meanwhile is told by an event.
        await self.ask_overview()
        if self.server is None:
            self._tasks.start(self._ask_server())
        await self._namespaces.enter_all()

    async def _hang_up(self, reason: str) -> None:
        self._drop(reason)
        await self._client.close()

    def _drop(self, reason: str) -> None:
        """From here on there is no connection, whatever is still to be cleared away."""
        if self._link.is_up:
            self._link.is_up = False
            self._link.round_trip_ms = None
            self._namespaces.clear()
            self._publisher.publish(disconnect(self._store, reason=self._link.waits_for))
        if not self._lost.is_set():
            self._lost_because = reason
            self._lost.set()

    async def _wait(self, pause: float | None) -> None:
        """Wait for so many seconds (None: without end), or until somebody wants it now."""
        wake = asyncio.ensure_future(self._wake.wait())
        waits = {wake}
        if pause is not None:
            waits.add(asyncio.ensure_future(self._sleep(pause)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def _sleep(self, pause: float) -> Literal[True]:
        await self._clock.sleep(pause)
        return True

    # Signing out

    def _refused(self) -> None:
        """The token isn't good any more: only signing in again brings the connection back."""
        if self.status != "signed-out" and not self.leaving:
            self._sign_out("You are signed out.")
            self._publisher.publish((SignedOut(None),))

    def _watch(self, change: Change) -> None:
        match change:
            case SignedOut(reason) if reason is not None:
                self._sign_out("This device was signed out.")
            case LinkDead(number) if number == self._link.number:
                self._drop("The server didn't answer in time.")
            case TokenRefused():
                self._refused()
            case RoundTripMeasured():
                self._update_round_trip()

    def _sign_out(self, reason: str) -> None:
        if self.leaving:
            return
        self._set(ConnectionStatus(status="signed-out", reason=reason))
        self._drop(reason)

    # Communities

    async def ask_overview(self) -> None:
        """Ask for the whole overview until the answer wasn't overtaken by an event."""
        for _ in range(5):
            asked_at = self._store.serial
            overview = await self._link.call(routes.OVERVIEW, requests.Empty())
            changes = apply_overview(self._store, overview, asked_at=asked_at)
            self._client.generation = self._store.generation
            if NeedOverview() not in changes:
                return self._publisher.publish(changes)
        raise Internal("The server's data changes faster than it can be loaded.")

    async def refresh(self) -> None:
        """Ask which communities are mine, and enter those that aren't connected. Raises as the client does."""
        await self.ask_overview()
        self._namespaces.enter_missing()

    async def _ask_server(self) -> None:
        try:
            self.server = await self._link.call(routes.SERVER, requests.Empty())
        except REQUEST_ERRORS:
            return  # asked again with the next connection; until then the limits of the protocol hold
        self._publisher.publish((ConnectionChanged(),))

    def _set(self, state: ConnectionStatus) -> None:
        if state != self.state:
            self.state = state
            self._link.waits_for = "signed-out" if state.status == "signed-out" else "offline"
            self._publisher.publish((ConnectionChanged(),))

    def _update_round_trip(self) -> None:
        """News about the round trip, if it differs enough to be worth a look."""
        old, new = self.state.round_trip_ms, self._link.round_trip_ms
        if self.status == "online" and new is not None and (old is None or abs(new - old) > max(4, old // 4)):
            self._set(ConnectionStatus(status="online", round_trip_ms=new))
