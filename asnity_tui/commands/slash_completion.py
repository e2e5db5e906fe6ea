"""Slash commands by name, by other names, and by what people mean: what is offered while typing, and for a slip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from asnity_tui.state.completion.fuzzy import Match, match
from asnity_tui.state.completion.tokens import GOOD, MOST, Completion

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
