"""Measures text in cells, and cuts, pads and wraps it without cutting a character in two.

What a person takes for one character (a grapheme cluster: Hangul jamo, a letter with its marks, a flag, an emoji with
skin tone and joiners) is never divided. Widths are those that Textual itself reckons with (`rich.cells`), since a row
that is longer for the library than for us would be cut by it. Text is expected to have come through `safe_text`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size

from asnity_server.protocol.lazy_patterns import LazyPattern

PICTOGRAPHS = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa"
    "\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
)
"""What may begin an emoji, as the inside of a character class (Unicode's Extended_Pictographic, UTS #51)."""

MODIFIERS = "\U0001f3fb-\U0001f3ff"
FLAG_LETTERS = "\U0001f1e6-\U0001f1ff"
TAGS = "\U000e0030-\U000e0039\U000e0061-\U000e007a"
ELEMENT = f"[{PICTOGRAPHS}](?:[{MODIFIERS}]\ufe0f?|\ufe0f)?"

EMOJI = f"\U0001f3f4[{TAGS}]{{1,6}}\U000e007f|{ELEMENT}(?:\u200d{ELEMENT})*|[{FLAG_LETTERS}]{{2}}|[0-9#*]\ufe0f?\u20e3"
"""A pattern for one emoji: a flag of a region, a sequence with joiners, a flag of a country, a key cap."""

EMOJI_OR_ONE = LazyPattern(f"{EMOJI}|.", re.DOTALL)
"""An emoji, else whatever character comes."""

_RUNS = re.compile(r"\s+|\S+")
_WORDS = re.compile(r"\S+")
_EVERYWHERE = LazyPattern("[\u2e80-\u30ff\u31a0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]")
"""Han and Kana: between them a line may break without a space. Korean has spaces, and breaks at them."""

_NEVER_FIRST = frozenset("、。，．・：；？！」』】）〉》〕］｝ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々〜…,.!?:;)]}")
_NEVER_LAST = frozenset("「『【（〈《〔［｛([{")


def simple(text: str) -> bool:
    """Whether every character of `text` is one cluster of one cell, as in most text there is."""
    return text.isascii() and text.isprintable()


@lru_cache(maxsize=4096)
def clusters(text: str) -> tuple[tuple[str, int], ...]:
    """The clusters of `text` in order, each with its width in cells (0, 1 or 2)."""
    if simple(text):
        return tuple((sign, 1) for sign in text)
    found: list[str] = []
    for match in EMOJI_OR_ONE.finditer(text):
        piece = match.group()
        if found and len(piece) == 1 and get_character_cell_size(piece) == 0 and found[-1] != "\n" and piece != "\n":
            found[-1] += piece
        else:
            found.append(piece)
    return tuple((piece, cell_len(piece)) for piece in found)


def width_of(text: str) -> int:
    """The cells that `text` takes."""
    return len(text) if simple(text) else cell_len(text)


def fit(text: str, width: int, *, more: str = "…") -> str:
    """`text`, or as many whole clusters of it as leave room for `more` within `width` cells."""
    if width_of(text) <= width:
        return text
    room = width - width_of(more)
    if room < 0:
        return fit(more, width, more="") if more else ""
    kept = 0
    end = 0
    for cluster, cells in clusters(text):
        if kept + cells > room:
            break
        kept += cells
        end += len(cluster)
    return text[:end] + more


def pad(text: str, width: int, *, more: str = "…") -> str:
    """`text` cut or filled with spaces to exactly `width` cells."""
    text = fit(text, width, more=more)
    return text + " " * (width - width_of(text))


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """Wrap `text` into lines of at most `width` cells (at least 2), as (start, end) offsets.

    Lines break at line feeds, after spaces, between Han and Kana, and inside a word only where it is longer than a
    line. The spaces at a break belong to no line.
    """
    width = max(2, width)
    lines: list[tuple[int, int]] = []
    start = 0
    for paragraph in text.split("\n"):
        if simple(paragraph) and len(paragraph) <= width:
            lines.append((start, start + len(paragraph)))
        elif simple(paragraph):
            lines += _wrap_simple(paragraph, start, width)
        else:
            lines += _wrap_paragraph(paragraph, start, width)
        start += len(paragraph) + 1
    return lines


def chop(text: str, width: int) -> list[tuple[int, int]]:
    """Break a paragraph wherever a line is full, spaces kept, into (start, end) offsets."""
    if simple(text):
        return [(at, min(at + width, len(text))) for at in range(0, max(1, len(text)), max(1, width))]
    lines: list[tuple[int, int]] = []
    start, used = _cut(text, 0, 0, max(2, width), lines)
    return [*lines, (start, len(text))] if used or not lines else lines


def _wrap_simple(paragraph: str, offset: int, width: int) -> list[tuple[int, int]]:
    """The same as `_wrap_paragraph`, where one character is one cell."""
    lines: list[tuple[int, int]] = []
    start = end = 0
    for word in _WORDS.finditer(paragraph):
        if word.end() - start > width:
            if end > start:
                lines.append((offset + start, offset + end))
            start = word.start()
            while word.end() - start > width:
                lines.append((offset + start, offset + start + width))
                start += width
        end = word.end()
    if end > start or not lines:
        lines.append((offset + start, offset + end))
    return lines


def _wrap_paragraph(paragraph: str, offset: int, width: int) -> list[tuple[int, int]]:
    """The lines of one paragraph that stands at `offset`."""
    lines: list[tuple[int, int]] = []
    start = end = used = 0  # the line so far: from, to (without the spaces after it), cells up to `position`
    position = 0
    for piece in _pieces(paragraph):
        cells = width_of(piece)
        after = position + len(piece)
        if piece.isspace():
            if not lines or position > start:
                used += cells
            else:
                start = end = after  # the spaces at a break
            position = after
            continue
        if used + cells > width and end > start:
            lines.append((offset + start, offset + end))
            start, used = position, 0
        if used + cells > width:
            if used:  # what stands before a too long word is only indentation: it is given up
                start, used = position, 0
            start, used = _cut(piece, position, offset, width, lines)
        else:
            used += cells
        position = end = after
    if end > start or not lines:
        lines.append((offset + start, offset + min(end, start + len(paragraph))))
    return lines


def _cut(word: str, position: int, offset: int, width: int, lines: list[tuple[int, int]]) -> tuple[int, int]:
    """Add full lines of a word that is longer than a line; where its rest begins, and the cells that it takes."""
    start, used = position, 0
    for cluster, cells in clusters(word):
        if used + cells > width:
            lines.append((offset + start, offset + position))
            start, used = position, 0
        used += cells
        position += len(cluster)
    return start, used


def _pieces(paragraph: str) -> list[str]:
    """Words and spaces in order; runs of Han and Kana fall into pieces between which a line may break."""
    pieces: list[str] = []
    for run in _RUNS.findall(paragraph):
        if run.isspace() or not _EVERYWHERE.search(run):
            pieces.append(run)
            continue
        word = ""
        for cluster, _ in clusters(run):
            if word and _may_break(word[-1], cluster[0]):
                pieces.append(word)
                word = ""
            word += cluster
        pieces.append(word)
    return pieces


def _may_break(before: str, after: str) -> bool:
    """Whether a line may end between two characters that no space divides."""
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return bool(_EVERYWHERE.match(before) or _EVERYWHERE.match(after))
