"""Slash commands: read from a line, completed while it is typed, and guessed for a slip."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from asnity_tui.state.completion.fuzzy import Match, match
from asnity_tui.state.completion.tokens import GOOD, MOST, Completion
from asnity_tui.widgets.text.safe_text import harmless_line

from .command import Command, Slash
from .context import CommandContext
from .registry import REGISTRY, synonyms_of

_MEANT = 3
"""Letters from which on what is typed is compared with what commands mean."""


class SlashOffer(msgspec.Struct, frozen=True):
    """A slash command, as completion sees it."""

    name: str
    usage: str
    help: str
    aliases: tuple[str, ...] = ()
    """Other names that do the same."""
    keywords: str = ""
    """Words for which people look when they mean it."""
    everyday: bool = False
    """It is offered before anything is typed, and before others that fit as well."""
    may: bool = True
    """It may be done here; otherwise it is known, but not offered."""

    @property
    def names(self) -> tuple[str, ...]:
        """All its names, its own first."""
        return (self.name, *self.aliases)


def complete(query: str, table: Iterable[SlashOffer]) -> tuple[Completion, ...]:
    """Commands that one may mean, the best first; for a bare slash those that people use first, in their order.

    A name that begins like this comes before a meaning that does; letters that only stand somewhere in a name count
    where there is neither.
    """
    if not query:
        return tuple(_choice(each, each.name, ()) for each in table if each.everyday and each.may)
    found = [fit for fit in (_fit(query, each) for each in table if each.may) if fit is not None]
    if any(tier < _SCATTERED for tier, *_ in found):
        found = [fit for fit in found if fit[0] < _SCATTERED]
    found.sort(key=lambda fit: (fit[0], not fit[3].everyday, -fit[1].score))  # of equal ones in the table's order
    return tuple(_choice(command, name, fit.positions) for _, fit, name, command in found[:MOST])


_WHOLE, _BEGINNING, _MEANING, _SCATTERED = range(4)


def _fit(query: str, command: SlashOffer) -> tuple[int, Match, str, SlashOffer] | None:
    """How near a command is (less is nearer), by which of its names."""
    fits = [(found, name) for name in command.names if (found := match(query, name)) is not None]
    if fits:
        best, name = max(fits, key=lambda each: each[0].score)
        if name == query.casefold():
            return _WHOLE, best, name, command
        if best.score >= GOOD:
            return _BEGINNING, best, name, command
    if _means(query, command):
        return _MEANING, Match(0, ()), command.name, command
    near_by = [each for each in fits if _is_near(query, each[0])]
    return (_SCATTERED, *max(near_by, key=lambda each: each[0].score), command) if near_by else None


def _is_near(query: str, found: Match) -> bool:
    """Whether letters that stand apart begin a name and stay together: `/lgt` is logout, `/etc` no unsent-copy."""
    return found.positions[:1] == (0,) and found.positions[-1] < 2 * len(query)


def _means(query: str, command: SlashOffer) -> bool:
    """Whether a word for which people look begins like this."""
    wanted = query.casefold()
    said = f"{command.keywords} {command.help}".casefold().replace(",", " ").replace(";", " ").split()
    return len(wanted) >= _MEANT and any(each.startswith(wanted) for each in said)


def is_known(query: str, table: Iterable[SlashOffer]) -> bool:
    """Whether this is what a command is called, wherever it may be done."""
    return any(query.casefold() in each.names for each in table)


def near(slip: str, table: Sequence[SlashOffer]) -> tuple[str, ...]:
    """Names of commands that may be meant by what is none, the best first."""
    from difflib import get_close_matches  # late: slips are rare

    owner = {name: each for each in table for name in each.names}
    begin = [name for each in table for name in each.names if name.startswith(slip)]
    meant = [each.name for each in table if slip in each.keywords.split()]
    close = get_close_matches(slip, list(owner), n=5, cutoff=0.7)
    found: dict[str, str] = {}
    for name in (*begin, *meant, *close):
        found.setdefault(owner[name].name, name)
    return tuple(found.values())[:3]


def _choice(command: SlashOffer, name: str, positions: tuple[int, ...]) -> Completion:
    return Completion(f"/{name} ", f"{name} {command.usage}".rstrip(), command.help, positions)


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
