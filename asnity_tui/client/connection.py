"""The connection: opened, kept, compared, lost, and opened again."""

from __future__ import annotations

import asyncio
import itertools
from typing import Literal, TypeAlias

import msgspec

from asnity_server.protocol import requests, routes
from asnity_server.protocol.answers import ServerInfo
from asnity_server.protocol.errors import AsnityError, ErrorInfo, Internal, NotFound, Unauthorized
from asnity_server.protocol.models import Wire

from ..state.changes import (
    Change,
    CommunityLost,
    ConnectionChanged,
    NeedCommunity,
    NeedCompare,
    NeedEnter,
    NeedOverview,
    SignedOut,
)
from ..state.entries import WaitReason
from .context import Context
from .contract import NoAnswer, Unreachable
from .wording import words

Status: TypeAlias = Literal["offline", "connecting", "online", "signed-out", "closed"]

WAIT_MAX = 30.0
"""Seconds at most between two attempts to connect."""

STEADY = 30_000
"""Milliseconds after which a connection counts as a good one: losing it begins with short waits again."""

COMPARE_EVERY = 300.0
"""Seconds between two comparisons with the server while nothing else calls for one."""

COMPARE_AGAIN = 10_000
"""Milliseconds within which regaining the focus calls for no second comparison."""

ENTER_AT_ONCE = 8
"""Namespaces that are entered at the same time."""

RESYNC_WITHIN = 2.0
"""Seconds over which clients that are all told to compare spread their questions."""


class Connection(msgspec.Struct, frozen=True):
    """How the line stands."""

    status: Status
    retry_at: int | None = None
    """When the next attempt begins (milliseconds since 1970), while offline."""
    round_trip_ms: int | None = None
    """How long the last acknowledged request took, while online."""
    reason: str = ""
    """Why it is offline or signed out, in words."""


class Line:
    """Keeps one connection open, with the namespace of each community of mine; the listener of what it brings."""

    def __init__(self, context: Context) -> None:
        self.state = Connection(status="offline")
        self.server: ServerInfo | None = None
        self.leaving = False
        """I am signing out: being signed out is no news."""
        self._context = context
        self._store = context.store
        self._wake = asyncio.Event()
        self._lost = asyncio.Event()
        self._lost_because = ""
        self._up = False
        self._attempt = 0
        self._compared_at = 0
        self._joining: set[str] = set()
        self._overviews = 0
        context.on_dead = self._dead
        context.on_refused = self._refused
        context.on_answer = self._tell_round_trip
        context.watch(self._watch, NeedEnter, NeedCompare, CommunityLost, SignedOut)

    # For the session

    async def run(self) -> None:
        """Connect, and go on doing so for ever."""
        while True:
            self._tell(Connection(status="connecting"))
            began = self._context.clock.now()
            try:
                reason = await self._connect_and_keep()
            except Exception as error:  # a defect of ours must not be the end of the connection: it is told
                self._context.notice(error)
                reason = words(error)
            await self._hang_up(reason)
            if self.state.status == "signed-out":
                await self._wait(None)
                continue
            if self._context.clock.now() - began > STEADY:
                self._attempt = 0
            pause = self._context.pause(self._attempt, at_most=WAIT_MAX)
            self._attempt += 1
            retry_at = self._context.clock.now() + round(pause * 1000)
            self._tell(Connection(status="offline", retry_at=retry_at, reason=reason))
            await self._wait(pause)

    def connect_now(self) -> None:
        """Don't wait for the next attempt."""
        self._wake.set()

    async def compare_for_ever(self) -> None:
        """Compare from time to time what is held with the server."""
        while True:
            await self._context.clock.sleep(COMPARE_EVERY)
            self.compare_all()

    def compare_all(self) -> None:
        """Compare all communities, unless that has just been done."""
        if self._up and self._context.clock.now() - self._compared_at > COMPARE_AGAIN:
            self._compared_at = self._context.clock.now()
            for community_id in self._store.communities:
                self._context.tasks.start(self._compare(community_id))

    def closed(self) -> None:
        """The session is over."""
        self._up = False
        self._tell(Connection(status="closed"))

    # What comes from the server (`contract.Listener`)

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """An event."""
        if self.leaving and name == "session-ended":
            return
        self._context.tell(self._store.apply_event(community_id, name, payload, self._context.clock.now()))

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        """The server closed one community's namespace: I was removed, or it is to be entered again."""
        self._context.leave(community_id)
        self._joining.discard(community_id)
        self._context.tell(self._store.disconnected(community_id))
        self._context.tasks.start(self._enter_again(community_id))

    def connection_lost(self, reason: str) -> None:
        """The connection is gone."""
        self._drop(reason)

    # Up and down

    async def _connect_and_keep(self) -> str:
        """One connection from beginning to end; answers why it ended, in words."""
        self._lost.clear()
        self._wake.clear()
        self._context.line += 1
        try:
            await self._connect()
        except (AsnityError, NoAnswer, Unreachable) as error:
            return words(error)
        if not self._lost.is_set():
            self._tell(Connection(status="online", round_trip_ms=self._context.round_trip_ms))
        await self._lost.wait()
        return self._lost_because

    async def _connect(self) -> None:
        context = self._context
        try:
            await context.client.open(self)
        except Unauthorized:
            self._refused()
            raise
        self._up = True
        # The overview comes behind the opening: a community that is added meanwhile is told by an event.
        await self.ask_overview()
        if self.server is None:
            context.tasks.start(self._ask_server())
        self._compared_at = context.clock.now()
        limit = asyncio.Semaphore(ENTER_AT_ONCE)

        async def enter(community_id: str) -> None:
            async with limit:
                await self._enter(community_id)

        mine = list(self._store.communities)
        results = await asyncio.gather(*map(enter, mine), return_exceptions=True)
        for community_id, result in zip(mine, results, strict=True):
            if isinstance(result, NoAnswer | Unreachable | Unauthorized):
                raise result
            if isinstance(result, AsnityError):
                context.tasks.start(self._enter_again(community_id))
            elif result is not None:
                raise result

    async def _hang_up(self, reason: str) -> None:
        self._drop(reason)
        await self._context.client.close()

    def _dead(self, line: int) -> None:
        if line == self._context.line:
            self._drop("The server didn't answer in time.")

    def _drop(self, reason: str) -> None:
        """From here on there is no connection, whatever is still to be cleared away."""
        if self._up:
            self._up = False
            self._context.round_trip_ms = None
            self._joining.clear()
            reason_to_wait: WaitReason = "signed-out" if self.state.status == "signed-out" else "offline"
            self._context.tell(self._store.disconnected(reason=reason_to_wait))
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
        await self._context.clock.sleep(pause)
        return True

    # Signing out

    def _refused(self) -> None:
        """The token isn't good any more: only signing in again brings the connection back."""
        if self.state.status != "signed-out" and not self.leaving:
            self._sign_out("You are signed out.")
            self._context.tell((SignedOut(None),))

    def _sign_out(self, reason: str) -> None:
        if self.leaving:
            return
        self._tell(Connection(status="signed-out", reason=reason))
        self._drop(reason)

    # Communities

    async def ask_overview(self) -> None:
        """Ask for the whole overview until the answer wasn't overtaken by an event."""
        for _ in range(5):
            asked_at = self._store.serial
            overview = await self._context.call(routes.OVERVIEW, requests.Empty())
            changes = self._store.apply_overview(overview, asked_at=asked_at)
            if NeedOverview() not in changes:
                return self._context.tell(changes)
        raise Internal("The server's overview never stands still.")

    async def refresh(self) -> None:
        """Ask which communities are mine, and enter those that aren't connected. Raises as the client does."""
        await self.ask_overview()
        for community in list(self._store.communities.values()):
            if self._up and not community.joined and community.id not in self._joining:
                self._context.tasks.start(self._enter_new(community.id))

    async def _ask_server(self) -> None:
        try:
            self.server = await self._context.call(routes.SERVER, requests.Empty())
        except (AsnityError, NoAnswer, Unreachable):
            return  # asked again with the next connection; until then the limits of the protocol hold
        self._context.tell((ConnectionChanged(),))

    async def _enter(self, community_id: str) -> None:
        """Enter a community's namespace and join; raises as the client does."""
        community = self._store.communities.get(community_id)
        if community is not None and not community.joined:
            await self._join(community_id, enter=True)

    async def _join(self, community_id: str, *, enter: bool) -> None:
        context = self._context
        if community_id in self._joining:
            return
        joining = self._store.begin_join(community_id)
        if joining is None:
            return
        line = context.line
        self._joining.add(community_id)
        try:
            if enter:
                await context.client.enter(community_id)
            answer = await context.ask(community_id, routes.JOIN, requests.Join())
        except BaseException:
            if line == context.line:
                context.tell(self._store.abort_join(joining, context.clock.now()))
            raise
        finally:
            if line == context.line:
                self._joining.discard(community_id)
        if line == context.line and self._up:
            context.tell(self._store.apply_join(joining, answer, context.clock.now()))

    async def _enter_again(self, community_id: str) -> None:
        """Enter a namespace that was refused or closed, as long as I am in the community and the line holds."""
        context, line = self._context, self._context.line
        for attempt in itertools.count():
            await context.clock.sleep(context.pause(attempt, at_most=WAIT_MAX))
            community = self._store.communities.get(community_id)
            if not self._holds(line) or community is None or community.joined:
                return
            try:
                return await self._enter(community_id)
            except NotFound:
                return context.tell((NeedOverview(),))
            except (NoAnswer, Unreachable):
                if not self._holds(line):
                    return
            except AsnityError as error:
                if not attempt:
                    context.notice(error)

    def _holds(self, line: int) -> bool:
        """Whether the connection is still that one."""
        return self._up and self._context.line == line

    async def _compare(self, community_id: str, within: float = 0.0) -> None:
        context = self._context
        if within:
            await context.clock.sleep(context.random.uniform(0, within))
        community = self._store.communities.get(community_id)
        if not self._up or community is None or not community.joined:
            return
        try:
            await self._join(community_id, enter=False)
        except (NoAnswer, Unreachable):
            return  # the line is dead; coming back, it compares by itself
        except NotFound:
            self._context.tell((NeedOverview(),))
        except AsnityError as error:
            self._context.notice(error)

    def _watch(self, change: Change) -> None:
        match change:
            case NeedEnter(community_id):
                if self._up:
                    self._context.tasks.start(self._enter_new(community_id))
            case NeedCompare(community_id):
                self._context.tasks.start(self._compare(community_id, RESYNC_WITHIN))
            case CommunityLost(community_id):
                self._context.leave(community_id)
                self._joining.discard(community_id)
                if self._up:
                    self._context.tasks.start(self._context.client.exit(community_id))
            case SignedOut(reason) if reason is not None:
                self._sign_out("This device was signed out.")

    async def _enter_new(self, community_id: str) -> None:
        try:
            await self._enter(community_id)
        except (NoAnswer, Unreachable):
            return  # the line is dead; coming back, it enters everything
        except AsnityError:
            await self._enter_again(community_id)
            return
        self._context.tell((NeedCommunity(community_id),))

    # Telling

    def _tell(self, state: Connection) -> None:
        if state != self.state:
            self.state = state
            self._context.tell((ConnectionChanged(),))

    def _tell_round_trip(self) -> None:
        """News about the round trip, if it differs enough to be worth a look."""
        old, new = self.state.round_trip_ms, self._context.round_trip_ms
        if self.state.status == "online" and new is not None and (old is None or abs(new - old) > max(4, old // 4)):
            self._tell(Connection(status="online", round_trip_ms=new))
