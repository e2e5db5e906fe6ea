"""The terminal that the app runs in: lent to other programs, left to the shell, rescued, and told notifications."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any, TypeVar

from textual.app import App

from .terminal_driver import TerminalDriver
from .terminal_notify import NotifyBy, notification

T = TypeVar("T")


class AppTerminal:
    """One app's terminal; without one, as in tests, it does nothing but lend itself."""

    def __init__(self, app: App[Any], *, notify_by: NotifyBy = "auto") -> None:
        self._app = app
        self._notify_by = notify_by
        self._end_borrower: Callable[[int], object] | None = None
        self._returned = asyncio.Event()
        self._returned.set()

    @property
    def is_lent(self) -> bool:
        """Something else has the terminal."""
        return not self._returned.is_set()

    async def lend(self, work: Callable[[], T], end: Callable[[int], object] | None = None) -> T:
        """Run something in a thread that has the terminal to itself; the connection is kept meanwhile.

        `end(signal)` makes it end early. Raises what it raises, when the terminal is ours again, and
        `SuspendNotSupported` where the terminal can't be given away.
        """
        cancelled: asyncio.CancelledError | None = None
        with self._app.suspend():
            self._returned.clear()
            self._end_borrower = end
            task = asyncio.ensure_future(asyncio.to_thread(work))
            while not task.done():
                try:
                    await asyncio.wait({task})
                except asyncio.CancelledError as error:
                    cancelled = error  # whoever has the terminal keeps it
            self._end_borrower = None
        self._returned.set()
        if cancelled is not None:
            raise cancelled
        return task.result()

    async def take_back(self, number: int) -> None:
        """Have whoever borrowed the terminal end as by a signal, and wait until it is ours."""
        if self._end_borrower is not None:
            self._end_borrower(number)
        await self._returned.wait()

    def step_aside(self) -> None:
        """Go to the background; `fg` in the shell brings it back."""
        if isinstance(self._app._driver, TerminalDriver):
            self._app._driver.step_aside(everybody=True)

    def rescue(self) -> None:
        """Leave the terminal as it was, at once, if it isn't."""
        if isinstance(self._app._driver, TerminalDriver):
            self._app._driver.rescue()

    def notify(self, text: str) -> None:
        """Notify a person who looks elsewhere."""
        sequence = notification(self._notify_by, os.environ, text)
        if sequence and self._app._driver is not None:
            self._app._driver.write(sequence)
            self._app._driver.flush()
