"""Slash commands: what a line that begins with a slash means, and which commands may be written so."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TypeAlias

import msgspec

from asnity_tui.widgets.text.safe_text import harmless_line

from .command import Command, Slash
from .context import CommandContext
from .registry import REGISTRY
from .slash_completion import SlashOffer, near
from .synonyms import synonyms_of

_COMMAND = re.compile(r"/([^\W\d_][^\s/.\\]*)(?:\s+(.*))?", re.DOTALL)
"""A slash and a word that begins with a letter. With another slash, a dot or a backslash it is a path; whatever else
begins with a slash is a text, too."""

EVERYDAY = (
    *("msg", "join", "leave", "close", "search", "goto", "me", "shrug", "reply", "react", "edit", "who", "whois"),
    *("list", "create", "invite", "topic", "mute", "nick", "status", "away", "theme", "settings", "quit", "help"),
)
"""Names that a bare slash offers, in this order."""


class Say(msgspec.Struct, frozen=True):
    """A message."""

    text: str


class Do(msgspec.Struct, frozen=True):
    """A command, with the words behind its name."""

    name: str
    rest: str


class Unknown(msgspec.Struct, frozen=True):
    """No command: never sent, as it may have been meant for us alone."""

    name: str


Parsed: TypeAlias = Say | Do | Unknown


def parse(text: str, names: Collection[str]) -> Parsed:
    """Read a line, where `names` are the commands. Two slashes at the front say one."""
    if text.startswith("//"):
        return Say(text[1:])
    found = _COMMAND.fullmatch(text)
    if found is None:
        return Say(text)
    name, rest = found.group(1).casefold(), (found.group(2) or "").strip()
    return Do(name, rest) if name in names else Unknown(name)


# The commands


def slash_of(command: Command) -> Slash:
    """The slash command of a command; those without a usual name have their id for one."""
    if command.slash is not None:
        return command.slash
    told = f"{command.title}: {command.help[:1].lower()}{command.help[1:]}" if command.help else command.title
    return Slash(command.id.replace(".", "-"), help=told)


def _by_name() -> dict[str, Command]:
    usual = ((name, each) for each in REGISTRY if each.slash for name in (each.slash.name, *each.slash.aliases))
    found: dict[str, Command] = {}
    for name, command in (*usual, *((each.id.replace(".", "-"), each) for each in REGISTRY)):
        found.setdefault(name, command)
    return found


BY_NAME: Mapping[str, Command] = _by_name()
"""By each name that can be written behind a slash."""


def _rank(command: Command) -> tuple[int, bool]:
    name = slash_of(command).name
    return EVERYDAY.index(name) if name in EVERYDAY else len(EVERYDAY), command.slash is None


OFFERED: tuple[Command, ...] = tuple(
    sorted((each for each in REGISTRY if each.slash or (each.palette and not each.series)), key=_rank)
)
"""All but those that only differ in a number: what people use most, then what takes words, then the rest."""


def _offer(command: Command, may: bool) -> SlashOffer:
    slash = slash_of(command)
    keywords = slash.keywords or synonyms_of(command.id)
    return SlashOffer(slash.name, slash.usage, slash.help, slash.aliases, keywords, slash.name in EVERYDAY, may)


EVERYTHING: tuple[SlashOffer, ...] = tuple(_offer(each, True) for each in OFFERED)
"""All of them as completion sees them, whether I may use them or not."""


def offers(ctx: CommandContext) -> tuple[SlashOffer, ...]:
    """All of them as completion sees them, with whether I may use them here."""
    return tuple(_offer(each, each.available(ctx) is None) for each in OFFERED)


def leads(name: str, rest: str) -> bool:
    """Whether a command may lead elsewhere, so that what is typed behind it waits until it is known where."""
    return slash_of(BY_NAME[name]).leads_with(rest)


def no_command(name: str) -> str:
    """Tell that there is no such command, and what may be meant."""
    found = near(name, EVERYTHING)
    meant = f" Did you mean {' or '.join(f'/{each}' for each in found)}?" if found else ""
    return f"There is no command /{harmless_line(name)}.{meant} Start with // to send it as a message."
