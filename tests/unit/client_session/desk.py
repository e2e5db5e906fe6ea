"""A session on a model server, with a clock that the test moves and a memory without a file."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Mapping, Sequence
from random import Random

from asnity_server.protocol.responses import Overview
from asnity_server.protocol.routes import A, Ask, R, Route
from asnity_tui.client.storage.storage import NONE, Choice, NotKept, Remembered, is_further
from asnity_tui.client.sync.session import Session
from asnity_tui.state import changes as facts
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.outbox_entry import Entry
from asnity_tui.state.rows import Gap, Row
from tests.fakes import Account, FakeClient, FakeServer


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


class Notebook:
    """A `Memory` without a file; `other` is what a window that is gone left unsent."""

    def __init__(self) -> None:
        self.owner = "window"
        self.sidebar: Overview | None = None
        self.channels: dict[str, Remembered] = {}
        self.outbox: dict[str, Entry] = {}
        self.other: list[Entry] = []
        self.drafts: dict[str, str] = {}
        self.last: str | None = None
        self.choices: dict[str, Choice] = {}
        self.full = False
        self.closed = False

    def load_sidebar(self) -> Overview | None:
        return self.sidebar

    def save_sidebar(self, overview: Overview) -> None:
        self.sidebar = overview

    def load_channel(self, channel_id: str) -> Remembered | None:
        return self.channels.get(channel_id)

    def save_channel(self, channel_id: str, remembered: Remembered) -> None:
        self.channels[channel_id] = remembered

    def forget_channel(self, channel_id: str) -> None:
        self.channels.pop(channel_id, None)

    def load_outbox(self) -> Sequence[Entry]:
        self.outbox.update((each.nonce, each) for each in self.other)
        self.other.clear()
        return list(self.outbox.values())

    async def keep_entry(self, entry: Entry, drafts: Mapping[str, str] = NONE) -> None:
        await asyncio.sleep(0)
        if self.full:
            raise NotKept("The disk is full.")
        self.outbox[entry.nonce] = entry
        self._save_drafts(drafts)

    def update_entry(self, entry: Entry) -> None:
        if entry.nonce in self.outbox:
            self.outbox[entry.nonce] = entry

    def drop_entry(self, nonce: str, drafts: Mapping[str, str] = NONE) -> None:
        self._save_drafts(drafts)
        self.outbox.pop(nonce, None)

    def load_drafts(self) -> Mapping[str, str]:
        return dict(self.drafts)

    def save_draft(self, channel_id: str, text: str) -> None:
        if text:
            self.drafts[channel_id] = text
        else:
            self.drafts.pop(channel_id, None)

    def _save_drafts(self, drafts: Mapping[str, str]) -> None:
        for channel_id, text in drafts.items():
            self.save_draft(channel_id, text)

    def load_last_channel(self) -> str | None:
        return self.last

    def save_last_channel(self, channel_id: str) -> None:
        self.last = channel_id

    def load_choices(self) -> Mapping[str, Choice]:
        return dict(self.choices)

    def save_choice(self, name: str, value: Choice | None) -> None:
        if value is None:
            self.choices.pop(name, None)
        else:
            self.choices[name] = value

    def save_further(self, name: str, value: str) -> None:
        if not is_further(self.choices.get(name), value):
            self.choices[name] = value

    def drop_up_to(self, name: str, value: str) -> None:
        if name in self.choices and not is_further(self.choices[name], value):
            del self.choices[name]

    async def forget(self) -> None:
        self.outbox, self.channels, self.drafts, self.sidebar, self.last = {}, {}, {}, None, None
        self.choices = {}

    async def close(self) -> None:
        self.closed = True


class CountingClient(FakeClient):
    """Writes down what is asked."""

    def __init__(self, server: FakeServer, account: Account) -> None:
        super().__init__(server, account)
        self.asked: list[str] = []

    async def call(self, route: Route[R, A], request: R) -> A:
        self.asked.append(f"{route.method} {route.path.rsplit('/', 1)[-1]}")
        return await super().call(route, request)

    async def ask(self, community_id: str | None, kind: Ask[R, A], request: R) -> A:
        self.asked.append(kind.event)
        return await super().ask(community_id, kind, request)

    def count(self, what: str) -> int:
        return self.asked.count(what)


class Middle(Random):
    """Jitter that always falls in the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


class Desk:
    """Alice's session; bob is in the same community `lab` with the channels `general` and `random`."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.alice = self.server.person("alice", "Alice")
        self.bob = self.server.person("bob", "Bob")
        self.lab = self.server.community("Lab", self.bob, self.alice)
        self.general = self.server.general(self.lab)
        self.random = self.server.channel(self.lab, "random", self.bob, self.alice)
        self.notebook = Notebook()
        self.clock = SteppedClock(self.server)
        self.facts: list[facts.Fact] = []
        self.sessions: list[Session] = []
        self.sit_down()

    def sit_down(self) -> None:
        """A new start of the program, with what the notebook has."""
        self.client = CountingClient(self.server, self.alice)
        self.session = Session(self.client, self.notebook, clock=self.clock, random=Middle())
        self.sessions.append(self.session)
        self.session.subscribe(self.facts.extend)
        self.session.remember()

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
        """What the server has in a channel."""
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
