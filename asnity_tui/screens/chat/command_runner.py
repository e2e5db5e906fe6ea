"""Runs commands for the chat screen: has them chosen, asks whether they can be done, and words what went wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any

from asnity_server.protocol import ids
from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.transport.client import REQUEST_ERRORS
from asnity_tui.commands.arguments import UsageError
from asnity_tui.commands.command import Command
from asnity_tui.commands.context import CommandContext, MenuKind, context_at
from asnity_tui.commands.menus import (
    menu_options,
    menu_title,
    palette_options,
    setting_options,
    slash_help_options,
    slash_options,
)
from asnity_tui.commands.registry import BY_ID
from asnity_tui.commands.slash import BY_NAME, SlashOffer, offers, slash_of
from asnity_tui.screens.pending import Cancelled
from asnity_tui.state.rows import Row
from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.option import Option

from .command_ui import ChatCommandUI, ChatParts
from .typeahead import CommandSubmitted, TypedAhead

_KINDS: Mapping[str, MenuKind] = {"members": "member", "channels": "channel", "rail": "community"}
"""The menus of the lists, by the id of the pane."""

TOLD = (UsageError, StorageError, *REQUEST_ERRORS)
"""Ends of a command that are said to the person."""


class CommandRunner:
    """Runs commands where the person is."""

    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts
        self.menus = CommandMenus(self, parts.keys)
        self.ui = ChatCommandUI(parts, self.menus)

    def context(self) -> CommandContext:
        """The context of the open channel, its community, and the message under the cursor."""
        return self.context_at(self._parts.navigation.community_id, self._parts.conversation.channel_id)

    def context_at(self, community_id: str | None, channel_id: str | None) -> CommandContext:
        """The context of any channel of mine, or of a community."""
        conversation, timeline = self._parts.conversation, self.ui.timeline
        ctx = context_at(self._parts.session, self.ui, community_id, channel_id, conversation.now())
        if channel_id is None or channel_id != conversation.channel_id:
            return ctx
        return replace(ctx, row=timeline.current, chosen=timeline.chosen)

    def run(self, id: str, args: str = "", *, row: Row | None = None) -> None:
        """Do what a key or a click means; `row` is the message that was clicked."""
        command, ctx = BY_ID[id], self.context()
        if row is not None:
            ctx = replace(ctx, row=row, chosen=(row,))
        elif command.group == "In the messages" and ctx.row is None:
            return  # a gap is under the cursor
        command, ctx = command.meant(ctx, args)
        self.start(command, ctx, args)

    def show_menu_of(self, pane: ListPane, key: str) -> None:
        """Show the menu of a line of the lists: of a member, a channel or a community."""
        ctx, kind = self.context(), _KINDS[pane.id or ""]
        if kind == "member":
            member = (ctx.channel.people or {}).get(key) if ctx.channel is not None else None
            if member is None:
                return
            ctx = ctx.about_member(member)
        elif kind == "channel":
            ctx = self.context_at(None, key)
        else:
            ctx = self.context_at(key, None)
        if ctx.community is not None:
            self._lead(self.menus.ask(kind, ctx))

    def slash_offers(self) -> Sequence[SlashOffer]:
        """Slash commands as completion sees them, with whether I may use them here."""
        return offers(self.context())

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
            self._lead(work)
        else:
            group = f"command {command.id}" if command.exclusive else "dialog"
            self._parts.screen.run_worker(work, group=group, exclusive=command.exclusive, exit_on_error=False)

    def _lead(self, work: Coroutine[Any, Any, None], ahead: TypedAhead | None = None) -> None:
        """Do something that may lead elsewhere; what is typed since `ahead` began, or from here on, waits for it."""
        type_ahead = self._parts.conversation.type_ahead
        work = type_ahead.lead(ahead or type_ahead.begin(), work)
        self._parts.screen.run_worker(work, group="dialog", exit_on_error=False)

    async def do(self, command: Command, ctx: CommandContext, args: str = "") -> None:
        """Do a command as a part of the running task, or say why it can't be done."""
        if self._is_available(command, ctx):
            await self._worded(_run(command, ctx, args))

    def submit(self, event: CommandSubmitted) -> None:
        """Do what was written behind a slash, in the channel where it was written."""
        if event.ahead is not None:
            self._lead(self._written(event), event.ahead)
        else:
            self._parts.screen.run_worker(self._written(event), group="dialog", exit_on_error=False)

    async def _written(self, event: CommandSubmitted) -> None:
        """Do it; where that can't be, the text comes back to the composer."""
        conversation, channel_id = self._parts.conversation, event.channel_id
        here = self._parts.navigation.community_id
        ctx = self.context_at(ids.community_of(channel_id) if channel_id is not None else here, channel_id)
        command, args = BY_NAME[event.name], event.rest
        slash = slash_of(command)
        try:
            args = await conversation.emoji.replace(args)
            if args and not slash.usage and not slash.ignores_words:
                raise UsageError(f"/{event.name} takes no text.")
            command, ctx = command.meant(ctx, args)
            why = command.available(ctx)
            if why is not None and args:
                raise UsageError(why)
            if self._is_available(command, ctx):
                await _run(command, ctx, args)
        except Cancelled:
            conversation.composing.command_failed(event.text, channel_id, event.ahead)
        except TOLD as error:
            conversation.composing.command_failed(event.text, channel_id, event.ahead)
            if isinstance(error, StorageError):
                conversation.composing.unsaved.report(error, channel_id or "", conversation.composer.submit)
            else:
                self.complain(error)

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
        text = str(error) if isinstance(error, UsageError) else error_text(error)
        self.ui.notify(text, severity="error", timeout=None)


async def _run(command: Command, ctx: CommandContext, args: str) -> None:
    doing = command.run(ctx, args)
    if doing is not None:
        await doing


class CommandMenus:
    """Has a command chosen, and runs it."""

    def __init__(self, runner: CommandRunner, keymap: Mapping[str, str]) -> None:
        """`keymap` has the keys that the settings change."""
        self._runner = runner
        self._keymap = keymap

    async def palette(self) -> None:
        """Offer everything that can be done here; slash commands too, unless something is being written."""
        ctx = self._runner.context()
        options = palette_options(ctx, self._keymap)
        if not ctx.ui.composer.text:
            options += slash_options(ctx)
        chosen = await ctx.ui.choose("Commands", options)
        if chosen is None:
            return
        if chosen.startswith("/"):
            ctx.ui.composer.begin(f"{chosen} ")
        else:
            self._runner.start(BY_ID[chosen], self._runner.context())

    async def settings(self, ctx: CommandContext) -> None:
        """Offer everything that one looks for among settings."""
        await self._choose("Settings", setting_options(ctx, self._keymap), ctx)

    async def ask(self, kind: MenuKind, ctx: CommandContext) -> None:
        """Show the menu of what a context is about."""
        options = menu_options(kind, ctx, self._keymap)
        await self._choose(menu_title(kind, ctx), options, ctx, nothing="No actions available.")

    async def _choose(
        self, title: str, options: Sequence[Option], ctx: CommandContext, *, nothing: str = "No matches."
    ) -> None:
        chosen = await ctx.ui.choose(title, options, nothing=nothing)
        if chosen is not None:
            await self._runner.do(BY_ID[chosen], ctx)

    async def slash_commands(self, ctx: CommandContext, name: str) -> None:
        """Tell of one slash command, or list them all; choosing one begins it."""
        name = name.removeprefix("/").casefold()
        if name in BY_NAME:
            found = slash_of(BY_NAME[name])
            ctx.ui.notify(f"/{found.name} {found.usage}\n{found.help}", timeout=8)
            return
        if name:
            raise UsageError(f"There is no command /{name}.")
        chosen = await ctx.ui.choose("Commands", slash_help_options(ctx))
        if chosen is not None:
            begin = f"/{chosen} " if slash_of(BY_NAME[chosen]).usage else f"/{chosen}"
            ctx.ui.composer.begin(begin + ctx.ui.composer.text)
