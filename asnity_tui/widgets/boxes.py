"""Containers without content of their own, of whose background one line is drawn and repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.widget import Widget

    _Base = Widget
else:
    _Base = object


class BlankFill(_Base):
    """For nodes without border, padding and content of their own, most of which lies below other widgets."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """The same line again and again; Textual would draw each, before it turns out that nothing of it shows."""
        return super().render_lines(Region(crop.x, crop.y, crop.width, min(1, crop.height))) * crop.height


class HorizontalBox(BlankFill, Horizontal):
    """Widgets beside each other."""


class VerticalBox(BlankFill, Vertical):
    """Widgets below each other."""
