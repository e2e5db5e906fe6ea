"""Resolves named styles on named backgrounds from the theme, for widgets that draw line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from .cell_width import fit, width_of
from .style_table import BACKGROUNDS, PieceStyle, style_of


class Span(NamedTuple):
    """Some text in the style of a name. It must be harmless already."""

    text: str
    style: str = "plain"


class ThemeStyles:
    """Styles with all transparency reckoned out, so that a piece looks right on whatever it stands on.

    Made from the theme's colours by name and the background of the widget.
    """

    def __init__(self, colors: Mapping[str, str], base: Color) -> None:
        self._colors = colors
        self._base = base
        self._known: dict[tuple[str, str], Style] = {}

    def style(self, piece: str, background: str = "base") -> Style:
        """How a piece looks on a background."""
        known = self._known.get((piece, background))
        if known is None:
            known = self._known[piece, background] = self._reckon(style_of(piece), *BACKGROUNDS[background])
        return known

    def _reckon(self, look: PieceStyle, background: str, alpha: float) -> Style:
        back = self._over(self._base, background, alpha)
        if look.back is not None:
            back = self._over(back, look.back, look.back_alpha)
        front = self._over(back, look.color, look.alpha)
        return Style(
            color=front.rich_color,
            bgcolor=back.rich_color,
            bold=look.bold,
            italic=look.italic,
            underline=look.underline,
            strike=look.strike,
        )

    def _over(self, back: Color, name: str, alpha: float) -> Color:
        color = Color.parse(self._colors[name])
        return color if color.ansi is not None else back + color.multiply_alpha(alpha)

    def strip(self, left: Sequence[Span], width: int, *, right: Sequence[Span] = (), background: str = "base") -> Strip:
        """Words at both ends of a line of exactly `width` cells; where room is short, the left ones are cut."""
        needed = sum(width_of(word.text) for word in right)
        if needed > width:
            right, needed = (), 0
        room = width - needed - (1 if needed and left else 0)
        segments, used = [], 0
        for word in left:
            text = fit(word.text, max(0, room - used))
            segments.append(Segment(text, self.style(word.style, background)))
            used += width_of(text)
            if text != word.text:
                break
        segments.append(Segment(" " * (width - needed - used), self.style("plain", background)))
        segments += [Segment(word.text, self.style(word.style, background)) for word in right]
        return Strip([segment for segment in segments if segment.text], width)


def spans(*parts: str | tuple[str, str]) -> tuple[Span, ...]:
    """Words from plain strings and (text, style) pairs, without empty ones."""
    made = (Span(part) if isinstance(part, str) else Span(*part) for part in parts)
    return tuple(word for word in made if word.text)


def marked(text: str, positions: Iterable[int], style: str, mark: str = "hit") -> tuple[Span, ...]:
    """A text with the characters at some positions in another style."""
    at = set(positions)
    runs = groupby(range(len(text)), key=lambda index: index in at)
    found = ((hit, "".join(text[index] for index in run)) for hit, run in runs)
    return tuple(Span(each, mark if hit else style) for hit, each in found)


def width_of_spans(some: Iterable[Span]) -> int:
    """The cells that words take."""
    return sum(width_of(word.text) for word in some)
