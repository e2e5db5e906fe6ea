"""Slash commands: those of the table, what keys do with a message, and everything in the palette."""

from __future__ import annotations

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans
from asnity_tui.widgets.timeline.keys import TIMELINE_KEYS

from . import slash_messages
from .arguments import UsageError
from .here import about_here, may_here
from .old_registry import COMMANDS
from .old_registry import Command as PaletteCommand
from .slash_command import May, SlashCommand, action, anyone, may_pin
from .slash_offers import Command, near
from .slash_table import OWN
from .synonyms import synonyms_of


async def _help(screen: ChatScreen, rest: str) -> None:
    """List the commands; choosing one begins it."""
    name = rest.removeprefix("/").casefold()
    if name in BY_NAME:
        found = BY_NAME[name]
        screen.notify(f"/{found.name} {found.usage}\n{found.help}", timeout=8, markup=False)
        return
    if name:
        raise UsageError(f"There is no command /{name}.")
    options = [
        Option(
            each.name,
            spans((f"/{each.name} ", "accent"), (each.usage, "plain")),
            spans((each.help, "faint")),
            also=" ".join((*each.aliases, each.keywords)),
        )
        for each in SLASH_COMMANDS
        if each.offer and each.may(about_here(screen))
    ]
    chosen = await screen.app.push_screen_wait(Picker("Commands", options))
    if chosen is not None:
        composer = screen.conversation.composer
        composer.put((f"/{chosen} " if BY_NAME[chosen].usage else f"/{chosen}") + composer.text)
        composer.focus()


_HELP = SlashCommand(
    "help",
    "[command]",
    "List the slash commands",
    _help,
    aliases=("commands", "h"),
    keywords="manual",
    everyday=True,
)

SHORTER = {
    "go.to": "goto",
    "channel.browse": "list",
    "channel.create": "create",
    "channel.close": "close",
    "channel.leave": "leave",
    "channel.people": "who",
    "channel.pins": "pins",
    "me.do-not-disturb": "dnd",
    "me.name": "nick",
    "sign-out": "logout",
}
"""Commands of the palette that have a slash command of a usual name."""


def _going_on(sentence: str) -> str:
    """A sentence behind a colon."""
    return sentence[:1].lower() + sentence[1:]


def _of_palette(command: PaletteCommand) -> SlashCommand:
    may: May = (lambda about: may_here(about, command.id)) if command.in_menu else anyone
    told = f"{command.title}: {_going_on(command.help)}"
    return SlashCommand(
        command.id.replace(".", "-"),
        "",
        told,
        action(command.action),
        keywords=synonyms_of(command.id),
        may=may,
        offer=command.id not in SHORTER and not command.series,
    )


def _all() -> tuple[SlashCommand, ...]:
    """Those with words of their own, what keys do with a message, then everything else in the palette under its id."""
    messages = (
        SlashCommand(
            each.id.removeprefix("message."),
            "",
            each.tooltip,
            slash_messages.act_on_it(each.action),
            keywords=synonyms_of(each.id),
            may=may_pin if each.id == "message.pin" else anyone,
        )
        for each in TIMELINE_KEYS
        if each.id is not None and each.id.startswith("message.")
    )
    found: dict[str, SlashCommand] = {}
    for each in (*OWN, _HELP, *messages, *map(_of_palette, COMMANDS)):
        found.setdefault(each.name, each)
    return tuple(found.values())


SLASH_COMMANDS = _all()
"""Every command, with those first that take words."""

BY_NAME = {name: each for each in SLASH_COMMANDS for name in (each.name, *each.aliases)}
"""By each of their names."""


def offered(screen: ChatScreen) -> tuple[Command, ...]:
    """All of them as completion sees them, with whether I may here."""
    about = about_here(screen)
    return tuple(each.offered(about) for each in SLASH_COMMANDS)


EVERYTHING = tuple(each.offered(None) for each in SLASH_COMMANDS)
"""The same, whether I may or not."""

_STAYS = frozenset(
    [
        "topic",
        "notify",
        "read",
        "me",
        "status",
        "away",
        "kick",
        "ban",
        "remove",
        "role",
        "mute",
        "unmute",
        "shrug",
        "clear",
        "dnd",
        "copy-link",
        "unread-from",
    ]
)
"""Commands that lead nowhere else: what is written behind them is for the same channel."""

_STAYS_WITH_WORDS = frozenset(["nick", "invite", "unban", "help", "rename", "reply", "react", "edit", "theme"])
"""Commands that lead nowhere else if they are told what to do; else they ask."""


def stays(name: str, rest: str) -> bool:
    """Whether a command surely leads nowhere else."""
    name = BY_NAME[name].name
    if name == "msg":
        return len(rest.split(maxsplit=1)) == 2  # without a text it goes to the person
    return name in _STAYS or (name in _STAYS_WITH_WORDS and bool(rest))


def no_command(name: str) -> str:
    """What is told of a command that there isn't."""
    found = near(name, EVERYTHING)
    meant = f" Did you mean {' or '.join(f'/{each}' for each in found)}?" if found else ""
    return f"There is no command /{harmless_line(name)}.{meant} Start with // to send it as a message."
