"""The end of the app: what was written is saved first, then everything is closed, once."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable

from asnity_tui.terminal.app_terminal import AppTerminal

CLOSE_WITHIN = 4.0
"""Seconds for closing everything; what was written is on disk long before."""

log = logging.getLogger("asnity_tui")


class Shutdown:
    """Ends the app in good order."""

    def __init__(
        self,
        terminal: AppTerminal,
        *,
        save_drafts: Callable[[], None],
        close: Callable[[], Awaitable[None]],
        exit: Callable[[int], None],
    ) -> None:
        """`close` closes what the app is made of; `exit` leaves with a status."""
        self._terminal = terminal
        self._save_drafts = save_drafts
        self._close = close
        self._exit = exit
        self._leaving: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[bool] | None = None
        self.signal: int | None = None
        """The signal that ends the app."""

    def leave(self) -> None:
        """Go, as by `signal`: nothing is asked."""
        self._save_drafts()
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave(), name="leave")

    async def _leave(self) -> None:
        number = self.signal or signal.SIGTERM
        await self._terminal.take_back(number)
        self._exit(128 + number)

    def hang_up(self) -> None:
        """Go as when a terminal's window is closed: nobody can see or type anything any more."""
        if self.signal is None:
            self.signal = signal.SIGHUP
            self.leave()

    async def close_all(self) -> bool:
        """Save what is unsent and say goodbye, once; whether all of it went well."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close_all(), name="close")
        return await asyncio.shield(self._closing)

    async def _close_all(self) -> bool:
        try:
            self._save_drafts()
            async with asyncio.timeout(CLOSE_WITHIN):
                await self._close()
        except Exception:
            log.exception("Not everything could be closed.")
            return False
        return True
