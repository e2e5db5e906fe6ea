"""Commands as lines of the tables that aren't made from the registry yet; gone with them."""

from __future__ import annotations

from dataclasses import replace

from asnity_tui.screens.dialogs.menu import About, Kind, MenuEntry

from .command import Command
from .context import CommandContext


def context_of(about: About) -> CommandContext:
    """The context of what a menu is about."""
    channel_id = about.channel.id if about.channel is not None else None
    ctx = about.screen.commands.context_at(about.community_id, channel_id)
    return replace(ctx, member=about.member, row=about.row)


def menu_entry(command: Command, kind: Kind) -> MenuEntry:
    """A command as a line of a menu."""

    async def do(about: About) -> None:
        await about.screen.commands.do(command, context_of(about))

    return MenuEntry(
        id=command.id,
        kind=kind,
        title=lambda about: command.title_for(context_of(about)),
        may=lambda about: command.available(context_of(about)) is None,
        do=do,
        key=command.hint,
        help=command.help,
    )
