"""The body of a message for display: text, blocks and styles, and its lines at a given width.

Pure. `plain` makes a body of text as it was written; `markdown.render` of text as it was meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec
from msgspec.structs import replace

from .cell_width import chop, fit, width_of, wrap
from .safe_text import harmless

if TYPE_CHECKING:
    from asnity_server.protocol.inline import Token

BEYOND = 1 << 20
"""An offset after the end of any text, for what stands below it."""

_AS_WRITTEN = "!#$%&'()*+,/:;=?@[]~"
"""What stands in addresses as it is."""

ACTION = "/me "
"""What a message begins with that says what somebody does."""

SELECTABLE = frozenset({"text", "pending", "system", "link", "link-host", "mention", "called", "marker", "code"})
"""Styles of what can be selected; those of coloured code begin with `code-`."""


class Piece(NamedTuple):
    """A stretch of one line in one style; `at` is where in the row's text it stands.

    A style is a name of `style_table.STYLES`, with letters after a `+` for what is laid over it.
    """

    text: str
    style: str
    at: int


PieceLine: TypeAlias = tuple[Piece, ...]


class StyleRange(NamedTuple):
    """Characters of the text that look different."""

    start: int
    end: int
    style: str


class TextLink(NamedTuple):
    """Characters of the text that lead somewhere; `address` is http or https."""

    start: int
    end: int
    address: str


class MentionRun(NamedTuple):
    """Characters of the text by which somebody may be called."""

    start: int
    """Where the `@` stands."""
    run: str
    """What was written after it."""


class Block(msgspec.Struct, frozen=True):
    """Characters of the text that begin on a line of their own."""

    start: int
    end: int
    lead: str = ""
    """What stands before each of its lines: the bars of quotes, the indentation of lists."""
    marker: tuple[int, int] | None = None
    """Where the bullet or number stands that hangs before its first line; it ends at `start`."""
    kind: Literal["text", "code"] = "text"


class RichBody(msgspec.Struct, frozen=True):
    """A message's text for display. Blocks are divided by line feeds; spans are ascending and apart."""

    text: str
    blocks: tuple[Block, ...]
    spans: tuple[StyleRange, ...] = ()
    links: tuple[TextLink, ...] = ()
    calls: tuple[MentionRun, ...] = ()


class BodyBuilder:
    """Text of others as it is put together: every piece harmless, tabs up to their stops."""

    def __init__(self) -> None:
        self.length = 0
        self.spans: list[StyleRange] = []
        self._parts: list[str] = []
        self._column = 0

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._parts)

    def put(self, text: str, style: str = "text") -> tuple[int, int]:
        """Add text as somebody wrote it; from where to where it stands."""
        text = harmless(text, self._column)
        start, self.length = self.length, self.length + len(text)
        self._parts.append(text)
        line = text.rpartition("\n")
        self._column = width_of(line[2]) + (0 if line[1] else self._column)
        if style != "text" and text:
            at = start
            if self.spans and self.spans[-1].end == start and self.spans[-1].style == style:
                at = self.spans.pop().start
            self.spans.append(StyleRange(at, self.length, style))
        return start, self.length


def plain(text: str) -> RichBody:
    """Text just as somebody wrote it; addresses in it are links, and names are called as the markup has it."""
    setting = BodyBuilder()
    links: list[TextLink] = []
    calls: list[MentionRun] = []
    at = 0
    for token in _tokens(text) if "@" in text or "://" in text else ():
        if token.kind not in ("address", "link", "mention"):
            continue
        value = token.text or token.value
        start = text.index(value, max(at, token.start))
        setting.put(text[at:start])
        at = start + len(value)
        if token.kind == "mention":
            calls.append(MentionRun(setting.put(value)[0], value[1:]))
        else:
            links.append(TextLink(*setting.put(value, "link"), web_address(value)))
    setting.put(text[at:])
    return RichBody(setting.text, (Block(0, setting.length),), tuple(setting.spans), tuple(links), tuple(calls))


def as_action(body: RichBody, name: str) -> RichBody:
    """Rewrite an action (`/me waves`, as in XEP-0245) so that the author's name stands in the sentence."""
    lead = f"* {name} "
    by = len(lead) - len(ACTION)
    first, *others = body.blocks
    blocks = [replace(first, end=first.end + by)]
    for each in others:
        marker = (each.marker[0] + by, each.marker[1] + by) if each.marker else None
        blocks.append(replace(each, start=each.start + by, end=each.end + by, marker=marker))
    return RichBody(
        lead + body.text[len(ACTION) :],
        tuple(blocks),
        tuple(StyleRange(start + by, end + by, style) for start, end, style in body.spans),
        tuple(TextLink(start + by, end + by, address) for start, end, address in body.links),
        tuple(MentionRun(start + by, run) for start, run in body.calls),
    )


def _tokens(text: str) -> Iterator[Token]:
    from asnity_server.protocol.markup import tokens  # late: few messages of the first picture have any

    return tokens(text)


def web_address(written: str) -> str:
    """An address as it goes to a browser: in ASCII, whatever script it was written in."""
    try:
        parts = urlsplit(written)
        host = parts.hostname or ""
        place = parts.netloc if parts.netloc.isascii() else parts.netloc.replace(host, host.encode("idna").decode(), 1)
        return urlunsplit(
            parts._replace(
                netloc=place,
                **{
                    name: quote(getattr(parts, name), safe=_AS_WRITTEN, errors="replace")
                    for name in ("path", "query", "fragment")
                },
            )
        )
    except ValueError:
        return quote(written, safe=_AS_WRITTEN, errors="replace")


def selectable(style: str) -> bool:
    """Whether a piece of this style is part of a row's text."""
    base = style.partition("+")[0]
    return base in SELECTABLE or base.startswith("code-")


def overlaid(spans: Sequence[StyleRange], upper: Sequence[StyleRange]) -> list[StyleRange]:
    """`upper` over `spans`, ascending and apart."""
    if not upper:
        return list(spans)
    found = list(upper)
    for span in spans:
        start = span.start
        for top in upper:
            if top.start < span.end and start < top.end:
                if start < top.start:
                    found.append(StyleRange(start, top.start, span.style))
                start = top.end
        if start < span.end:
            found.append(StyleRange(start, span.end, span.style))
    return sorted(found)


def lines_of(body: RichBody, spans: Sequence[StyleRange], style: str, room: int) -> list[list[Piece]]:
    """The lines of `body`, none wider than `room` cells (at least 2); what has no span is in `style`."""
    lines: list[list[Piece]] = []
    for block in body.blocks:
        lines += _code(body, block, spans, room) if block.kind == "code" else _text(body, block, spans, style, room)
    return lines


def _text(body: RichBody, block: Block, spans: Sequence[StyleRange], style: str, room: int) -> list[list[Piece]]:
    text, start = body.text, block.start
    first, end = block.marker or (start, start)
    hanging = width_of(text[first:end])
    if hanging > room // 2:
        start, hanging = first, 0
    lead = fit(block.lead, max(0, room // 2 - hanging), more="")
    lines: list[list[Piece]] = []
    for low, high in wrap(text[start : block.end], room - hanging - width_of(lead)):
        at = start + low
        line = [Piece(lead, "lead", at)] if lead else []
        if hanging:
            line.append(Piece(text[first:end], "marker", first) if not lines else Piece(" " * hanging, "plain", at))
        lines.append(
            line + [_dimmed(each) if style == "pending" else each for each in cut(text, at, start + high, style, spans)]
        )
    return lines


def _code(body: RichBody, block: Block, spans: Sequence[StyleRange], room: int) -> list[list[Piece]]:
    """Code keeps its spaces, breaks anywhere, and stands on a ground that is as wide as the text."""
    text = body.text
    lead = fit(block.lead, room // 2, more="")
    width = room - width_of(lead)
    lines: list[list[Piece]] = []
    start = block.start
    for source in text[block.start : block.end].split("\n"):
        for low, high in chop(source, width):
            line = [Piece(lead, "lead", start + low)] if lead else []
            line += cut(text, start + low, start + high, "code", spans)
            rest = width - width_of(text[start + low : start + high])
            if rest:
                line.append(Piece(" " * rest, "code", BEYOND))
            lines.append(line)
        start += len(source) + 1
    return lines


def _dimmed(piece: Piece) -> Piece:
    """Emphasis in what is still on its way."""
    return piece._replace(style=piece.style + "d") if piece.style.startswith("text+") else piece


def cut(text: str, start: int, end: int, style: str, spans: Sequence[StyleRange]) -> list[Piece]:
    """One line of `text` as pieces, divided where spans begin and end."""
    pieces: list[Piece] = []
    at = start
    for first, last, special in spans:
        if last <= at or first >= end:
            continue
        first, last = max(first, at), min(last, end)
        if first > at:
            pieces.append(Piece(text[at:first], style, at))
        pieces.append(Piece(text[first:last], special, first))
        at = last
    if at < end or not pieces:
        pieces.append(Piece(text[at:end], style, at))
    return pieces
