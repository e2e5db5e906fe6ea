"""A screen as an SVG file that looks the same everywhere: cells drawn in their places, letters fetched from nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from asnity_tui.widgets.text.cell_width import clusters

WIDTH, HEIGHT, MARGIN = 9.6, 20.0, 16.0
"""Of a cell, and around the screen, in pixels."""

FONTS = "ui-monospace, 'SF Mono', 'Cascadia Mono', 'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace"

_SHAPES = {
    "▌": (0.0, 0.0, 0.5, 1.0),
    "▐": (0.5, 0.0, 0.5, 1.0),
    "█": (0.0, 0.0, 1.0, 1.0),
    "─": (0.0, 0.47, 1.0, 0.06),
    "│": (0.45, 0.0, 0.1, 1.0),
    "┃": (0.4, 0.0, 0.2, 1.0),
}
"""Signs that have to join their neighbours, as parts of a cell: left, top, width, height."""


def draw(rows: Sequence[Strip], *, background: str) -> str:
    """Rows of a screen, all of the same width."""
    width = max(row.cell_length for row in rows) * WIDTH + 2 * MARGIN
    height = len(rows) * HEIGHT + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">',
        f"<style>text {{ font: 15.6px {FONTS}; white-space: pre }} .b {{ font-weight: bold }}"
        " .i { font-style: italic } .w { font-size: 18px }</style>",
        f'<rect width="{width:g}" height="{height:g}" rx="10" fill="{background}"/>',
    ]
    grounds: list[str] = []
    signs: list[str] = []
    for number, row in enumerate(rows):
        column = 0
        for segment in Strip(row).simplify():
            if segment.control or not segment.text:
                continue
            grounds += _ground(segment, column, number, background)
            signs += _signs(segment, column, number)
            column += cell_len(segment.text)
    return "\n".join([*lines, *grounds, *signs, "</svg>", ""])


def _ground(segment: Segment, column: int, row: int, background: str) -> Iterable[str]:
    color = _hex(segment.style.bgcolor) if segment.style else None
    if color and color != background:
        yield _rect(column, row, (0.0, 0.0, cell_len(segment.text), 1.0), color)


def _signs(segment: Segment, column: int, row: int) -> Iterable[str]:
    """Rectangles for what must join, and a text for each word; whatever is wide stands alone in its cells."""
    style = segment.style or Style()
    color = _hex(style.color) or "#ffffff"
    word, begun = "", column
    for sign, width in [*clusters(segment.text), (" ", 1)]:
        alone = width != 1 or sign in _SHAPES or not sign.isascii() or sign == " "
        if alone and word:
            yield _text(word, begun, row, color, style)
            word = ""
        if sign in _SHAPES:
            yield _rect(column, row, _SHAPES[sign], color)
        elif alone and sign != " ":
            yield _text(sign, column, row, color, style, width)
        elif not alone:
            begun = begun if word else column
            word += sign
        column += width
    if style.underline and segment.text.strip():
        yield _rect(column - 1 - cell_len(segment.text), row, (0.0, 0.88, cell_len(segment.text), 0.05), color)


def _text(text: str, column: int, row: int, color: str, style: Style, width: int = 0) -> str:
    marks = " ".join(mark for mark, on in (("b", style.bold), ("i", style.italic), ("w", width == 2)) if on)
    classes = f' class="{marks}"' if marks else ""
    x, y = MARGIN + column * WIDTH, MARGIN + (row + 0.74) * HEIGHT
    length = (width or cell_len(text)) * WIDTH
    stretched = f' textLength="{length:g}" lengthAdjust="spacingAndGlyphs"' if text.isascii() else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{color}"{stretched}{classes}>{escape(text)}</text>'


def _rect(column: float, row: int, part: tuple[float, float, float, float], color: str) -> str:
    left, top, width, height = part
    x, y = MARGIN + (column + left) * WIDTH, MARGIN + (row + top) * HEIGHT
    return f'<rect x="{x:g}" y="{y:g}" width="{width * WIDTH:g}" height="{height * HEIGHT:g}" fill="{color}"/>'


def _hex(color: Color | None) -> str | None:
    return color.triplet.hex if color is not None and color.triplet is not None else None
