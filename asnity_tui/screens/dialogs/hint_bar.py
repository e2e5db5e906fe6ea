"""The line at the bottom of a dialog: the keys that do something there, as they are in force."""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Size
from textual.screen import Screen

from asnity_tui.commands.bindings import Wanted, in_force
from asnity_tui.widgets.status_bar import fitting, hint_spans
from asnity_tui.widgets.text.styles import Span
from asnity_tui.widgets.text_bar import TextBar


class HintBar(TextBar):
    """Keys, made anew whenever the focus moves; those that find no room are left out from the right."""

    def __init__(self, wanted: Callable[[], Wanted]) -> None:
        """`wanted` answers (id or key, what it does), the most important first."""
        super().__init__(classes="hints")
        self._wanted = wanted

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self._follow(self.screen)

    def _follow(self, screen: Screen[object]) -> None:
        if not self.is_attached or not self.screen.is_current:
            return
        room = (self.size.width or self.app.size.width) - 2
        hints, _ = fitting(in_force(screen, self._wanted()), room)
        self.say((Span(" "), *hint_spans(hints)))

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Take another size, and see before it is painted what finds room."""
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if changed:
            self._follow(self.screen)
        return changed
