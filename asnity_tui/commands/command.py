"""The command: one thing that a person can do, with every way to it.

To add one, write a `Command` in the module of its subject and list it in that module's `COMMANDS`. Its key, its line in
menus and in the palette, its slash command with completion, F1 and docs/keys.md are made from that object:

    async def _kick(ctx: CommandContext, args: str) -> None: ...

    KICK = Command(
        id="member.kick",                    # the name of its key in the settings file; never changed afterwards
        title="Kick …",
        help="Remove from the community; they need a new invite",
        group="Communities and channels",
        menu=frozenset({"member"}),
        slash=Slash("kick", "@person [reason]", "Remove someone from the community; they need a new invite"),
        available=member_rule(Rights.may_moderate, no_community, "Only admins can kick people."),
        run=_kick,
    )

`available(ctx)` answers None, or in one sentence why not; it is asked before `run`, and by everything that offers the
command. `run(ctx, args)` gets the words behind a slash, "" from everywhere else: without words it asks, with words it
fills in the same questions. Whatever can't be undone asks in either case. `run` may raise `UsageError` and whatever
asking the server raises; whoever runs it words that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

import msgspec

from .context import CommandContext, MenuKind

Group: TypeAlias = Literal[
    "Navigation", "Reading", "Writing", "Communities and channels", "Account and program", "In the messages"
]
"""The part of the list of keys that a command stands in."""

Availability: TypeAlias = Callable[[CommandContext], str | None]
"""None where a command can be done; else why not, in one sentence."""

Run: TypeAlias = Callable[[CommandContext, str], Awaitable[None] | None]
"""Does a command at once, or answers the coroutine that does."""


def always(ctx: CommandContext) -> str | None:
    """Allow it everywhere."""
    return None


class Slash(msgspec.Struct, frozen=True):
    """The slash command of a command."""

    name: str
    usage: str = ""
    """The words that it takes; none: it takes no text."""
    help: str = ""
    """One line of the list of slash commands; none: the command's title and help."""
    aliases: tuple[str, ...] = ()
    keywords: str = ""
    """Words for which people look who mean it."""
    stays: Literal["never", "with words", "with two words", "always"] = "never"
    """When it surely leads nowhere else, so that what is typed behind it is for the same channel."""
    ignores_words: bool = False
    """Words behind it are no mistake, but mean nothing."""

    def leads_with(self, words: str) -> bool:
        """Whether it may lead elsewhere with these words behind it."""
        needed = {"never": None, "with words": 1, "with two words": 2, "always": 0}[self.stays]
        return needed is None or len(words.split(maxsplit=1)) < needed


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be done."""

    id: str
    title: str
    help: str
    group: Group
    run: Run
    available: Availability = always
    keys: str = ""
    """Separated by commas."""
    priority: bool = False
    """Its keys work before those of whatever has the focus."""
    slash: Slash | None = None
    menu: frozenset[MenuKind] = frozenset()
    """The menus that it stands in, in the order of the registry."""
    hint: str = ""
    """A key that does it in a list, as menus show it, where it has none of its own."""
    series: str = ""
    """Commands that only differ in a number stand in one line of the list of keys, under this title."""
    label: Callable[[CommandContext], str] | None = None
    """Its title where that depends on what it is about, in harmless words."""
    palette: bool = True
    """It stands in the palette and in the list of keys; else it can only be written behind a slash."""
    leads: bool = True
    """It may lead elsewhere: what is typed behind it waits until it is known where."""
    exclusive: bool = False
    """Another run of it ends the one before."""
    about: Callable[[CommandContext, str], CommandContext] | None = None
    """Reads from its words what it is about, before it is asked whether it can be done."""
    instead: Command | None = None
    """What its key and its slash command do where this can't be done, but that can."""

    def meant(self, ctx: CommandContext, words: str) -> tuple[Command, CommandContext]:
        """Answer the command that is meant with these words, and its context. Raises `UsageError`."""
        ctx = ctx if self.about is None else self.about(ctx, words)
        other = self.instead
        does_other = other is not None and self.available(ctx) is not None and other.available(ctx) is None
        return (other if other is not None and does_other else self), ctx

    def title_for(self, ctx: CommandContext) -> str:
        """Word the title for what it is about."""
        return self.title if self.label is None else self.label(ctx)
