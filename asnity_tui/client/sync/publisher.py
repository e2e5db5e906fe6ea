"""Publishes the changes of the state: to the parts of the session at once, to screens in bursts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

from asnity_tui.client.error_text import error_text
from asnity_tui.state.changes import Change, Changes, Fact, Need, Notice

Subscriber: TypeAlias = Callable[[Sequence[Fact]], None]


class Publisher:
    """Routes changes: facts to the subscribers, once per turn of the event loop and without repetition; facts and
    needs at once to the parts that watch for them.
    """

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []
        self._watchers: dict[type[Change], list[Callable[[Change], None]]] = {}
        self._unsent: dict[Fact, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def publish(self, changes: Changes) -> None:
        """Pass on what changed, and what is to be asked."""
        for change in changes:
            for watcher in self._watchers.get(type(change), ()):
                watcher(change)
            if not isinstance(change, Need):
                if not self._unsent and self._loop is not None:
                    self._loop.call_soon(self._flush)
                self._unsent[change] = None

    def notice(self, error: Exception) -> None:
        """Publish an error that belongs to no row, as a sentence for the person."""
        self.publish((Notice(error_text(error), "warning"),))

    def watch(self, watcher: Callable[[Change], None], *kinds: type[Change]) -> None:
        """Call `watcher` at once with every change of these kinds."""
        for kind in kinds:
            self._watchers.setdefault(kind, []).append(watcher)

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with the facts of each burst, on the event loop; answers how to end it."""
        self._subscribers.append(callback)

        def end() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return end

    def run_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send to the subscribers on this loop from now on, beginning with what was published before."""
        self._loop = loop
        if self._unsent:
            loop.call_soon(self._flush)

    def _flush(self) -> None:
        facts, self._unsent = tuple(self._unsent), {}
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(facts)
            except Exception as error:  # a screen's defect is not the session's: it is reported as the loop does
                message = "A subscriber of the session failed"
                asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})
