"""What the parts of a session share: the client, the memory, the store, the time, and telling what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from random import Random
from typing import Any, Literal, TypeAlias

from asnity_server.protocol.errors import Conflict, Unauthorized, is_restored
from asnity_server.protocol.routes import A, R, Route, SocketRequest
from asnity_tui.client.clock import Clock
from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import Storage
from asnity_tui.client.transport.client import ChatClient, NoAnswer, Unreachable
from asnity_tui.state.changes import Change, Changes, Fact, Need, NeedOverview, Notice
from asnity_tui.state.store import Store

OFFLINE = "You are offline. This needs a connection, and isn't queued: try again once you are connected."

Subscriber: TypeAlias = Callable[[Sequence[Fact]], None]


LEFT_MAX = 1_000
"""Communities of which is known how often they were left; of more, it is counted anew."""


class Tasks:
    """What runs beside everything else. A defect in one of them is told, and ends only that one."""

    def __init__(self, on_trouble: Callable[[Exception], None]) -> None:
        self._on_trouble = on_trouble
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work`; its task may be cancelled."""
        task = asyncio.create_task(self._guard(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: work.close())  # if it was cancelled before it began
        return task

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            self._on_trouble(error)

    async def end(self) -> None:
        """Cancel all of them (but the one that calls this), and wait until they have ended."""
        others = self._running - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class Context:
    """What every part of a session is given.

    `tell` routes what a step of the state answers: facts to the subscribers, once per turn of the event loop and
    without repetition; facts and needs at once to the parts that watch for them.
    """

    def __init__(self, client: ChatClient, memory: Storage, *, clock: Clock, random: Random) -> None:
        self.client = client
        self.memory = memory
        self.clock = clock
        self.random = random
        self.store = Store()
        self.tasks = Tasks(self._trouble)
        self.subscribers: list[Subscriber] = []
        self.on_answer: Callable[[], None] = lambda: None
        """Told that `round_trip_ms` is new."""
        self.on_dead: Callable[[int], None] = lambda line: None
        """Told that the line with this number is dead: a request on it got no answer."""
        self.on_refused: Callable[[], None] = lambda: None
        """Told that the token is no longer good."""
        self.line = 0
        """The number of the present connection."""
        self.is_up = False
        """There is a connection: namespaces can be entered."""
        self._left: dict[str, int] = {}
        self.waits_for: Literal["offline", "signed-out"] = "offline"
        """What keeps unsent things from going, while something does."""
        self.round_trip_ms: int | None = None
        self.is_running = False
        """There is an event loop, and the session isn't closed: tasks may be started."""
        self._watchers: dict[type[Change], list[Callable[[Change], None]]] = {}
        self._told: dict[Fact, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    # Telling

    def tell(self, changes: Changes) -> None:
        """Pass on what changed, and what is to be asked."""
        for change in changes:
            for watcher in self._watchers.get(type(change), ()):
                watcher(change)
            if not isinstance(change, Need):
                if not self._told and self._loop is not None:
                    self._loop.call_soon(self._flush)
                self._told[change] = None

    def watch(self, watcher: Callable[[Change], None], *kinds: type[Change]) -> None:
        """Call `watcher` at once with every change of these kinds."""
        for kind in kinds:
            self._watchers.setdefault(kind, []).append(watcher)

    def notice(self, error: Exception) -> None:
        """Tell the person about an error that belongs to no row."""
        self.tell((Notice(error_text(error), "warning"),))

    def run_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """There is an event loop now: what was told before goes out on it."""
        self._loop = loop
        self.is_running = True
        if self._told:
            loop.call_soon(self._flush)

    def _flush(self) -> None:
        told, self._told = tuple(self._told), {}
        for subscriber in tuple(self.subscribers):
            try:
                subscriber(told)
            except Exception as error:  # a screen's defect is not the session's: it is told as the loop tells them
                message = "A subscriber of the session failed"
                asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})

    def _trouble(self, error: Exception) -> None:
        self.tell((Notice(error_text(error), "error"),))
        message = "A part of the session failed"
        asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})

    # Asking

    async def call(self, route: Route[R, A], request: R) -> A:
        """One HTTP request; raises as `ChatClient.call` does."""
        self.client.generation = self.store.generation
        try:
            return await self.client.call(route, request)
        except Unauthorized:
            self.on_refused()
            raise
        except Conflict as error:
            if is_restored(error.info):
                self.tell((NeedOverview(),))
            raise
        except Unreachable as error:
            raise self._unreachable(error) from None

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        """One socket request; raises as `ChatClient.ask` does.

        Without an answer the connection counts as dead, unless it is only the community's namespace that was closed.
        """
        line, left, began = self.line, self._left.get(community_id or "", 0), self.clock.now()
        try:
            answer = await self.client.ask(community_id, kind, request)
        except NoAnswer:
            if left == self._left.get(community_id or "", 0):
                self.on_dead(line)
            raise
        except Unauthorized:
            self.on_refused()
            raise
        except Unreachable as error:
            raise self._unreachable(error) from None
        if line == self.line:
            self.round_trip_ms = self.clock.now() - began
            self.on_answer()
        return answer

    def _unreachable(self, error: Unreachable) -> Unreachable:
        """The same; without a connection what matters is that, and that it isn't done later by itself."""
        return error if self.is_up else Unreachable(OFFLINE)

    def holds(self, line: int) -> bool:
        """Whether the connection with this number is still there."""
        return self.is_up and self.line == line

    def leave(self, community_id: str) -> None:
        """A community's namespace is closed: what was asked there gets no answer any more."""
        if len(self._left) >= LEFT_MAX:
            self._left.clear()
        self._left[community_id] = self._left.get(community_id, 0) + 1

    def pause(self, attempt: int, *, at_most: float) -> float:
        """Seconds before the next attempt (the first is 0): doubling, with full jitter so that not all come at once."""
        return self.random.uniform(0, min(float(2 ** min(attempt, 30)), at_most))


__all__ = ["Context", "Subscriber", "Tasks"]
