"""Lists of commands to choose from, over the chat screen: the palette, settings, menus, the help of slash commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from asnity_tui.commands.arguments import UsageError
from asnity_tui.commands.command import Command
from asnity_tui.commands.context import CommandContext, MenuKind
from asnity_tui.commands.menus import menu_options, menu_title
from asnity_tui.commands.palette import palette_options, setting_options, slash_help_options, slash_options
from asnity_tui.commands.registry import BY_ID
from asnity_tui.commands.slash import BY_NAME, slash_of
from asnity_tui.widgets.option import Option


class ChosenRunner(Protocol):
    """Runs what is chosen."""

    def context(self) -> CommandContext:
        """The context of where the person is."""

    def start(self, command: Command, ctx: CommandContext, args: str = "") -> None:
        """Do a command, or say why it can't be done."""

    async def do(self, command: Command, ctx: CommandContext, args: str = "") -> None:
        """Do a command as a part of the running task."""


class CommandMenus:
    """Has a command chosen, and runs it."""

    def __init__(self, runner: ChosenRunner, keymap: Mapping[str, str]) -> None:
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
