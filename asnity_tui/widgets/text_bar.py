"""A line of text with spans at both ends: the base of header, typing line and status line."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from asnity_tui.widgets.text.styles import Span, ThemeStyles


class TextBar(Widget):
    """A line that is drawn again only when its words change."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.left: tuple[Span, ...] = ()
        self.right: tuple[Span, ...] = ()
        self._theme_styles: ThemeStyles | None = None

    def say(self, left: Sequence[Span], right: Sequence[Span] = ()) -> None:
        """Show other words; they must be harmless."""
        if (tuple(left), tuple(right)) != (self.left, self.right):
            self.left, self.right = tuple(left), tuple(right)
            self.refresh()

    def notify_style_update(self) -> None:
        """The theme changed."""
        super().notify_style_update()
        self._theme_styles = None

    def render_line(self, y: int) -> Strip:
        """The line."""
        theme_styles = self._theme_styles
        if theme_styles is None:
            theme_styles = self._theme_styles = ThemeStyles(self.app.theme_variables, self.background_colors[1])
        width = self.size.width
        left, right = (self.left, self.right) if y == 0 else ((), ())
        return theme_styles.strip(left, width, right=right)
