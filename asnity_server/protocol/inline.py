"""Inline markup: parses code, links, emphasis and mentions within a paragraph."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from .kaomoji import kaomoji_indices
from .lazy_patterns import LazyPattern
from .mentions import mentions_in
from .scripts import CJK
from .urls import url_end

Kind: TypeAlias = Literal["text", "break", "code", "address", "link", "link-end", "mention", "open", "close"]

_ACTING = LazyPattern(r"\n|(?:\\?[*_~])+|\\(?=[`\[<])|`+|\[|<(?=https?://)|https?://", re.IGNORECASE)
_TICKS = LazyPattern("`+")
_RUN = LazyPattern(r"(?:\\?\*)+|(?:\\?_)+|(?:\\?~)+")
_TARGET = LazyPattern(r"\]\(<?(?=https?://)", re.IGNORECASE)
_WORD = "[^\\W_\u3000-\u303f\uff00-\uff0f]|[\u2190-\u2bff\U0001f000-\U0001faff]"
"""A letter, a digit or a picture: emphasis is put on one at least."""

_WORDS = LazyPattern(_WORD)
_OPENING = "\"'“‘«‹(\\[{¿¡「『（【《〈"
_CLOSING = ".,;:!?…\"'’”»›)\\]}"
_FULL_WIDTH = "。、，．：；！？）」』】》〉］｝"
_BEFORE = LazyPattern(f"[\\s{_OPENING}—–]")
_BEHIND = LazyPattern(f"[{_CLOSING}—–]*(?:\\s|\\Z)|[{_CLOSING}]*[{_FULL_WIDTH}—–]")
_BESIDE = LazyPattern(r"[^\w\\]|\Z")
_BEGINNING = LazyPattern(f"[{_OPENING}@#$:+-]{{0,3}}(?:{_WORD}|`|https?://)")
_LETTERS = {"*": "i", "**": "b", "_": "i", "~~": "s"}


class Token(NamedTuple):
    """A stretch of a paragraph; `start` and `end` are where it stands in the whole text."""

    kind: Kind
    text: str
    """The text that shows."""
    start: int
    end: int
    value: str = ""
    """The address of a link; of emphasis, its letter: b, i or s."""


class _Atom(NamedTuple):
    """A stretch before it is known what emphasis it opens or closes."""

    kind: Kind | Literal["mark"]
    text: str
    start: int
    end: int
    value: str = ""
    opens: bool = False
    closes: bool = False


def inline(lines: Iterable[tuple[int, str]]) -> tuple[Token, ...]:
    """The tokens of a paragraph, given as its lines with where each begins in the whole text."""
    starts: list[int] = []
    offsets: list[int] = []
    parts: list[str] = []
    length = 0
    for start, text in lines:
        starts.append(length)
        offsets.append(start - length)
        parts.append(text)
        length += len(text) + 1
    source = "\n".join(parts)
    if not _ACTING.search(source):
        found: Iterable[Token] = _marked(source, 0)
    else:
        found = _Emphasis(source, links=True).tokens()

    def placed(at: int) -> int:
        return at + offsets[bisect_right(starts, at) - 1]

    return tuple(each._replace(start=placed(each.start), end=placed(each.end)) for each in found)


def _marked(text: str, at: int) -> Iterator[Token]:
    """Plain text that stands at `at`, divided where names are called."""
    done = 0
    for start, end in mentions_in(text):
        if start > done:
            yield Token("text", text[done:start], at + done, at + start)
        yield Token("mention", text[start:end], at + start, at + end)
        done = end
    if done < len(text):
        yield Token("text", text[done:], at + done, at + len(text))


class _Scanner:
    """Finds what may act in a paragraph: code and addresses at once, emphasis as what may open and close it."""

    def __init__(self, source: str, *, links: bool) -> None:
        """Without `links`, as within the label of one, addresses are text."""
        self._source = source
        self._links = links
        self._faces = kaomoji_indices(source)
        self._runs: dict[int, list[int]] = {}
        """Offsets of runs of backticks that are not passed yet, by length, the next one last."""
        for run in reversed(list(_TICKS.finditer(source))):
            if run.start() not in self._faces:
                self._runs.setdefault(len(run.group()), []).append(run.start())
        self._dead: set[int] = set()
        """Backticks whose partner has a backslash before it, and the backslashes that have done their work."""
        self._partners: dict[int, int] | None = None
        self._open_underscores = 0

    def atoms(self) -> Iterator[_Atom]:
        """Return the tokens of the paragraph, in order."""
        source, at, done = self._source, 0, 0
        while match := _ACTING.search(source, at):
            found = self._at(match.start(), match.group())
            at = max(match.end(), found[-1].end if found else 0)
            if found:
                if done < found[0].start:
                    yield _Atom("text", source[done : found[0].start], done, found[0].start)
                yield from found
                done = at
        if done < len(source):
            yield _Atom("text", source[done:], done, len(source))

    def _at(self, start: int, sign: str) -> list[_Atom]:
        """Parse the atom that begins at `start`; nothing where that is only text."""
        if self._is_face(start):
            return []
        if sign[-1] in "*_~":
            return list(self._marks(start, sign))
        if sign == "\n":
            self._open_underscores = 0
            return [_Atom("break", "\n", start, start + 1)]
        if sign == "\\":
            return self._escape(start)
        if sign[0] == "`":
            return self._code(start, len(sign))
        if not self._links:
            return []
        if sign == "[":
            return self._link(start)
        return self._between_angles(start) if sign == "<" else self._address(start)

    def _is_face(self, start: int) -> bool:
        """Whether what stands at `start`, or behind the backslash there, is part of a face."""
        return start in self._faces or (self._source[start] == "\\" and start + 1 in self._faces)

    def _marks(self, start: int, cluster: str) -> Iterator[_Atom]:
        """Signs of emphasis that stand together, judged by what is around all of them."""
        source, end = self._source, start + len(cluster)
        before = source[start - 1] if start else " "
        edge = _BEFORE.match(before) is not None
        begins = _BEGINNING.match(source, end) is not None
        ends = before not in "([{" and not before.isspace()
        behind = _BEHIND.match(source, end) is not None
        wide_before, wide_behind = CJK.match(before) is not None, CJK.match(source, end) is not None
        for run in _RUN.finditer(cluster):
            signs = run.group().replace("\\", "")
            known = signs in _LETTERS or signs == "***"
            loose = signs in ("**", "~~")
            opens = edge or (loose and (wide_before or _BESIDE.match(before) is not None))
            closes = behind or (signs[0] != "_" and wide_behind) or (loose and _BESIDE.match(source, end) is not None)
            opens, closes = known and opens and begins, known and closes and ends
            if signs == "_" and closes and self._open_underscores:
                self._open_underscores -= 1
            elif signs == "_" and opens:
                self._open_underscores += 1
            yield _Atom("mark", signs, start + run.start(), start + run.end(), "", opens, closes)

    def _escape(self, start: int) -> list[_Atom]:
        """A backslash: it goes if it keeps something from acting, else it stays."""
        source, at = self._source, start + 1
        if source[at] != "`":
            acts = self._links and (self._link(at) if source[at] == "[" else self._between_angles(at))
            return [_Atom("text", "", start, at), _Atom("text", source[at], at, at + 1)] if acts else []
        ticks = _TICKS.match(source, at)
        assert ticks is not None
        partner = self._partner(at, len(ticks.group()), before=start)
        if partner is None and start not in self._dead:
            return [_Atom("text", source[start : ticks.end()], start, ticks.end())]
        if partner is not None:
            self._dead |= {partner, partner - 1}
        return [_Atom("text", "", start, at), _Atom("text", ticks.group(), at, ticks.end())]

    def _partner(self, start: int, length: int, *, before: int) -> int | None:
        """Find the backticks that close those at `start`; `before` is where the text before them ends."""
        source = self._source
        if before and source[before - 1].isalnum() and not CJK.match(source[before - 1]):
            return None  # an apostrophe of sorts
        later = self._runs[length]
        while later and (later[-1] <= start or later[-1] in self._dead):
            later.pop()
        if not later or not source[start + length : later[-1]].strip():
            return None
        return later[-1] if length > 2 or "\n" not in source[start : later[-1]] else None

    def _code(self, start: int, length: int) -> list[_Atom]:
        partner = None if start in self._dead else self._partner(start, length, before=start)
        if partner is None:
            return [_Atom("text", "`" * length, start, start + length)]
        text = self._source[start + length : partner]
        if text[0] == text[-1] == " " and "`" in text[1] + text[-2]:
            text = text[1:-1]
        return [_Atom("code", text, start, partner + length)]

    def _link(self, start: int) -> list[_Atom]:
        """`[label](address)`; nothing else in brackets is a link."""
        source = self._source
        closing = self._bracket(start)
        target = _TARGET.match(source, closing) if closing is not None else None
        if target is None or closing is None or "\n" in source[start:closing]:
            return []
        stop = ">)" if target.group().endswith("<") else ")"
        end = url_end(source, target.end(), sentence=False)
        if end is None or not source.startswith(stop, end):
            return []
        label = _Emphasis(source[start + 1 : closing], links=False).tokens()
        at = start + 1
        return [
            _Atom("link", "", start, end + len(stop), source[target.end() : end]),
            *(_Atom(each.kind, each.text, each.start + at, each.end + at, each.value) for each in label),
            _Atom("link-end", "", closing, end + len(stop)),
        ]

    def _bracket(self, start: int) -> int | None:
        """Find where the bracket at `start` is closed."""
        if self._partners is None:
            self._partners = {}
            opened: list[int] = []
            for at, sign in enumerate(self._source):
                if sign == "[":
                    opened.append(at)
                elif sign == "]" and opened:
                    self._partners[opened.pop()] = at
        return self._partners.get(start)

    def _between_angles(self, start: int) -> list[_Atom]:
        end = url_end(self._source, start + 1, sentence=False)
        if end is None or not self._source.startswith(">", end):
            return []
        return [_Atom("address", self._source[start + 1 : end], start, end + 1)]

    def _address(self, start: int) -> list[_Atom]:
        source = self._source
        before = source[start - 1] if start else " "
        if before.isascii() and (before.isalnum() or before in ".+-"):
            return []
        end = url_end(source, start)
        if end is None:
            return []
        if source[end - 1] == "_" and self._open_underscores:
            end -= 1
        elif source.startswith("__", max(0, start - 2)) and source.endswith("__", start, end):
            end -= 2
        return [_Atom("address", source[start:end], start, end)]


class _Emphasis:
    """Pairs what opens emphasis with what closes it; what has no partner is text."""

    def __init__(self, source: str, *, links: bool) -> None:
        self._source = source
        self._links = links
        self._atoms = list(_Scanner(source, links=links).atoms())
        self._open: dict[str, list[int]] = {}
        """Atoms that wait for their partner, by their signs, the innermost last."""
        self._left: dict[int, int] = {}
        """How many signs of an atom have no partner yet."""
        self._found: dict[int, list[str]] = {}
        """The emphasis that an atom opens, from the outermost on, or closes, from the innermost on."""
        self._taken_back: set[int] = set()
        """Atoms that would act, but for a backslash."""

    def tokens(self) -> Iterator[Token]:
        """The tokens. In the label of a link nobody is called."""
        calls = self._links
        self._pair()
        held: list[str] = []
        first = last = -1
        for token in self._marked():
            if token.kind == "text" and token.text and token.start == last:
                held.append(token.text)
                last = token.end
                continue
            if held:
                yield from _marked("".join(held), first) if calls else (Token("text", "".join(held), first, last),)
            held, first, last = [], -1, -1
            if token.kind != "text":
                calls = token.kind == "link-end" or (calls and token.kind != "link")
                yield token
            elif token.text:
                held, first, last = [token.text], token.start, token.end
        if held:
            yield from _marked("".join(held), first) if calls else (Token("text", "".join(held), first, last),)

    def _marked(self) -> Iterator[Token]:
        """The atoms as tokens."""
        for index, atom in enumerate(self._atoms):
            kind, signs, start, end = atom.kind, atom.text, atom.start, atom.end
            if kind != "mark":
                yield Token(kind, signs, start, end, atom.value)
            elif index in self._taken_back:
                yield Token("text", "", start, start)
                for sign in signs:
                    yield Token("text", "", start, start)
                    start = self._source.index(sign, start) + 1
                    yield Token("text", sign, start - 1, start)
                yield Token("text", "", end, end)
            elif index not in self._found:
                yield Token("text", self._source[start:end], start, end)
            else:
                left = self._left.get(index, 0)
                opening = self._found[index][0].isupper()
                rest = (Token("text", signs[:left], start, start + left),) if left else ()
                if opening:
                    yield from rest
                for letter in self._found[index]:
                    yield Token("open" if opening else "close", "", start, end, letter.lower())
                if not opening:
                    yield from rest

    def _pair(self) -> None:
        for index, atom in enumerate(self._atoms):
            if atom.kind == "break":
                for signs in ("*", "_"):
                    self._open.pop(signs, None)
            if atom.kind != "mark":
                continue
            left = self._close(index, atom) if atom.closes else len(atom.text)
            if left == len(atom.text) and atom.opens:
                self._open.setdefault(atom.text, []).append(index)
                self._left[index] = left

    def _close(self, index: int, atom: _Atom) -> int:
        """Pair an atom with what is open; how many of its signs have no partner."""
        left = len(atom.text)
        while left:
            signs = atom.text[:left]
            fitting = {"*": ("*", "***"), "**": ("**", "***"), "***": ("*", "**", "***")}.get(signs, (signs,))
            waiting = [(self._open[each][-1], each) for each in fitting if self._open.get(each)]
            if not waiting:
                break
            opener, key = max(waiting)
            if not _WORDS.search(self._source, self._atoms[opener].end, atom.start):
                break
            used = min(len(key), left)
            self._forget(opener)
            if "\\" in self._raw(opener) + self._raw(index):
                self._taken_back |= {opener, index}
                return 0
            left -= used
            self._match(opener, index, signs[0], used)
            rest = len(key) - used
            self._left[opener] = rest
            if rest:
                self._open.setdefault(signs[0] * rest, []).append(opener)
        self._left[index] = left
        return left

    def _match(self, opener: int, closer: int, sign: str, used: int) -> None:
        letters = ("i", "b") if used == 3 else (_LETTERS[sign * used],)
        for letter in letters:
            self._found.setdefault(opener, []).insert(0, letter.upper())
            self._found.setdefault(closer, []).append(letter)

    def _forget(self, opener: int) -> None:
        """Drop `opener` and everything opened after it: they have no partner any more."""
        for waiting in self._open.values():
            while waiting and waiting[-1] >= opener:
                waiting.pop()

    def _raw(self, index: int) -> str:
        return self._source[self._atoms[index].start : self._atoms[index].end]
