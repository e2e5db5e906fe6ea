"""Matches names by a few of their letters, with a score and the places of the letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import msgspec

LONGEST = 200
"""Characters of a name that are looked at, and of what is looked for."""

STARTS = 8
"""Places in a name at which the letters are tried to begin."""

_WHOLE, _FRONT, _WORD, _INSIDE = 1_000, 600, 400, 250
_STEP, _WORD_STEP = 12, 20


class Match(msgspec.Struct, frozen=True):
    """How well a name fits (more is better), and where its letters stand in it."""

    score: int
    positions: tuple[int, ...]


def match(pattern: str, text: str) -> Match | None:
    """Whether the letters of `pattern` stand in `text` in their order, whatever their case and accents.

    Letters in a row are better than scattered ones, the beginning of a word better than its inside. Hangul fits by its
    letters: what is being composed (`민ㅈ`) and first consonants alone (`ㅁㅈ`) find `민지`. White space in the pattern
    counts for nothing; an empty pattern fits everything.
    """
    wanted, _ = _folded("".join(pattern.split())[:LONGEST])
    letters, origins = _folded(text[:LONGEST])
    if not wanted:
        return Match(0, ())
    if len(wanted) > len(letters):
        return None
    at = _in_a_row(wanted, letters)
    if at is not None:
        score = _score_of_row(wanted, letters, at)
        return Match(score, _places(origins, range(at, at + len(wanted))))
    best: Match | None = None
    start = letters.find(wanted[0])
    for _ in range(STARTS):
        found = _scattered(wanted, letters, start) if start >= 0 else None
        if found is None:
            break  # where it doesn't fit from here, it doesn't from further on
        score = _score_of_steps(letters, found)
        if best is None or score > best.score:
            best = Match(score, _places(origins, found))
        start = letters.find(wanted[0], start + 1)
    return best


def _in_a_row(wanted: str, letters: str) -> int | None:
    """Where all letters stand in a row: best at the beginning of a word."""
    first = at = letters.find(wanted)
    while at > 0 and not _begins(letters, at):
        at = letters.find(wanted, at + 1)
    return at if at >= 0 else (first if first >= 0 else None)


def _score_of_row(wanted: str, letters: str, at: int) -> int:
    if len(wanted) == len(letters):
        return _WHOLE
    kind = _FRONT if at == 0 else (_WORD if _begins(letters, at) else _INSIDE)
    return kind - min(at, 50) - min(len(letters) - len(wanted), 50)


def _scattered(wanted: str, letters: str, start: int) -> list[int] | None:
    """Where the letters stand, each as near to the one before as possible; the first at `start`."""
    found, at = [start], start
    for letter in wanted[1:]:
        at = letters.find(letter, at + 1)
        if at < 0:
            return None
        found.append(at)
    return found


def _score_of_steps(letters: str, found: list[int]) -> int:
    score = _WORD_STEP if _begins(letters, found[0]) else 0
    for before, at in pairwise(found):
        if at == before + 1:
            score += _STEP
        elif _begins(letters, at):
            score += _WORD_STEP
        else:
            score -= min(at - before, _STEP)
    return max(1, min(score, _INSIDE - 100) - min(found[0], 20))


def _begins(letters: str, at: int) -> bool:
    """Whether a word begins here."""
    return at == 0 or not letters[at - 1].isalnum()


def _places(origins: Sequence[int], found: range | list[int]) -> tuple[int, ...]:
    return tuple(sorted({origins[each] for each in found}))


def sieve(pattern: str) -> Callable[[str], bool]:
    """A quick test of a text for whether `match` can find `pattern` in it, for going through thousands of names."""
    wanted, _ = _folded("".join(pattern.split())[:LONGEST])
    # each letter after whatever it isn't: there is one way to match, so nothing is tried twice
    fits = re.compile("".join(f"[^{re.escape(each)}]*{re.escape(each)}" for each in wanted), re.DOTALL).match

    def test(text: str) -> bool:
        return fits(_folded(text[:LONGEST])[0]) is not None

    return test


@lru_cache(maxsize=32_768)
def _folded(text: str) -> tuple[str, Sequence[int]]:
    """Letters to compare, and for each the index of the character in `text` that it comes from."""
    if text.isascii() and text.isprintable():
        return text.lower(), range(len(text))
    letters: list[str] = []
    origins: list[int] = []
    for index, sign in enumerate(text):
        for letter in unicodedata.normalize("NFKD", sign.casefold()):
            if not unicodedata.combining(letter) and not letter.isspace():
                letters.append(letter)
                origins.append(index)
            elif letter.isspace():
                letters.append(" ")
                origins.append(index)
    return "".join(letters), tuple(origins)
