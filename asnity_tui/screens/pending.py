"""Waiting for an answer so that one sees it: what takes a moment says so, and what takes long can be given up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from asnity_tui.client.sync.connection import Status
from asnity_tui.widgets.text.safe_text import harmless_line

T = TypeVar("T")

AT_ONCE = 0.1
"""Seconds after which a person wants to see that something happens."""

LONG = 10.0
"""Seconds after which it can be given up."""


NOT_LOADED: dict[Status, str] = {
    "online": "Loading …",
    "connecting": "Connecting …",
    "offline": "Not loaded: you are offline. It loads once you are connected again.",
    "signed-out": "Not loaded: you are signed out.",
    "closed": "",
}
"""What stands where something isn't loaded, by how the connection stands."""


def why_not_loaded(status: Status, refused: str = "") -> str:
    """The same, where the server may have `refused` for a reason that is tried again."""
    return (
        f"Not loaded: {harmless_line(refused)} Trying again …" if refused and status == "online" else NOT_LOADED[status]
    )


class Cancelled(Exception):
    """The person doesn't want to wait any more."""


class PendingRequests:
    """What is waited for. `told` is called when `words` changes."""

    def __init__(self, told: Callable[[], None], *, at_once: float = AT_ONCE, long: float = LONG) -> None:
        self.words = ""
        """What is being done, once it takes longer than a moment; empty if nothing does."""
        self._told = told
        self._at_once = at_once
        self._long = long
        self._shown: dict[asyncio.Future[Any], str] = {}
        self._tired: set[asyncio.Future[Any]] = set()

    @property
    def can_give_up(self) -> bool:
        """Whether something takes so long that it can be given up."""
        return bool(self._tired)

    def give_up(self) -> None:
        """Stop waiting for everything that takes long."""
        for each in tuple(self._tired):
            each.cancel()

    async def wait(self, question: Awaitable[T], doing: str) -> T:
        """The answer to a question; `doing` is said meanwhile ("Loading pinned messages"). Raises `Cancelled`."""
        task = asyncio.ensure_future(question)
        try:
            if not await _done(task, self._at_once):
                self._say(task, f"{doing} …")
                if not await _done(task, self._long - self._at_once):
                    self._tired.add(task)
                    self._say(task, f"{doing} … Esc cancels")
                    await asyncio.wait({task})
            if task.cancelled():
                raise Cancelled
            return task.result()
        finally:
            task.cancel()  # of no effect on one that is done
            self._say(task, "")

    def _say(self, task: asyncio.Future[Any], words: str) -> None:
        if words:
            self._shown[task] = words
        else:
            self._shown.pop(task, None)
            self._tired.discard(task)
        newest = next(reversed(self._shown.values()), "")
        if newest != self.words:
            self.words = newest
            self._told()


async def _done(task: asyncio.Future[Any], seconds: float) -> bool:
    return bool((await asyncio.wait({task}, timeout=seconds))[0])
