"""Runs commands for the chat screen: asks whether they can be done, starts them, and words what went wrong."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.transport.client import REQUEST_ERRORS
from asnity_tui.commands.arguments import WRITTEN_IN, UsageError
from asnity_tui.commands.command import Command
from asnity_tui.commands.context import CommandContext, context_at
from asnity_tui.screens.pending import Cancelled

from .command_ui import ChatCommandUI

if TYPE_CHECKING:
    from .screen import ChatScreen

TOLD = (UsageError, StorageError, *REQUEST_ERRORS)
"""Ends of a command that are said to the person."""


class CommandRunner:
    """Runs commands where the person is."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self.ui = ChatCommandUI(screen)

    def context(self) -> CommandContext:
        """The context of the open channel and its community."""
        return self.context_at(self._screen.navigation.community_id, self._screen.conversation.channel_id)

    def written_context(self) -> CommandContext:
        """The context where the running slash command was written: the person may have gone elsewhere meanwhile."""
        written = WRITTEN_IN.get()
        return self.context() if written is None else self.context_at(*written)

    def context_at(self, community_id: str | None, channel_id: str | None) -> CommandContext:
        """The context of any channel of mine, or of a community."""
        now = self._screen.conversation.now()
        return context_at(self._screen.session, self.ui, community_id, channel_id, now)

    def start(self, command: Command, ctx: CommandContext, args: str = "") -> None:
        """Do a command, or say why it can't be done; what takes longer goes on as a worker."""
        if not self._is_available(command, ctx):
            return
        try:
            doing = command.run(ctx, args)
        except TOLD as error:
            self.complain(error)
            return
        if doing is None:
            return
        work = self._worded(doing)
        if command.leads:
            type_ahead = self._screen.conversation.type_ahead
            work = type_ahead.lead(type_ahead.begin(), work)
        group = command.id if command.exclusive else "dialog"
        self._screen.run_worker(work, group=group, exclusive=command.exclusive, exit_on_error=False)

    async def do(self, command: Command, ctx: CommandContext, args: str = "") -> None:
        """Do a command as a part of the running task, or say why it can't be done."""
        if self._is_available(command, ctx):
            await self._worded(self.raw(command, ctx, args))

    async def raw(self, command: Command, ctx: CommandContext, args: str) -> None:
        """Do a command, whatever comes of it."""
        doing = command.run(ctx, args)
        if doing is not None:
            await doing

    def _is_available(self, command: Command, ctx: CommandContext) -> bool:
        why = command.available(ctx)
        if why is not None:
            self.ui.notify(why, severity="warning")
        return why is None

    async def _worded(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except Cancelled:
            return
        except TOLD as error:
            self.complain(error)

    def complain(self, error: Exception) -> None:
        """Say what went wrong."""
        self.ui.notify(
            str(error) if isinstance(error, UsageError) else error_text(error), severity="error", timeout=None
        )
