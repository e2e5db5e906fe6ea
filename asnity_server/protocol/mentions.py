"""Mentions: finds names after an `@` in plain text, and resolves the names that a run of letters may mean."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

from . import limits
from .lazy_patterns import LazyPattern
from .scripts import CJK
from .text import CALLS_ALL, EVERYONE, in_name, longest_written, name_key

_LOCAL_PART = ".+-%'"
"""Characters that an e-mail address may have before its `@`, besides letters, digits and `_`."""

_DOMAIN = LazyPattern(r"\.\w")
_ELSEWHERE = LazyPattern(r"[@:][\w-]+(?:\.[\w-]+)+")
"""The rest of a name on another network: `@bob@example.social`, `@bob:example.org`."""


class NameMatch(NamedTuple):
    """A name that a run of letters may mean."""

    key: str
    length: int
    """How much of the run it takes."""


def mentions_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where text without markup mentions names, each with its `@`.

    An `@` inside a word, an e-mail address or a path begins none, nor does one behind a backslash; one behind Hangul,
    Han or Kana does.
    """
    at = text.find("@")
    last = -1
    while at >= 0:
        end = _name_end(text, at + 1)
        if end > at + 1 and _may_begin(text, at, end, last) and not _ELSEWHERE.match(text, end):
            yield at, end
            last = end
        at = text.find("@", end)


def mention_keys(run: str) -> Iterator[NameMatch]:
    """The names that a run may mean, best first.

    The whole run; then, longest first, each beginning that is followed by Hangul, Han or Kana: so `@민지가` reaches
    민지, and `@bobby` never reaches bob. Each of them also without the `_` and `-` at its end.
    """
    tried: set[int] = set()
    for end in _ends(run):
        while end and end not in tried:
            tried.add(end)
            if end <= longest_written(limits.USERNAME):  # what is longer is nobody's name
                yield NameMatch(name_key(run[:end]), end)
            if run[end - 1] not in "_-" or len(tried) > limits.USERNAME * 3:
                break
            end -= 1


def resolve_name(run: str, names: Container[str]) -> NameMatch | None:
    """Return which of some names (keys) a run means; a mention of all in the channel has the key `EVERYONE`."""
    for each in mention_keys(run):
        if each.key in CALLS_ALL:
            return each._replace(key=EVERYONE)
        if each.key in names:
            return each
    return None


def _ends(run: str) -> Iterator[int]:
    yield len(run)
    for end in range(min(len(run) - 1, limits.USERNAME), 0, -1):
        if CJK.match(run[end]):
            yield end


def _may_begin(text: str, at: int, end: int, last: int) -> bool:
    """Whether the `@` at `at` can call somebody; `last` is where the name before it ended."""
    first = at
    while first and text[first - 1] == "_":
        first -= 1  # emphasis that is only begun
    before = text[first - 1] if first else " "
    if before in "@\\" or (in_name(before) and before != "-" and not CJK.match(before)):
        return False
    if before == "/":
        return first - 1 == last
    if before in _LOCAL_PART and _DOMAIN.match(text, end):
        return not _in_local_part(text, first)
    return True


def _in_local_part(text: str, at: int) -> bool:
    """Whether the signs before `at` follow on a word, as in an e-mail address."""
    first = max(0, at - limits.USERNAME)
    while at > first and text[at - 1] in _LOCAL_PART:
        at -= 1
    return at > 0 and text[at - 1].isalnum()


def _name_end(text: str, start: int) -> int:
    """Return where the run of name characters that begins at `start` ends."""
    end = start
    while end < len(text) and in_name(text[end]):
        end += 1
    return end
