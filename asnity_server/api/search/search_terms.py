"""Search terms of a text: folded words, and character pairs in scripts that are written without spaces.

Matching is defined here alone. The index only proposes messages; each is looked at again with `Query.matches`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from asnity_server.protocol.errors import Invalid

RULES = f"2, Unicode {unicodedata.unidata_version}"
"""Changes with anything below: an index made by other rules is made anew."""

HIT, HIT_END = "\x02", "\x03"
"""The marks around a hit in a snippet; no message has these."""

_WITHOUT_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff\u3130-\u318f"  # Hangul: particles follow without a space
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\U00020000-\U0003ffff"
    "\u3040-\u30ff\u31f0-\u31ff\U0001aff0-\U0001b16f"  # Kana
    "\u31a0-\u31bf\u3100-\u312f"  # Bopomofo
)
_RUNS = re.compile(f"[{_WITHOUT_SPACES}]+|[^ {_WITHOUT_SPACES}]+")
_ASCII_RUNS = re.compile("[a-z0-9]+")
_IS_WITHOUT_SPACES = re.compile(f"[{_WITHOUT_SPACES}]")
_QUOTED = re.compile(r'"([^"]*)"|([^\s"]+)')
_VOICED = re.compile("[\uff66-\uff9d][\uff9e\uff9f]")
"""Half-width kana with its voicing mark: the two are one sign."""
_SIGNS = re.compile(f"{_VOICED.pattern}|.", re.DOTALL)

_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}
"""Latin letters with an accent that Unicode doesn't take apart."""

_LONGEST = 40
"""Signs of a word that the index knows."""

BEGINNING = 2
"""Signs of a beginning that the index may know by itself."""

SNIPPET, BEFORE = 160, 40
"""Characters of a snippet, and those in front of its first hit."""


class _Folding(dict[int, str]):
    """For `str.translate`: each sign as it is compared; remembers what it has worked out."""

    MOST = 20_000
    """Signs that are remembered: more than any conversation has, and no more memory than that."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: set[str] = set()
        """Signs that become none, or several: behind them, places have moved."""

    def __missing__(self, code: int) -> str:
        found = _folded(chr(code))
        if len(self) < self.MOST:
            self[code] = found
        if len(found) != 1:
            self.odd.add(chr(code))
        return found


_FOLDING = _Folding()
"""Its answer for a character is always the same."""


def _folded(sign: str) -> str:
    """One sign without case, width and Latin accents; what is no part of a word becomes a space or nothing."""
    if _is_accent(sign) or "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef":
        return ""  # accents that stand alone, and the choice between two pictures of a sign
    if "\U0001f3fb" <= sign <= "\U0001f3ff" or unicodedata.category(sign) == "Cf":
        return ""  # skin tones, and what only joins or parts
    if "\u3131" <= sign <= "\u318e":
        return sign  # single letters of Hangul (ㅋㅋ) stay single
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", sign).casefold())
    return "".join(_LETTERS.get(each) or _without_accent(each) for each in plain)


def _is_accent(sign: str) -> bool:
    return "\u0300" <= sign <= "\u036f"


def _without_accent(sign: str) -> str:
    if _is_accent(sign):
        return ""
    kind = unicodedata.category(sign)
    if kind == "So":
        return f" {sign} "  # a picture is a word of its own
    if kind[0] not in "LNM":
        return " "
    base = unicodedata.normalize("NFD", sign)
    return base[0] if "a" <= base[0] <= "z" else sign


def fold(text: str) -> str:
    """`text` as it is compared: its words and runs with one space around each."""
    found = runs(text)
    return f" {' '.join(found)} " if found else " "


def runs(text: str) -> list[str]:
    """The words of `text`, and its runs of signs without spaces."""
    if text.isascii():  # the same, faster
        return _ASCII_RUNS.findall(text.lower())
    return _RUNS.findall(_plain(text))


def _plain(text: str) -> str:
    if "\uff9e" in text or "\uff9f" in text:
        text = _VOICED.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    return text.translate(_FOLDING)


def terms_of(text: str) -> set[str]:
    """Return the terms of `text` for the index: words, pairs, and the last character of each run."""
    found: set[str] = set()
    for run in runs(text):
        if run.isascii() or not _IS_WITHOUT_SPACES.match(run):
            found.add(run[:_LONGEST])
        else:
            found.update([run[at : at + 2] for at in range(len(run) - 1)])
            found.add(run[-1])
    return found


def beginnings_of(terms: Iterable[str]) -> set[str]:
    """Return the prefixes of these terms that are so short that very many terms begin with them."""
    found: set[str] = set()
    for term in terms:
        found.add(term[:1])
        if term.isascii() or not _IS_WITHOUT_SPACES.match(term):  # of a run without spaces one sign is a beginning
            found.add(term[:BEGINNING])
    return found


def parse(text: str) -> ParsedQuery:
    """Parse a query: beginnings of words, and in quotes whole words that stand together.

    Raises `Invalid` where there is nothing that could be found.
    """
    needles: dict[str, None] = {}
    terms: dict[Term, None] = {}
    for match in _QUOTED.finditer(unicodedata.normalize("NFC", text)):
        quoted = match.group(1) is not None
        unit = runs(match.group(1 if quoted else 2))
        if unit:
            needles[_needle(unit, whole=quoted)] = None
            terms.update((term, None) for run in unit[:-1] for term in _asked_by(run, whole=True))
            terms.update((term, None) for term in _asked_by(unit[-1], whole=quoted))
    if not needles:
        raise Invalid("Enter a word to search for.", field="q")
    return ParsedQuery(tuple(needles), tuple(terms))


def asked(text: str, *, filtered: bool) -> ParsedQuery:
    """The same, but where something else narrows the search down no word is needed: everything matches.

    Raises `Invalid` where there is neither.
    """
    if text.strip():
        return parse(text)
    if not filtered:
        raise Invalid("Enter a word to search for, or a filter: channel, community, sender or date.", field="q")
    return ParsedQuery((), ())


class Mapped:
    """A folded text, each sign of which knows where it comes from."""

    def __init__(self, text: str) -> None:
        plain, self._places = _plain_with_places(text)
        spans = [found.span() for found in (_ASCII_RUNS if plain.isascii() else _RUNS).finditer(plain)]
        self.folded = " ".join(["", *(plain[start:end] for start, end in spans), ""]) if spans else " "
        """The result of `fold`."""
        self._starts: list[int] = []
        self._shifts: list[int] = []
        at = 1
        for start, end in spans:
            self._starts.append(at)
            self._shifts.append(start - at)
            at += end - start + 1

    def place(self, at: int) -> int:
        """Return the place in the text of the character at `at` of the folded one, which is no space."""
        plain = at + self._shifts[bisect_right(self._starts, at) - 1]
        return plain if self._places is None else self._places[plain]


def _plain_with_places(text: str) -> tuple[str, list[int] | None]:
    """The signs of `text` as they are compared, and where each comes from (None: each from its own place)."""
    plain = text.lower() if text.isascii() else _plain(text)
    if text.isascii() or (_FOLDING.odd.isdisjoint(text) and len(plain) == len(text)):
        return plain, None
    if _VOICED.search(text):
        signs = [(found.start(), _plain(found.group())) for found in _SIGNS.finditer(text)]
    else:
        signs = [(at, _FOLDING[ord(sign)]) for at, sign in enumerate(text)]
    return "".join([piece for _, piece in signs]), [at for at, piece in signs for _ in piece]


@dataclass(frozen=True)
class Term:
    """One thing that the index is asked for."""

    text: str
    beginning: bool = False
    """A prefix matches: a word that may go on, and a single character of a script without spaces."""


def _needle(unit: list[str], *, whole: bool) -> str:
    """Runs that stand together, as they stand in a folded text: words begin there, and end there if they are whole.

    Runs of scripts without spaces are open at both ends.
    """
    first = "" if _IS_WITHOUT_SPACES.match(unit[0]) else " "
    last = "" if not whole or _IS_WITHOUT_SPACES.match(unit[-1]) else " "
    return f"{first}{' '.join(unit)}{last}"


def _asked_by(run: str, *, whole: bool) -> Iterator[Term]:
    if not _IS_WITHOUT_SPACES.match(run):
        yield Term(run[:_LONGEST], beginning=not whole and len(run) < _LONGEST)
    elif len(run) == 1:
        yield Term(run, beginning=True)
    else:
        yield from (Term(run[at : at + 2]) for at in range(len(run) - 1))


@dataclass(frozen=True)
class ParsedQuery:
    """A parsed query: every needle has to be in a message."""

    needles: tuple[str, ...]
    terms: tuple[Term, ...]

    def matches(self, text: str) -> bool:
        """Whether `text` is found."""
        plain = text.lower() if text.isascii() else _plain(text)
        for each in self.terms:  # most that isn't found is passed over at a glance
            if each.text not in plain:
                return False
        folded = fold(text)
        return all(needle in folded for needle in self.needles)

    def snippet(self, text: str) -> str:
        """The part of `text` around its first hit, in one line, every hit in it marked."""
        spans = sorted(self._spans(text))
        start = max(0, spans[0][0] - BEFORE) if spans else 0
        end = start + SNIPPET
        parts: list[str] = ["…"] if start > 0 else []
        at = start
        for first, last in spans:
            if at <= first < end:
                last = min(last, end)
                parts += [text[at:first], HIT, text[first:last], HIT_END]
                at = last
        parts += [text[at:end], "…" if end < len(text) else ""]
        return re.sub(r"\s+", " ", "".join(parts))

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Return the places of hits."""
        mapped = Mapped(text)
        for needle in self.needles:
            at = mapped.folded.find(needle)
            while at >= 0:
                first = at + (needle[0] == " ")
                last = at + len(needle) - 1 - (needle[-1] == " ")
                sign = _SIGNS.match(text, mapped.place(last))
                assert sign is not None, "a place is a place in the text"
                yield mapped.place(first), sign.end()
                at = mapped.folded.find(needle, at + 1)
