"""Completes a bare word with Tab, as IRC clients do: `al` becomes `@alice`, and with another Tab the next one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from asnity_server.protocol.models import User
from asnity_server.protocol.text import name_key

from .tokens import Completion, CompletionToken, Kind, applied, belongs_to_name, token_at


def word_at(text: str, cursor: int, kind: Kind = "@") -> CompletionToken | None:
    """The word before the cursor that a name may take the place of; none in code or addresses.

    Its sign tells whose name: a person's or a channel's; where it has none, `kind` does.
    """
    begun = token_at(text, cursor)
    if begun is not None:
        return begun if begun.kind in "@#" else None
    start = cursor
    while start > 0 and belongs_to_name(text[start - 1]):
        start -= 1
    if start == cursor:
        return None
    signed = token_at(f"{text[:start]}@{text[start:]}", cursor + 1)
    if signed is None or signed.kind != "@" or signed.start != start:
        return None
    return CompletionToken(kind, start, signed.end - 1, signed.query)


def people(query: str, users: Iterable[User], *, recent: Sequence[str]) -> tuple[Completion, ...]:
    """People of whose name a word begins like this: who spoke last (`recent`, ids) first, then by name."""
    spoke = {user_id: place for place, user_id in enumerate(recent)}
    wanted = name_key(query)
    found = [
        each
        for each in users
        if name_key(each.username).startswith(wanted)
        or any(word.startswith(wanted) for word in name_key(each.display_name).split())
    ]
    found.sort(key=lambda each: (spoke.get(each.id, len(spoke)), name_key(each.username)))
    return tuple(Completion(f"@{each.username} ", each.display_name, f"@{each.username}") for each in found)


def channels(query: str, names: Iterable[str]) -> tuple[Completion, ...]:
    """Channels whose name begins like this, by name."""
    wanted = name_key(query)
    return tuple(Completion(f"#{each} ", each) for each in sorted(names) if name_key(each).startswith(wanted))


class CompletionCycle(msgspec.Struct, frozen=True):
    """A position among the completions of a word: `text` with the cursor `at` is the outcome of the last Tab."""

    before: str
    token: CompletionToken
    choices: tuple[Completion, ...]
    chosen: int
    text: str
    at: int


def begin_cycle(text: str, token: CompletionToken, choices: tuple[Completion, ...], chosen: int = 0) -> CompletionCycle:
    """Put one of the choices (more than one stand ready) in the place of a word."""
    made, at = applied(text, token, choices[chosen])
    return CompletionCycle(text, token, choices, chosen, made, at)


def next_in_cycle(last: CompletionCycle, direction: int = 1) -> CompletionCycle:
    """The same word with the next choice, round and round."""
    return begin_cycle(last.before, last.token, last.choices, (last.chosen + direction) % len(last.choices))
