"""A session on a fake server, with a clock that the test moves and storage without a file."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from random import Random

from asnity_server.protocol.routes import A, R, Route, SocketRequest
from asnity_tui.client.sync.session import Session
from asnity_tui.state import changes as facts
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.rows import Gap, Row
from tests.fakes import Account, FakeClient, FakeServer
from tests.fakes.storage import InMemoryStorage


class SteppedClock:
    """The model server's time; who sleeps is woken by `advance`, in order."""

    def __init__(self, server: FakeServer) -> None:
        self._server = server
        self.ahead = 0
        """Milliseconds by which the machine's clock was set, or went on in suspend, since the start."""
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def now(self) -> int:
        return self._server.clock.now()

    def wall(self) -> int:
        return self.now() + self.ahead

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now() + round(seconds * 1000), next(self._count), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking everyone whose time comes and letting them work."""
        end = self.now() + round(seconds * 1000)
        await quiet()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, woken = heapq.heappop(self._sleepers)
            self._server.clock.advance(seconds=max(due - self.now(), 0) / 1000)
            if not woken.done():
                woken.set_result(None)
                await quiet()
        self._server.clock.advance(seconds=(end - self.now()) / 1000)
        await quiet()


async def quiet() -> None:
    """Let everything that is ready run, and what becomes ready by it."""
    for _ in range(60):
        await asyncio.sleep(0)


class CountingClient(FakeClient):
    """Writes down what is asked."""

    def __init__(self, server: FakeServer, account: Account) -> None:
        super().__init__(server, account)
        self.asked: list[str] = []

    async def call(self, route: Route[R, A], request: R) -> A:
        self.asked.append(f"{route.method} {route.path.rsplit('/', 1)[-1]}")
        return await super().call(route, request)

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        self.asked.append(kind.event)
        return await super().ask(community_id, kind, request)

    def count(self, what: str) -> int:
        return self.asked.count(what)


class Middle(Random):
    """Jitter that always falls in the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


class SessionHarness:
    """Alice's session; bob is in the same community `lab` with the channels `general` and `random`."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.alice = self.server.person("alice", "Alice")
        self.bob = self.server.person("bob", "Bob")
        self.lab = self.server.community("Lab", self.bob, self.alice)
        self.general = self.server.general(self.lab)
        self.random = self.server.channel(self.lab, "random", self.bob, self.alice)
        self.storage = InMemoryStorage()
        self.clock = SteppedClock(self.server)
        self.facts: list[facts.Fact] = []
        self.sessions: list[Session] = []
        self.restart_program()

    def restart_program(self) -> None:
        """Start the program anew, with what the storage has."""
        self.client = CountingClient(self.server, self.alice)
        self.session = Session(self.client, self.storage, clock=self.clock, random=Middle())
        self.sessions.append(self.session)
        self.session.publisher.subscribe(self.facts.extend)
        self.session.restore()

    async def begin(self) -> None:
        """Start, and let everything come up."""
        self.session.start()
        await quiet()

    async def end(self) -> None:
        for session in self.sessions:
            await session.close()

    def channel(self, channel_id: str) -> ChannelState:
        found = self.session.store.channel(channel_id)
        assert found is not None
        return found

    def shown(self, channel_id: str) -> list[str]:
        """A channel's items as words: contents, `…` before what is pending, `!` before what failed, `~3` for a gap."""
        timeline = self.channel(channel_id).timeline
        assert timeline is not None
        return [_word(item) for item in timeline.items()]

    def stored(self, channel_id: str) -> list[str]:
        """The messages that the server has in a channel."""
        return [each.content for each in self.server.world.channels[channel_id].messages]

    def posts(self, channel_id: str, count: int) -> None:
        for number in range(1, count + 1):
            self.server.post(channel_id, self.bob, f"{number}")

    def told(self, kind: type[facts.Fact]) -> list[facts.Fact]:
        return [each for each in self.facts if isinstance(each, kind)]


def _word(item: Row | Gap) -> str:
    if isinstance(item, Gap):
        return f"~{item.count}"
    mark = {"Sent": "", "Pending": "…", "Waiting": "…", "Failed": "!"}[type(item.delivery).__name__]
    return mark + item.message.content


async def until(condition: Callable[[], object]) -> None:
    """Wait until something holds; fails if it never does."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to hold")
