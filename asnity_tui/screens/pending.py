"""Requests to the server that somebody waits for: shown once they take time, cancellable, their refusals worded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.error_text import error_text
from asnity_tui.client.sync.connection import Status
from asnity_tui.client.transport.client import REQUEST_ERRORS, RequestError
from asnity_tui.widgets.text.safe_text import harmless_line

T = TypeVar("T")

AT_ONCE = 0.1
"""Seconds after which a person wants to see that something happens."""

LONG = 10.0
"""Seconds after which it can be cancelled."""

WAITING = "Waiting for the server"
"""What is being done where nothing better can be said."""

NOT_LOADED: dict[Status, str] = {
    "online": "Loading …",
    "connecting": "Connecting …",
    "offline": "Not loaded: you are offline. It loads once you are connected again.",
    "signed-out": "Not loaded: you are signed out.",
    "closed": "",
}
"""What stands where something isn't loaded, by how the connection stands."""


def why_not_loaded(status: Status, refused: str = "") -> str:
    """Answer the same, where the server may have `refused` for a reason that is tried again."""
    return (
        f"Not loaded: {harmless_line(refused)} Trying again …" if refused and status == "online" else NOT_LOADED[status]
    )


Refused: TypeAlias = Callable[[str, RequestError], object]
"""Gets the sentence for a request that failed, and the error itself."""


class Cancelled(Exception):
    """The person doesn't want to wait any more."""


class PendingRequests:
    """Waits for answers of the server and tells what is being waited for; what fails is told to `refused`."""

    def __init__(
        self, changed: Callable[[str], object], refused: Refused, *, at_once: float = AT_ONCE, long: float = LONG
    ) -> None:
        """`changed` gets the new `text`. After `at_once` seconds a request shows, after `long` it can be cancelled."""
        self.text = ""
        """The words for what is being done, once it takes longer than a moment; else empty."""
        self._changed = changed
        self._refused = refused
        self._at_once = at_once
        self._long = long
        self._shown: dict[asyncio.Future[Any], str] = {}
        self._cancellable: set[asyncio.Future[Any]] = set()

    @property
    def can_cancel(self) -> bool:
        """Whether something takes so long that it can be cancelled."""
        return bool(self._cancellable)

    def cancel(self) -> None:
        """Stop waiting for everything that takes long."""
        for each in tuple(self._cancellable):
            each.cancel()

    async def answer(self, request: Awaitable[T], doing: str = WAITING, *, refused: Refused | None = None) -> T | None:
        """Answer what the server does; None where it was cancelled or failed, which is told to `refused`.

        `doing` shows meanwhile ("Loading pinned messages"); nothing does where it is empty.
        """
        try:
            return await self.wait(request, doing)
        except Cancelled:
            return None
        except REQUEST_ERRORS as error:
            (refused or self._refused)(error_text(error), error)
            return None

    async def done(self, request: Awaitable[object], doing: str = WAITING, *, refused: Refused | None = None) -> bool:
        """Answer whether the server did something that it has nothing to say about."""
        return await self.answer(_true(request), doing, refused=refused) is not None

    async def loaded(self, request: Awaitable[object]) -> bool:
        """Answer whether something was loaded that nobody asked for: of failures only refusals are told."""
        return await self.done(request, "Loading", refused=self._tell_refusal)

    def _tell_refusal(self, text: str, error: RequestError) -> None:
        if isinstance(error, AsnityError):  # that the server can't be reached shows anyway
            self._refused(text, error)

    async def wait(self, request: Awaitable[T], doing: str = WAITING) -> T:
        """Answer what the server does. Raises `Cancelled`, and whatever the request raises."""
        task = asyncio.ensure_future(request)
        try:
            if doing and not await _done(task, self._at_once):
                self._show(task, f"{doing} …")
                if not await _done(task, self._long - self._at_once):
                    self._cancellable.add(task)
                    self._show(task, f"{doing} … Esc cancels")
            await asyncio.wait({task})
            if task.cancelled():
                raise Cancelled
            return task.result()
        finally:
            task.cancel()  # of no effect on one that is done
            self._show(task, "")

    def _show(self, task: asyncio.Future[Any], text: str) -> None:
        if text:
            self._shown[task] = text
        else:
            self._shown.pop(task, None)
            self._cancellable.discard(task)
        newest = next(reversed(self._shown.values()), "")
        if newest != self.text:
            self.text = newest
            self._changed(newest)


async def _true(request: Awaitable[object]) -> bool:
    await request
    return True


async def _done(task: asyncio.Future[Any], seconds: float) -> bool:
    return bool((await asyncio.wait({task}, timeout=seconds))[0])
