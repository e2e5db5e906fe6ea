"""Markdown as people write it in chat, by markdown-it-py; imported behind the first picture.

What CommonMark does for documents and chat doesn't want is off or different: HTML, entities, images, tables, indented
code, rules, underlined headings and reference links are text; every line break, empty line and indentation stays;
quotes and lists end with their last marked line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from rich.cells import get_character_cell_size

from .prose import Block, Link, Prose, Span, address_at, plain

_MARKUP = re.compile(r"[*_~`\[\\]|<http|^[ ]*(?:>|#{1,6}[ ]|[-+*][ ]|\d+[.)][ ])", re.MULTILINE)
"""What text must have somewhere to be anything but plain."""

_SCHEME = re.compile(r"(?<![a-z0-9.+-])https?$", re.IGNORECASE)
_BAR = "▎ "
_BULLET = "• "
_MARKS = {"strong": "b", "em": "i", "s": "s"}


def render(text: str) -> Prose:
    """Prose of harmless text."""
    return _parsed(text) if _MARKUP.search(text) else plain(text)


@lru_cache(maxsize=600)
def _parsed(text: str) -> Prose:
    writer = _Writer(text)
    writer.write(_parser().parse(text))
    prose = writer.prose()
    return prose if prose.text.strip() else plain(text)


class _Chat(MarkdownIt):
    """A parser that takes nothing but addresses in the web for links."""

    def validateLink(self, url: str) -> bool:
        """Whether `url`, with everything but ASCII encoded, is one."""
        return _is_web(url)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = _Chat("commonmark", {"html": False, "maxNesting": 10})
    parser.enable("strikethrough")
    parser.disable(["code", "hr", "html_block", "lheading", "reference", "image", "html_inline", "entity"])
    parser.block.ruler.before("blockquote", "marked-only", _marked_only, {"alt": ["paragraph", "blockquote"]})
    parser.inline.ruler.at("newline", _line_break)
    parser.inline.ruler.before("newline", "address", _address)
    return parser


def _is_web(address: str) -> bool:
    """Only these open, so only these are links; anything else stays as it was written."""
    if not address.isascii() or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _marked_only(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Ends quotes at lines without `>`, and list items at lines that stand before their text."""
    return silent and (state.parentType == "blockquote" or state.sCount[start] < state.blkIndent)


def _line_break(state: StateInline, silent: bool) -> bool:
    """Every line feed breaks the line, and what is indented stays indented."""
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        state.push("softbreak", "br", 0)
    state.pos += 1
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """Addresses are links as they stand: no sign in them is markup."""
    at = state.pos
    if state.linkLevel > 0 or not state.src.startswith("://", at):
        return False
    scheme = _SCHEME.search(state.src, max(0, at - 6), at)
    end = address_at(state.src, scheme.start()) if scheme else None
    if scheme is None or end is None or end > state.posMax:
        return False
    word = scheme.group()
    if not silent:
        if not state.pending.endswith(word):
            return False
        state.pending = state.pending[: -len(word)]
        token = state.push("address", "a", 0)
        token.content = state.src[scheme.start() : end]
    state.pos = end
    return True


class _Writer:
    """Turns the tokens of a text into prose."""

    def __init__(self, source: str) -> None:
        self._source = source.split("\n")
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._spans: list[Span] = []
        self._links: list[Link] = []
        self._code: list[tuple[int, int]] = []
        self._leads: list[str] = []
        self._marker = ""
        self._marks: list[str] = []
        self._indent = ""
        self._line = 0
        """The line of the source behind the block that was written last."""

    def prose(self) -> Prose:
        """What was written."""
        return Prose(
            "".join(self._parts), tuple(self._blocks), tuple(self._spans), tuple(self._links), tuple(self._code)
        )

    def write(self, tokens: Sequence[Token]) -> None:
        """Write blocks."""
        for token in tokens:
            if token.type == "blockquote_open":
                self._empty_lines(token)
                self._leads.append(_BAR)
            elif token.type == "list_item_open":
                self._empty_lines(token)
                self._marker = f"{token.info}{token.markup} " if token.info else _BULLET
                self._leads.append(" " * len(self._marker))
            elif token.type in ("blockquote_close", "list_item_close"):
                if self._marker:  # nothing stood behind it
                    self._block(())
                self._leads.pop()
            elif token.type == "heading_open":
                self._marks.append("b")
            elif token.type == "heading_close":
                self._marks.pop()
            elif token.type == "inline":
                self._empty_lines(token)
                self._block(token.children or ())
                self._line = token.map[1] if token.map else self._line
            elif token.type == "fence":
                self._empty_lines(token)
                self._fence(token)

    def _empty_lines(self, token: Token) -> None:
        """As many empty lines as stand before a block."""
        start = token.map[0] if token.map else self._line
        if self._blocks and not self._marker:
            for _ in range(start - self._line):
                self._put("\n")
                self._blocks.append(Block(self._length, self._length, "".join(self._leads)))
        self._line = max(self._line, start)
        if token.type == "inline" and not self._leads:
            source = self._source[start] if start < len(self._source) else ""
            self._indent = source[: len(source) - len(source.lstrip(" "))] if not self._marks else ""
        else:
            self._indent = ""

    def _begin(self) -> tuple[str, tuple[int, int] | None]:
        """The lead and the marker of the block that begins now."""
        if self._blocks:
            self._put("\n")
        leads, marker, self._marker = self._leads, self._marker, ""
        if not marker:
            return "".join(leads), None
        start = self._length
        self._put(marker)
        return "".join(leads[:-1]), (start, self._length)

    def _block(self, children: Iterable[Token]) -> None:
        lead, marker = self._begin()
        start = self._length
        self._put(self._indent if marker is None else "")
        self._inline(children)
        self._blocks.append(Block(start, self._length, lead, marker))

    def _fence(self, token: Token) -> None:
        if self._marker:
            self._block(())
        lead, _ = self._begin()
        start, code = self._length, token.content.removesuffix("\n")
        self._put(code)
        self._blocks.append(Block(start, self._length, lead, None, "code"))
        self._code.append((start, self._length))
        if language := token.info.split(None, 1)[0] if token.info.strip() else "":
            from .code_colours import colours  # late: most conversations have no code

            self._spans += colours(code, language, start)
        self._line = token.map[1] if token.map else self._line

    def _inline(self, children: Iterable[Token]) -> None:
        opened: list[tuple[int, str]] = []
        for token in children:
            kind, _, edge = token.type.rpartition("_")
            if token.type in ("softbreak", "hardbreak"):
                self._put("\n")
            elif token.type == "code_inline":
                start = self._length
                self._put(token.content, "code")
                self._code.append((start, self._length))
            elif token.type == "address":
                self._address(token.content)
            elif token.type == "link_open":
                opened.append((self._length, str(token.attrs.get("href", ""))))
            elif token.type == "link_close" and opened:
                self._close_link(*opened.pop())
            elif kind in _MARKS and edge == "open":
                self._marks.append(_MARKS[kind])
            elif kind in _MARKS and edge == "close":
                self._marks.remove(_MARKS[kind])
            else:
                self._put(token.content, "link" if opened else "text")

    def _address(self, address: str) -> None:
        start = self._length
        self._put(address, "link")
        self._links.append(Link(start, self._length, address))

    def _close_link(self, start: int, address: str) -> None:
        """Wherever a link says that it leads, the host is written behind it."""
        label = "".join(self._parts)[start:]
        self._links.append(Link(start, self._length, address))
        host = urlsplit(address).hostname or ""
        if label != address and label != f"{urlsplit(address).scheme}://{host}":
            self._put(f" ({host})" if label.strip() else host, "link-host")

    def _put(self, text: str, style: str = "text") -> None:
        """Add text. What belonged onto a sign that was markup gets something to stand on."""
        if not text:
            return
        if text[0] != "\n" and get_character_cell_size(text[0]) == 0:
            text = "\u25cc" + text
        marks = "".join(sorted(set(self._marks)))
        start, self._length = self._length, self._length + len(text)
        self._parts.append(text)
        if marks:
            style = f"{style}+{marks}"
        if style != "text":
            if self._spans and self._spans[-1].end == start and self._spans[-1].style == style:
                start = self._spans.pop().start
            self._spans.append(Span(start, self._length, style))
