"""Completes the word that is being typed: finds its token, its completions, and the text with one put in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias, TypeVar

import msgspec

from asnity_server.protocol.lazy_patterns import LazyPattern
from asnity_server.protocol.markup import unchanged_spans
from asnity_server.protocol.models import User
from asnity_server.protocol.text import CALLS_ALL

from .emoji_names import EmojiNames
from .fuzzy import Match, match

Kind: TypeAlias = Literal["@", "#", ":", "/"]

T = TypeVar("T")

MOST = 8
"""Choices at once."""

GOOD = 300
"""A score from which on letters stand at the beginning of a word: among those, who spoke last comes first."""

_EMOJI_MIN = 2
"""Letters before emoji are offered: `:)` and `10:30` are none."""

_EMOJI_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_+-")
_BESIDE = LazyPattern("[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f]")
"""Hangul, Han and Kana: a name may stand directly after and before them."""


class CompletionToken(msgspec.Struct, frozen=True):
    """The word that is being written: from its sign on, up to where its name ends."""

    kind: Kind
    start: int
    end: int
    query: str
    """What stands between the sign and the cursor."""


class Completion(msgspec.Struct, frozen=True):
    """Something that the word may become."""

    insert: str
    label: str
    """What it is called, as it came from the server."""
    hint: str = ""
    positions: tuple[int, ...] = ()
    """Where the letters of the query stand in the label."""
    sign: str = ""
    """What stands before the label: the emoji itself."""


def token_at(text: str, cursor: int) -> CompletionToken | None:
    """The word at `cursor` (an offset) that something can be offered for, if there is one. Not in code."""
    if text.startswith("/") and not text.startswith("//") and 0 < cursor <= _word_end(text, 0):
        return CompletionToken("/", 0, _word_end(text, 0), text[1:cursor])
    for kind in ("@", "#", ":"):
        start = _begin(text, cursor, kind)
        if start is None or any(low <= start < high for low, high in unchanged_spans(text)):
            continue
        query = text[start + 1 : cursor]
        if kind == ":" and len(query) < _EMOJI_MIN:
            continue
        return CompletionToken(kind, start, _end(text, cursor, kind), query)
    return None


def _begin(text: str, cursor: int, kind: Kind) -> int | None:
    """Where the sign stands that the letters before the cursor follow on."""
    at = cursor
    while at > 0 and _belongs(text[at - 1], kind):
        at -= 1
    if at == 0 or text[at - 1] != kind:
        return None
    before = text[at - 2] if at > 1 else " "
    inside_word = before in "@#:/" or ((before.isalnum() or before == "_") and not _BESIDE.match(before))
    return None if inside_word else at - 1


def _end(text: str, cursor: int, kind: Kind) -> int:
    """Where the name ends that the cursor stands in; Hangul, Han and Kana after it are particles, not its end."""
    end = cursor
    while end < len(text) and _belongs(text[end], kind) and not _BESIDE.match(text[end]):
        end += 1
    return end + 1 if kind == ":" and text[end : end + 1] == ":" else end


def _belongs(sign: str, kind: Kind) -> bool:
    if kind == ":":
        return sign.casefold() in _EMOJI_LETTERS
    return belongs_to_name(sign)


def belongs_to_name(sign: str) -> bool:
    """Whether the name of a person or a channel can have it."""
    return sign in "_-" or unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) in ("Mn", "Mc")


def _word_end(text: str, start: int) -> int:
    end = start
    while end < len(text) and not text[end].isspace():
        end += 1
    return end


def people(
    query: str, users: Iterable[User], *, recent: Sequence[str], everyone: bool = True
) -> tuple[Completion, ...]:
    """People whose name fits; those who spoke last (`recent`, ids, the last first) before others who fit as well.

    `everyone`: whether I may write to all of the channel at once.
    """
    spoke = {user_id: place for place, user_id in enumerate(recent)}
    ranked: list[tuple[bool, int, int, str, Completion]] = []
    for user in users:
        found = _fits_person(query, user)
        if found is None:
            continue
        score, choice = found
        place = spoke.get(user.id, len(spoke))
        ranked.append((score < GOOD and bool(query), place, -score, user.username, choice))
    ranked.sort(key=lambda each: each[:4])
    choices = [each[4] for each in ranked[:MOST]]
    for name in CALLS_ALL if everyone else ():
        fit = match(query, name)
        if fit is not None and (not query or fit.score >= GOOD):
            return (*choices[: MOST - 1], Completion(f"@{name} ", name, "everyone in this channel", fit.positions))
    return tuple(choices)


def _fits_person(query: str, user: User) -> tuple[int, Completion] | None:
    if query.isascii() and not set(query.casefold()) <= set(f"{user.username}{user.display_name}".casefold()):
        return None  # told at once, as there may be many thousand people
    by_handle, by_name = match(query, user.username), match(query, user.display_name)
    if by_handle is None and by_name is None:
        return None
    handle_score, name_score = (each.score if each is not None else -1 for each in (by_handle, by_name))
    name, handle = user.display_name, f"@{user.username}"
    positions = by_name.positions if by_name is not None else ()
    return max(handle_score, name_score), Completion(f"{handle} ", name, handle, positions)


def channels(query: str, named: Iterable[tuple[str, str]]) -> tuple[Completion, ...]:
    """Channels, given as name and topic, whose name fits."""
    fits = ((match(query, name), name, topic) for name, topic in named)
    found = [(fit, name, topic) for fit, name, topic in fits if fit is not None]
    return tuple(Completion(f"#{name} ", name, topic, fit.positions) for fit, name, topic in _best(found))


def emoji(query: str, names: EmojiNames, used: Sequence[str]) -> tuple[Completion, ...]:
    """Emoji by their short names, those that I use before others."""
    found = names.find(query, used, limit=MOST)
    return tuple(Completion(f"{each.emoji} ", each.name, "", each.positions, each.emoji) for each in found)


def _best(found: list[tuple[Match, str, T]]) -> list[tuple[Match, str, T]]:
    """The best first; where words begin with what was typed, none in which its letters only stand somewhere."""
    ranked = sorted(found, key=lambda each: (-each[0].score, each[1]))[:MOST]
    good = [each for each in ranked if each[0].score >= GOOD]
    return good or ranked


def applied(text: str, token: CompletionToken, choice: Completion) -> tuple[str, int]:
    """The text with a choice in the place of the word, and where the cursor goes."""
    insert, behind = choice.insert, text[token.end :]
    if behind and insert.endswith(" "):
        insert = insert[:-1]
        cursor = token.start + len(insert) + (1 if behind[0] == " " else 0)
    else:
        cursor = token.start + len(insert)
    return text[: token.start] + insert + behind, cursor
