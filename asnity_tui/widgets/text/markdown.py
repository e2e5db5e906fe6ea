"""Renders the markup of chat as rich bodies, by the grammar that the server knows as well."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from rich.cells import get_character_cell_size

from asnity_server.protocol.inline import Token
from asnity_server.protocol.lazy_patterns import LazyPattern
from asnity_server.protocol.markup import BlankLines, Code, Paragraph, parse
from asnity_server.protocol.markup import Block as Parsed

from .cell_width import width_of
from .rich_body import Block, BodyBuilder, MentionRun, RichBody, TextLink, plain, web_address

_MARKUP = LazyPattern(
    r"[*_~`\[@]|https?://|^[ >]*(?:\\?>|\\?#{1,6} |[-+*][ \t]|[0-9]+[.)][ \t])", re.IGNORECASE | re.MULTILINE
)
"""What text must have somewhere to be anything but plain."""

_BAR = "▎ "


def render(text: str) -> RichBody:
    """Prose of text as somebody wrote it."""
    return _parsed(text) if _MARKUP.search(text) else plain(text)


@lru_cache(maxsize=600)
def _parsed(text: str) -> RichBody:
    writer = _Writer()
    for block in parse(text):
        writer.write(block)
    body = writer.body()
    return body if body.text.strip() else plain(text)


class _Writer:
    """Turns the blocks of a text into a rich body."""

    def __init__(self) -> None:
        self._setting = BodyBuilder()
        self._blocks: list[Block] = []
        self._links: list[TextLink] = []
        self._calls: list[MentionRun] = []
        self._marks: list[str] = []
        self._link: tuple[int, str] | None = None
        """Where the label of a link began, and where it leads."""

    def body(self) -> RichBody:
        """The finished body."""
        made = self._setting
        return RichBody(made.text, tuple(self._blocks), tuple(made.spans), tuple(self._links), tuple(self._calls))

    def write(self, block: Parsed) -> None:
        """Write a block."""
        lead = _BAR * block.quote
        if isinstance(block, BlankLines):
            self._line((), lead)
        elif isinstance(block, Code):
            self._code(block, lead)
        else:
            self._paragraph(block, lead)

    def _paragraph(self, paragraph: Paragraph, lead: str) -> None:
        self._marks = ["b"] if paragraph.heading else []
        line: list[Token] = []
        marker = paragraph.marker
        for token in paragraph.tokens:
            if token.kind == "break":
                self._line(line, lead, marker)
                line, marker = [], ""
            else:
                line.append(token)
        self._line(line, lead, marker)

    def _line(self, tokens: Iterable[Token], lead: str, marker: str = "") -> None:
        """One line of the source."""
        if self._blocks:
            self._setting.put("\n")
        hanging = self._setting.put(marker) if marker else None
        start = self._setting.length
        for token in tokens:
            self._token(token)
        self._blocks.append(Block(start, self._setting.length, lead, hanging))

    def _code(self, code: Code, lead: str) -> None:
        if code.marker:
            self._line((), lead, code.marker)
        if self._blocks:
            self._setting.put("\n")
        start, end = self._setting.put(code.text)
        lead += " " * (width_of(code.marker) + code.indent)
        self._blocks.append(Block(start, end, lead, None, "code"))
        if code.language:
            from .code_colours import colours  # late: most conversations have no code

            self._setting.spans += colours(self._setting.text[start:end], code.language, start)

    def _token(self, token: Token) -> None:
        if token.kind == "open":
            self._marks.append(token.value)
        elif token.kind == "close":
            self._marks.remove(token.value)
        elif token.kind == "code":
            self._put(token.text, "code")
        elif token.kind == "address":
            start, end = self._put(token.text, "link")
            self._links.append(TextLink(start, end, web_address(token.text)))
        elif token.kind == "link":
            self._link = (self._setting.length, web_address(token.value))
        elif token.kind == "link-end" and self._link is not None:
            self._close_link(*self._link)
            self._link = None
        elif token.kind == "mention":
            start, _ = self._put(token.text)
            self._calls.append(MentionRun(start, token.text[1:]))
        else:
            self._put(token.text, "link" if self._link else "text")

    def _close_link(self, start: int, address: str) -> None:
        """Wherever a link says that it leads, the host is written after it."""
        label = self._setting.text[start:]
        self._links.append(TextLink(start, self._setting.length, address))
        host = urlsplit(address).hostname or ""
        if label not in (address, f"{urlsplit(address).scheme}://{host}"):
            self._put(f" ({host})" if label.strip() else host, "link-host")

    def _put(self, text: str, style: str = "text") -> tuple[int, int]:
        """Add text. What belonged onto a sign that was markup gets something to stand on."""
        if text and text[0] not in "\n\t" and get_character_cell_size(text[0]) == 0:
            text = "\u25cc" + text
        marks = "".join(sorted(set(self._marks)))
        return self._setting.put(text, f"{style}+{marks}" if marks else style)
