"""Text from other people made harmless before it reaches any widget, the terminal, the title or a notification.

Control characters become the pictures that Unicode has for them, direction controls and invisible characters vanish,
and what would make terminals disagree about widths (stray joiners, selectors, skin tones, halves of flags) is put
right. Emoji sequences, Hangul, Han, Kana and combining marks stay as they were written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rich._unicode_data import load as load_cell_table
from rich.cells import get_character_cell_size

from asnity_server.protocol.lazy_patterns import LazyPattern

from .cell_width import EMOJI_OR_ONE, FLAG_LETTERS, MODIFIERS, width_of

REPLACEMENT = "\ufffd"
"""Stands for what can't be shown."""

TAB = 4
"""Cells that a tab takes at most."""

MARKS = 8
"""Combining marks on one base; more of them only climb over the neighbouring lines."""

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufffc")
"""Letters and marks without a shape (Default_Ignorable): blank names are made of them."""

_PLAIN = LazyPattern(
    "[\n\x20-\x7e\xa1-\xac\xae-\u02ff\u0391-\u03a1\u03a3-\u03ff\u0400-\u0482\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
    "\u2190-\u2328\u232b-\u23ff\u2500-\u2adb\u3000-\u3029\u3030-\u3098\u309b-\u30ff\u3131-\u3163\u3165-\u318e\u3200-\u33ff"
    "\u3400-\u9fff\uac00-\ud7a3\uff01-\uff9f\U0001f300-\U0001f3fa\U0001f400-\U0001faff]*"
)
"""Text of which every character stands for itself, is what NFC makes of it, and has a width of its own."""

_STRUCTURED = LazyPattern(f"[\u200d\ufe0f\u20e3{MODIFIERS}{FLAG_LETTERS}\U000e0020-\U000e007f]")
_LINE_BREAKS = LazyPattern("\r\n|[\u2028\u2029\x85\x0b\x0c]")
_NEEDLESS_SELECTOR = LazyPattern(f"^([{MODIFIERS}]?)\ufe0f")


def harmless(text: str, column: int = 0) -> str:
    """`text` as it may be shown in several lines: the only control character left in it is the line feed.

    Tabs become spaces up to the next stop; `column` is how many cells stand before `text` in its first line.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = _LINE_BREAKS.sub("\n", text)
    if "\t" in text:
        return _with_stops((harmless(piece) for piece in text.split("\t")), column)
    text = unicodedata.normalize("NFC", text.translate(_Signs()))
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", "".join(_settled(text)))  # half a flag may take the mark after it


def harmless_draft(text: str) -> str:
    """`text` as it may stand where it is written: as `harmless` has it, but tabs stay tabs, as they are sent."""
    return "\t".join(map(harmless, text.split("\t")))


def _with_stops(pieces: Iterable[str], column: int) -> str:
    """Pieces that a tab stands between, with as many spaces there as lead to the next stop, in cells."""
    done: list[str] = []
    for piece in pieces:
        if done:
            done.append(" " * (TAB - column % TAB))
            column += len(done[-1])
        done.append(piece)
        column = width_of(piece.rpartition("\n")[2]) + (0 if "\n" in piece else column)
    return "".join(done)


def harmless_line(text: str) -> str:
    """`text` as it may be shown in one line: line feeds and runs of white space become single spaces."""
    return text if text.isascii() and text.isprintable() and "  " not in text else " ".join(harmless(text).split())


class _Signs:
    """What each character becomes by itself, for `str.translate`."""

    def __getitem__(self, code: int) -> str | int:
        return _sign(code)


@lru_cache(maxsize=8192)
def _sign(code: int) -> str | int:
    """What the character `code` becomes: itself, a visible stand-in, or nothing."""
    sign = chr(code)
    if sign == "\n" or 0x20 <= code < 0x7F:
        return code
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    category = unicodedata.category(sign)
    if category in ("Cc", "Cs") or code & 0xFFFE == 0xFFFE:
        return REPLACEMENT
    if sign in "\u200d\ufe0f" or 0xE0020 <= code <= 0xE007F:
        return code  # joiners, selectors and tags are judged by what stands around them
    if category == "Cf" or sign in _INVISIBLE or 0xFE00 <= code <= 0xFE0E or 0xE0000 <= code <= 0xE0FFF:
        return ""
    if category in ("Zs", "Zl", "Zp"):
        return " " if get_character_cell_size(sign) == 1 else code
    if category == "Cn" and get_character_cell_size(sign) == 0 and not 0x300 <= code <= 0x1FFFF:
        return ""
    return code


def _settled(text: str) -> list[str]:
    """The characters of `text`, with only those joiners, selectors, skin tones and marks that belong to something."""
    if not _STRUCTURED.search(text):
        return _based(list(text))
    narrow_to_wide = load_cell_table("auto").narrow_to_wide
    pieces: list[str] = []
    for match in EMOJI_OR_ONE.finditer(text):
        piece = match.group()
        if len(piece) > 1:
            pieces.append(_emoji(piece, narrow_to_wide))
        elif piece in "\u200d\ufe0f" or 0xE0020 <= ord(piece) <= 0xE007F:
            continue
        elif "\U0001f3fb" <= piece <= "\U0001f3ff":
            pieces.append(REPLACEMENT)
        elif "\U0001f1e6" <= piece <= "\U0001f1ff":
            pieces.append(chr(ord(piece) - 0x1F1E6 + ord("A")))
        else:
            pieces.append(piece)
    return _based(pieces)


def _emoji(piece: str, narrow_to_wide: frozenset[str]) -> str:
    """One emoji, written so that its reckoned width is the two cells that terminals give it."""
    first = piece[0]
    if "\U0001f1e6" <= first <= "\U0001f1ff":
        return piece
    if first in narrow_to_wide:
        if piece[1] == "\u20e3":
            return f"{first}\ufe0f\u20e3"
        if "\ufe0f" in piece[1:3]:
            return piece
        toned = "\U0001f3fb" <= piece[1] <= "\U0001f3ff"
        return f"{piece[:2]}\ufe0f{piece[2:]}" if toned else f"{first}\ufe0f{piece[1:]}"
    if get_character_cell_size(first) == 2:
        return first + _NEEDLESS_SELECTOR.sub(r"\1", piece[1:])
    return first


def _based(pieces: list[str]) -> list[str]:
    """`pieces` with a dotted circle under marks that have nothing to stand on, and with at most `MARKS` on one base."""
    kept: list[str] = []
    based = False
    marks = 0
    for piece in pieces:
        if len(piece) == 1 and piece != "\n" and get_character_cell_size(piece) == 0:
            if not based:
                kept.append("\u25cc")
                based = True
            marks += 1
            if marks > MARKS:
                continue
        else:
            based = not piece.isspace()
            marks = 0
        kept.append(piece)
    return kept
