"""The markup of chat: one grammar for mentions and for rendering, on the server and in every client.

Less than CommonMark, by rules of its own: marks stand at the edges of words, each line is a line, and whatever is not
markup keeps all its characters. `docs/protocol.md` has the rules. Costs by the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from .inline import Token, inline
from .lazy_patterns import LazyPattern

_QUOTE = LazyPattern(r" {0,3}>(?: |$)")
_LIST = LazyPattern(r"[ \t]*(?:[-+*]|[0-9]{1,9}[.)])[ \t]+(?=\S)")
_HEADING = LazyPattern(r" {0,3}#{1,6} (?=.*\S)")
_FENCE = LazyPattern(r"(?P<indent>[ \t]*)(?P<ticks>`{3,}|~{3,})[ \t]*(?P<info>.*?)[ \t]*")
_LANGUAGE = LazyPattern(r"[A-Za-z0-9+#._-]{1,24}")
_ESCAPED = LazyPattern(r"\\(?=> |#{1,6} )")
_LAST_TICKS = LazyPattern(r"`{3,}[ \t]*\Z")
_LONG_TICKS = LazyPattern("`{3,}")
_WITHIN = LazyPattern(r"(?<=[^`\\])(?P<ticks>`{3,})(?P<info>[^`]*)\Z")
_AND_MORE = LazyPattern(r"[ \t]*(?P<ticks>`{3,})[ \t]+(?=[^`\s][^`]*\Z)")


class Paragraph(NamedTuple):
    """Lines that follow on each other, without an empty one between them."""

    quote: int
    """How deep in quotes."""
    marker: str
    """The bullet or number that its first line begins with, with the blanks around it."""
    heading: bool
    tokens: tuple[Token, ...]


class Code(NamedTuple):
    """Lines between fences; one without a closing fence goes on to the end."""

    quote: int
    marker: str
    indent: int
    language: str
    text: str
    start: int
    end: int
    """Its span in the text, fences included."""


class BlankLines(NamedTuple):
    """An empty line."""

    quote: int


Block: TypeAlias = Paragraph | Code | BlankLines


class _Line(NamedTuple):
    """A line of the text behind the marks of its quotes."""

    start: int
    text: str
    quote: int
    end: int
    """Its end in the whole text."""


def parse(content: str) -> tuple[Block, ...]:
    """Return the blocks of `content`, in order."""
    return tuple(_Reader(content).blocks())


def tokens(content: str) -> Iterator[Token]:
    """The tokens of all paragraphs."""
    for block in parse(content):
        if isinstance(block, Paragraph):
            yield from block.tokens


def mention_runs(content: str) -> list[str]:
    """Each run of letters behind an `@` that calls somebody, in order, as typed."""
    if "@" not in content:
        return []
    return [each.text[1:] for each in tokens(content) if each.kind == "mention"]


def unchanged_spans(content: str) -> list[tuple[int, int]]:
    """Return where `content` is code or an address, as ascending (start, end) offsets: no name or emoji is in there."""
    found: list[tuple[int, int]] = []
    for block in parse(content):
        if isinstance(block, Code):
            found.append((block.start, block.end))
        for token in block.tokens if isinstance(block, Paragraph) else ():
            inside = found and token.start < found[-1][1]  # code in the label of a link
            if token.kind in ("code", "address", "link") and not inside:
                found.append((token.start, token.end))
    return found


def _lines(content: str) -> Iterator[_Line]:
    """The lines of a text, with how deep in quotes each is."""
    start = 0
    before = 0
    for text in content.split("\n"):
        at = quote = 0
        while (mark := _QUOTE.match(text, at)) and quote < 10:
            if mark.end() == len(text) and not mark.group().endswith(" ") and not quote and not before:
                break  # a lone sign is a quote's empty line, if a quote stands before it
            at = mark.end()
            quote += 1
        yield _Line(start + at, text[at:], quote, start + len(text))
        before = quote
        start += len(text) + 1


class _Reader:
    """Goes through the lines of a text once."""

    def __init__(self, content: str) -> None:
        self._content = content
        self._lines = list(_lines(content))
        self._held: list[_Line] = []
        self._marker = ""
        self._unclosed: dict[int, tuple[int, int]] = {}
        """For a depth of quotes: how long a fence was that nothing closes, and the line up to which that was seen."""

    def blocks(self) -> Iterator[Block]:
        """The blocks of the text."""
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            item = _LIST.match(line.text)
            behind = item.end() if item else 0
            code = self._fenced(at, behind) if "```" in line.text or "~~~" in line.text else None
            within = self._begun_within(at, behind) if code is None and "```" in line.text else None
            if within is not None:
                line, code = within
                self._lines[at] = line
            empty = not line.text.strip()
            heading = not item and _HEADING.match(line.text) is not None
            fenced = code is not None and within is None
            if self._held and (self._held[-1].quote != line.quote or item or fenced or empty or heading):
                yield self._paragraph()
            if within is not None:
                self._hold(line, behind)
                yield self._paragraph(heading=heading)
            if code is not None:
                yield code[0]
                at = code[1]
                continue
            at += 1
            if empty:
                yield BlankLines(line.quote)
                continue
            self._hold(line, behind)
            if heading:
                yield self._paragraph(heading=True)
        if self._held:
            yield self._paragraph()

    def _hold(self, line: _Line, behind: int) -> None:
        """Keep a line for the paragraph that goes on, without the backslash that kept it from being more."""
        if behind:
            self._marker = line.text[:behind]
        elif _ESCAPED.match(line.text):
            behind = 1
        self._held.append(line._replace(start=line.start + behind, text=line.text[behind:]))

    def _paragraph(self, *, heading: bool = False) -> Paragraph:
        inside = inline([(line.start, line.text) for line in self._held])
        made = Paragraph(self._held[0].quote, self._marker, heading, inside)
        self._held, self._marker = [], ""
        return made

    def _fenced(self, at: int, behind: int) -> tuple[Code, int] | None:
        """The block of code that begins in a line, if one does, and the line behind it."""
        line = self._lines[at]
        opening = _FENCE.fullmatch(line.text, behind)
        if opening is None or ("`" in opening["ticks"] and "`" in opening["info"]):
            return None
        ticks, info, indent = opening["ticks"], opening["info"], opening.start("ticks")
        length, seen = self._unclosed.get(line.quote, (0, 0))
        if "~" in ticks and at < seen and len(ticks) >= length:
            return None
        inside, end, closed = self._inside(at + 1, line.quote, ticks, indent)
        if "~" in ticks and not closed:
            self._unclosed[line.quote] = (len(ticks), end)
            return None
        language, shown = _language_and_code(info, inside, indent)
        if not closed and not shown.strip():
            return None
        span = (line.start + indent, self._lines[end - 1].end)
        return Code(line.quote, line.text[:behind], indent - behind, language, shown, *span), end

    def _begun_within(self, at: int, behind: int) -> tuple[_Line, tuple[Code, int]] | None:
        """The block of code that begins behind other text in a line, if a fence closes it; first what is before it."""
        line = self._lines[at]
        opening = _WITHIN.search(line.text, behind)
        if opening is None or not line.text[behind : opening.start()].strip():
            return None
        ticks, info = opening["ticks"], opening["info"].strip()
        before = line.text[: opening.start()]
        if len(list(_LONG_TICKS.finditer(before))) % 2:
            return None  # it closes what began in the same line
        last = at + 1
        while last < len(self._lines) and "```" not in self._lines[last].text:
            last += 1
        if last == len(self._lines) or self._lines[last].quote != line.quote:
            return None
        if _closing(self._lines[last].text, ticks, behind) is None and not _goes_on(self._lines[last].text, ticks):
            return None
        inside, end, _ = self._inside(at + 1, line.quote, ticks, behind)
        language, shown = _language_and_code(info, inside, behind)
        if not shown.strip():
            return None
        span = (line.start + opening.start(), self._lines[end - 1].end)
        return line._replace(text=before), (Code(line.quote, "", behind, language, shown, *span), end)

    def _inside(self, at: int, quote: int, ticks: str, indent: int) -> tuple[list[str], int, bool]:
        """The lines of a block of code, the line behind it, and whether a fence closes it."""
        inside: list[str] = []
        while at < len(self._lines) and self._lines[at].quote >= quote:
            text = _unquoted(self._content, self._lines[at], quote)
            last = _closing(text, ticks, indent)
            if last is None and self._lines[at].quote == quote and (more := _goes_on(text, ticks)):
                rest = self._lines[at]
                self._lines[at] = rest._replace(start=rest.start + more, text=text[more:])
                return inside, at, True
            at += 1
            if last is None:
                inside.append(text)
            else:
                return inside + ([last] if last else []), at, True
        return inside, at, False


def _unquoted(content: str, line: _Line, quote: int) -> str:
    """A line of code without the marks of the quotes that the code stands in: marks beyond those belong to the code."""
    if line.quote == quote:
        return line.text
    start = content.rfind("\n", 0, line.start) + 1
    text = content[start : line.end]
    at = 0
    for _ in range(quote):
        mark = _QUOTE.match(text, at)
        at = mark.end() if mark else at
    return text[at:]


def _closing(text: str, ticks: str, indent: int) -> str | None:
    """None where a line doesn't close a fence; else what stands in it before the closing ticks."""
    bare = text.strip(" \t")
    if bare and not bare.strip(ticks[0]) and len(bare) >= len(ticks):
        return "" if ticks[0] == "~" or len(text) - len(text.lstrip(" \t")) <= indent + 3 else None
    last = _LAST_TICKS.search(text) if ticks[0] == "`" else None
    if last is not None and len(last.group().strip()) >= len(ticks) and "`" not in text[: last.start()]:
        return text[: last.start()]
    return None


def _goes_on(text: str, ticks: str) -> int:
    """Return where text begins in a line after the backticks that close a fence; 0 if there is none."""
    found = _AND_MORE.match(text) if ticks[0] == "`" else None
    return found.end() if found is not None and len(found["ticks"]) >= len(ticks) else 0


def _language_and_code(info: str, inside: list[str], indent: int) -> tuple[str, str]:
    """The language of a block, and its code; what stands behind the opening fence is the one or the other."""
    lines = [_dedented(each, indent) for each in inside]
    if _LANGUAGE.fullmatch(info):
        return info, "\n".join(lines)
    return "", "\n".join([info, *lines] if info else lines)


def _dedented(text: str, indent: int) -> str:
    """A line of code without the indentation of its fence."""
    blanks = len(text) - len(text.lstrip(" "))
    return text[min(blanks, indent) :]
