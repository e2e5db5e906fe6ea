"""A slash command: what it is called, what it does, and who may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.menu import About
from asnity_tui.state.rights import Rights

from .arguments import UsageError
from .bridge import context_of
from .command import Command as Registered
from .here import do_here
from .slash_offers import Command

May: TypeAlias = Callable[[About | None], bool]
"""Whether something may be done in the open channel; None: there is no community yet."""


def anyone(about: About | None) -> bool:
    """Whoever is signed in."""
    return True


def right(test: Callable[[Rights], bool]) -> May:
    """Whoever has a right in the open channel."""
    return lambda about: about is not None and test(about.rights)


may_post = right(lambda rights: rights.may_post)
may_change = right(lambda rights: rights.may_change_channel)
may_pin = right(lambda rights: rights.may_pin)
may_moderate = right(lambda rights: rights.may_moderate())


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """One command; `run` gets what stands behind its name, and raises `Refused` with a sentence where it makes no
    sense, or whatever asking the server raises."""

    name: str
    usage: str
    help: str
    run: Callable[[ChatScreen, str], Awaitable[None]]
    aliases: tuple[str, ...] = ()
    keywords: str = ""
    """What people type who mean it."""
    everyday: bool = False
    """A bare slash offers it."""
    may: May = anyone
    """It is only offered where it may be done."""
    offer: bool = True
    """No: another one that does the same is offered."""

    def offered(self, about: About | None) -> Command:
        """It as completion sees it, where `about` is what I am at."""
        may = self.offer and self.may(about)
        return Command(self.name, self.usage, self.help, self.aliases, self.keywords, self.everyday, may)


def action(action: str) -> Callable[[ChatScreen, str], Awaitable[None]]:
    """A command of the palette."""

    async def run(screen: ChatScreen, rest: str) -> None:
        await screen.run_action(action)

    return run


def here(id: str) -> Callable[[ChatScreen, str], Awaitable[None]]:
    """An entry of the menu of the open channel or its community."""

    async def run(screen: ChatScreen, rest: str) -> None:
        await do_here(screen, id)

    return run


def from_command(command: Registered, *, everyday: bool = False) -> SlashCommand:
    """A command as a slash command."""
    slash = command.slash
    assert slash is not None

    async def run(screen: ChatScreen, rest: str) -> None:
        ctx = screen.commands.written_context()
        meant, ctx = command.meant(ctx, rest)
        why = meant.available(ctx)
        if why is not None:
            raise UsageError(why)
        await screen.commands.raw(meant, ctx, rest)

    return SlashCommand(
        slash.name,
        slash.usage,
        slash.help,
        run,
        aliases=slash.aliases,
        keywords=slash.keywords,
        everyday=everyday,
        may=lambda about: about is not None and command.available(context_of(about)) is None,
    )
