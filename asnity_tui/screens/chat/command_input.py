"""Doing what is written behind a slash, and what has the terminal to itself: an editor, the bare mode."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar, runtime_checkable

from textual import on, work
from textual.app import SuspendNotSupported

from asnity_server.protocol import ids
from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.screens.messages import CommandSubmitted
from asnity_tui.screens.pending import Cancelled
from asnity_tui.state.rows import Row
from asnity_tui.widgets.channel_header import ChannelHeader
from asnity_tui.widgets.text.message_text import as_text
from asnity_tui.widgets.text.safe_text import harmless_line

from .lookup import Finding
from .type_ahead import leading

T = TypeVar("T")

BARE = 300
"""Messages at most that the bare mode is given to fill the terminal with."""


@runtime_checkable
class GivesTerminal(Protocol):
    """An app that can let something else have the terminal."""

    async def give_terminal(self, doing: Callable[[], T], end: Callable[[int], object]) -> T:
        """Run something in a thread that has the terminal to itself; `end(signal)` makes it end early.

        Raises `SuspendNotSupported`.
        """

    def step_aside(self) -> None:
        """Go to the background, as by ctrl+z in a shell."""


class Commanding(Finding, part=True):
    """The main screen's commands by name, and its ways out of itself."""

    @on(CommandSubmitted)
    def _want_command(self, event: CommandSubmitted) -> None:
        community_id = ids.community_of(event.channel_id) if event.channel_id is not None else self.community_id
        doing = self._run_command(event, (community_id, event.channel_id))
        work = doing if event.ahead is None else self.conversation.type_ahead.lead(event.ahead, doing)
        self.run_worker(work, group="dialog", exit_on_error=False)

    async def _run_command(self, event: CommandSubmitted, written_in: tuple[str | None, str | None]) -> None:
        """Do what was written behind a slash; where that can't be, it comes back to the composer."""
        from asnity_tui.commands.arguments import WRITTEN_IN, UsageError  # late: see above
        from asnity_tui.commands.slash_commands import BY_NAME  # late: see above

        command, rest = BY_NAME[event.name], event.rest
        WRITTEN_IN.set(written_in)
        try:
            rest = await self.conversation.emoji.replace(rest)
            if rest and not command.usage and command.name != "quit":  # IRC says something on the way out
                raise UsageError(f"/{event.name} takes no text.")
            await command.run(self, rest)
        except Cancelled:
            self.conversation.composing.command_failed(event.text, event.channel_id, event.ahead)
        except (UsageError, AsnityError, NoAnswer, Unreachable, StorageError) as error:
            self.conversation.composing.command_failed(event.text, event.channel_id, event.ahead)
            if isinstance(error, StorageError):
                self.conversation.composing.unsaved.report(
                    error, event.channel_id or "", self.conversation.composer.submit
                )
                return
            told = str(error) if isinstance(error, UsageError) else error_text(error)
            self.notify(harmless_line(told), severity="error", markup=False)

    @on(ChannelHeader.Clicked)
    def action_topic(self) -> None:
        """Show the whole topic."""
        channel = self.conversation.channel
        if channel is not None:
            from asnity_tui.commands.channels import tell_topic  # late: see above

            self.run_worker(tell_topic(self, channel), group="dialog", exit_on_error=False)

    @leading
    async def action_theme(self) -> None:
        """Choose the colours."""
        from asnity_tui.commands.menu_entries import choose_theme  # late: see above

        await choose_theme(self.app)

    @leading
    async def action_settings(self) -> None:
        """Choose what to set."""
        from asnity_tui.commands.menu_entries import choose_setting  # late: see above

        await choose_setting(self)

    # The terminal for others

    @work(group="terminal", exclusive=True, exit_on_error=False)
    async def action_editor(self) -> None:
        """Write in the person's own editor."""
        from asnity_tui.terminal.editor import EditorFailed, Running, edit  # late: see above

        conversation = self.conversation
        channel_id, text = conversation.channel_id, conversation.composer.text
        if channel_id is None or conversation.composer.read_only:
            self.app.bell()
            return
        running = Running()
        try:
            written = await self.give_terminal(lambda: edit(text, os.environ, running), running.end)
        except EditorFailed as error:
            self.notify(harmless_line(str(error)), severity="error", markup=False)
            return
        if written is not None:
            conversation.composer.exchange(written, len(written))
            conversation.composer.focus()

    @work(group="terminal", exclusive=True, exit_on_error=False)
    async def action_bare(self) -> None:
        """Plain view, until a key is pressed."""
        from asnity_tui.terminal.plain_view import show  # late: see above

        view = self.conversation.view
        _, end = view.scroll_position.in_sight()
        rows = [item for item in view.rows.items[max(0, end - BARE) : end] if isinstance(item, Row)]
        text = as_text(rows, view.rows.context, alone=False)
        over = threading.Event()
        await self.give_terminal(lambda: show(text.split("\n"), over), lambda number: over.set())

    def action_suspend(self) -> None:
        """Go to the background; the shell's `fg` brings it back."""
        if isinstance(self.app, GivesTerminal):
            self.app.step_aside()

    async def give_terminal(self, doing: Callable[[], T], end: Callable[[int], object]) -> T | None:
        """What comes of something that has the terminal to itself; None where that can't be, which is said."""
        if not isinstance(self.app, GivesTerminal):
            return None
        try:
            return await self.app.give_terminal(doing, end)
        except SuspendNotSupported:
            self.notify("No other program can be started in this terminal.", severity="warning", markup=False)
            return None
