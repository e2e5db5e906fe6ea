"""Colours for what is drawn line by line: named pieces on named grounds, from a widget's component styles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.css.styles import RenderStyles
from textual.strip import Strip

from .cells import fit, width_of


class Word(NamedTuple):
    """Some text in the style of a name. It must be harmless already."""

    text: str
    style: str = "plain"


class Inks:
    """Styles with all transparency reckoned out, so that a piece looks right on whatever it stands on.

    `prefix` leads to the component classes: `<prefix>--<name>` for pieces and for grounds (of which the background
    counts). The base is the background of the widget.
    """

    def __init__(self, styles_of: Callable[[str], RenderStyles], base: Color, prefix: str) -> None:
        self._styles_of = styles_of
        self._base = base
        self._prefix = prefix
        self._known: dict[tuple[str, str], Style] = {}

    def style(self, piece: str, ground: str = "ground") -> Style:
        """How a piece looks on a ground."""
        known = self._known.get((piece, ground))
        if known is None:
            known = self._known[piece, ground] = self._reckon(piece, ground)
        return known

    def _styles(self, name: str) -> RenderStyles:
        return self._styles_of(f"{self._prefix}--{name}")

    def _reckon(self, piece: str, ground: str) -> Style:
        back = self._base
        for name in dict.fromkeys(("ground", ground, piece)):
            if self._styles(name).has_rule("background"):
                back = back + self._styles(name).background
        styles = self._styles(piece)
        color = (styles if styles.has_rule("color") else self._styles("plain")).color
        if styles.has_rule("auto_color") and styles.auto_color:
            color = back.get_contrast_text(color.a)
        return Style(color=(back + color).rich_color, bgcolor=back.rich_color) + styles.text_style

    def strip(self, left: Sequence[Word], width: int, *, right: Sequence[Word] = (), ground: str = "ground") -> Strip:
        """Words at both ends of a line of exactly `width` cells; where room is short, the left ones are cut."""
        needed = sum(width_of(word.text) for word in right)
        if needed > width:
            right, needed = (), 0
        room = width - needed - (1 if needed and left else 0)
        segments, used = [], 0
        for word in left:
            text = fit(word.text, max(0, room - used))
            segments.append(Segment(text, self.style(word.style, ground)))
            used += width_of(text)
            if text != word.text:
                break
        segments.append(Segment(" " * (width - needed - used), self.style("plain", ground)))
        segments += [Segment(word.text, self.style(word.style, ground)) for word in right]
        return Strip([segment for segment in segments if segment.text], width)


def words(*parts: str | tuple[str, str]) -> tuple[Word, ...]:
    """Words from plain strings and (text, style) pairs, without empty ones."""
    made = (Word(part) if isinstance(part, str) else Word(*part) for part in parts)
    return tuple(word for word in made if word.text)


def width_of_words(some: Iterable[Word]) -> int:
    """The cells that words take."""
    return sum(width_of(word.text) for word in some)
