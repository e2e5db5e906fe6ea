"""How the app ends, in good order or not, and who has its terminal meanwhile."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from rich.console import RenderableType
from textual.timer import Timer

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.terminal.terminal_driver import TerminalDriver

if TYPE_CHECKING:
    from textual.app import App

    _Base = App[None]
else:
    _Base = object

T = TypeVar("T")

RESTS = 0.15
"""Seconds after which a terminal that changed its size isn't being dragged any more."""

CLOSE_WITHIN = 4.0
"""Seconds for closing everything; what was written is on disk long before."""

log = logging.getLogger("asnity_tui")


class Lives(_Base):
    """The part of the app that knows about its end. Not a node itself, as with `ReportsWorkerErrors`."""

    def __init__(self, *, driver_class: type[TerminalDriver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self.ended_by: int | None = None
        """The signal that ends it."""
        self._end_borrower: Callable[[int], object] | None = None
        self._given_back = asyncio.Event()
        self._given_back.set()
        self._going: asyncio.Task[None] | None = None
        self._all_closed: asyncio.Task[bool] | None = None
        self._something_was_painted = False
        self._resting: Timer | None = None

    async def close_parts(self) -> None:
        """Close what the app is made of."""

    # The end

    @property
    def broken(self) -> Exception | None:
        """The mistake of ours that ended it."""
        return self._exception

    def _handle_exception(self, error: Exception) -> None:
        """Leave after a mistake of ours; what was written comes first."""
        super()._handle_exception(error)
        try:
            self._keep_written()
        except Exception:
            log.exception("A draft can't be kept.")

    def _fatal_error(self) -> None:
        """Only leave: it is told when the terminal is as it was.

        Textual's own way shows the variables of every function on the way, passwords and messages among them.
        """
        self.bell()
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """Leave for a reason that only Textual knows."""
        self._return_code = 1
        if self._exception is None:
            self._exception = RuntimeError(" ".join(str(each) for each in renderables))
        self._close_messages_no_wait()

    def leave(self) -> None:
        """Go, as by `ended_by`: nothing is asked."""
        self._keep_written()
        if self._going is None:
            self._going = asyncio.create_task(self._go(), name="leave")

    async def _go(self) -> None:
        number = self.ended_by or signal.SIGTERM
        if self._end_borrower is not None:
            self._end_borrower(number)
        await self._given_back.wait()
        self.exit(return_code=128 + number)

    async def close_all(self) -> bool:
        """Keep what is unsent and say goodbye, once; whether all of it went well."""
        if self._all_closed is None:
            self._all_closed = asyncio.create_task(self._close(), name="close")
        return await asyncio.shield(self._all_closed)

    async def _close(self) -> bool:
        try:
            self._keep_written()
            async with asyncio.timeout(CLOSE_WITHIN):
                await self.close_parts()
        except Exception:
            log.exception("Not everything could be closed.")
            return False
        return True

    def _keep_written(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ChatScreen):
                screen.conversation.composing.keep_draft()

    # The terminal

    def rescue_terminal(self) -> None:
        """Leave the terminal as it was, at once, if it isn't."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.rescue()

    def terminal_lost(self) -> None:
        """Nobody can see or type anything any more: go, as when a terminal's window is closed."""
        if self.ended_by is None:
            self.ended_by = signal.SIGHUP
            self.leave()

    def on_resize(self) -> None:
        """Paint all of it once the terminal rests: what it did to the picture meanwhile, nobody tells.

        Made smaller and as large as before within a moment, it has cut off half of a picture that we take to be there.
        """
        if self._resting is not None:
            self._resting.reset()
        elif self._something_was_painted:
            self._resting = self.set_timer(RESTS, self._paint_anew)

    def _paint_anew(self) -> None:
        self._resting = None
        if self.screen_stack:  # none is left at the end
            self.screen.refresh()

    def terminal_back(self) -> None:
        """Everything is drawn anew."""
        self.call_later(self.refresh, layout=True)

    @property
    def lends_terminal(self) -> bool:
        """Something else has the terminal."""
        return not self._given_back.is_set()

    async def give_terminal(self, doing: Callable[[], T], end: Callable[[int], object] | None = None) -> T:
        """Run something in a thread that has the terminal to itself; the connection is kept meanwhile.

        `end(signal)` makes it end early. Raises what it raises, when the terminal is ours again, and
        `SuspendNotSupported` where the terminal can't be given away.
        """
        cancelled: asyncio.CancelledError | None = None
        with self.suspend():
            self._given_back.clear()
            self._end_borrower = end
            task = asyncio.ensure_future(asyncio.to_thread(doing))
            while not task.done():
                try:
                    await asyncio.wait({task})
                except asyncio.CancelledError as error:
                    cancelled = error  # whoever has the terminal keeps it
            self._end_borrower = None
        self._given_back.set()
        if cancelled is not None:
            raise cancelled
        return task.result()

    def step_aside(self) -> None:
        """Go to the background; `fg` in the shell brings it back."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.step_aside(everybody=True)
