"""The terminal lent to other programs: the person's editor, the plain view, the shell."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, runtime_checkable

from textual.app import SuspendNotSupported
from textual.screen import Screen

from asnity_tui.state.rows import Row
from asnity_tui.terminal.app_terminal import AppTerminal
from asnity_tui.widgets.text.message_text import as_text
from asnity_tui.widgets.text.safe_text import harmless_line

from .conversation import Conversation

T = TypeVar("T")

PLAIN = 300
"""Messages at most that the plain view is given to fill the terminal with."""


@runtime_checkable
class HasTerminal(Protocol):
    """An app that can let something else have its terminal."""

    terminal: AppTerminal


class TerminalLoan:
    """Runs what needs the terminal to itself, where the app can lend it."""

    def __init__(self, screen: Screen[Any], conversation: Conversation) -> None:
        self._screen = screen
        self._conversation = conversation

    async def edit(self) -> None:
        """Write the text of the composer in the person's own editor."""
        from asnity_tui.terminal.editor import EditorFailed, Running, edit  # late: few use it

        conversation = self._conversation
        channel_id, text = conversation.channel_id, conversation.composer.text
        if channel_id is None or conversation.composer.read_only:
            self._screen.app.bell()
            return
        running = Running()
        try:
            written = await self._lend(lambda: edit(text, os.environ, running), running.end)
        except EditorFailed as error:
            conversation.notify(harmless_line(str(error)), severity="error", markup=False)
            return
        if written is not None:
            conversation.composer.exchange(written, len(written))
            conversation.composer.focus()

    async def show_plain(self) -> None:
        """Show nothing but text, until a key is pressed."""
        from asnity_tui.terminal.plain_view import show  # late: few use it

        view = self._conversation.view
        _, end = view.scroll_position.in_sight()
        rows = [item for item in view.rows.items[max(0, end - PLAIN) : end] if isinstance(item, Row)]
        text = as_text(rows, view.rows.context, alone=False)
        over = threading.Event()
        await self._lend(lambda: show(text.split("\n"), over), lambda number: over.set())

    def suspend(self) -> None:
        """Go to the background; the shell's `fg` brings it back."""
        app = self._screen.app
        if isinstance(app, HasTerminal):
            app.terminal.step_aside()

    async def _lend(self, doing: Callable[[], T], end: Callable[[int], object]) -> T | None:
        """Answer what comes of something that has the terminal to itself; None where that can't be, which is said."""
        app = self._screen.app
        if not isinstance(app, HasTerminal):
            return None
        try:
            return await app.terminal.lend(doing, end)
        except SuspendNotSupported:
            said = "No other program can be started in this terminal."
            self._conversation.notify(said, severity="warning", markup=False)
            return None
