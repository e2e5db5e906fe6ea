"""A list of one-line entries with a cursor: the base of rail, channel list, members and every list to choose from.

Drawn by the line, so that it costs by what shows: ten entries or sixteen thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from asnity_tui.widgets.text.hangul_keys import with_jamo
from asnity_tui.widgets.text.styles import Span, ThemeStyles, width_of_spans

RIGHT_BUTTON = 3
"""Of the mouse, as Textual counts them."""


class ListEntry(msgspec.Struct, frozen=True):
    """One line. Without a key it can't be chosen: a heading, or room between. Words must be harmless."""

    key: str | None
    left: tuple[Span, ...] = ()
    right: tuple[Span, ...] = ()
    part_of: str | None = None
    """The key of the entry above that this line belongs to: it is marked and clicked as that."""

    @property
    def owner(self) -> str | None:
        """The key that the line is drawn and clicked as."""
        return self.key if self.key is not None else self.part_of


class ListPane(ScrollView, can_focus=True):
    """Entries, one of which may be `current` (what is open) and one under the cursor. Moving opens nothing."""

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(with_jamo("down,j"), "move(1)", "Next", id="list.next", show=False),
        Binding(with_jamo("up,k"), "move(-1)", "Previous", id="list.previous", show=False),
        Binding("home", "edge(-1)", "First", id="list.first", show=False),
        Binding("end", "edge(1)", "Last", id="list.last", show=False),
        Binding("pageup", "page(-1)", "Page up", id="list.page-up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="list.page-down", show=False),
        Binding("enter", "choose", "Open", id="list.choose", show=False),
        Binding(
            with_jamo("m"),
            "menu",
            "Menu",
            tooltip="Everything you can do with it",
            id="list.menu",
            show=False,
        ),
    ]

    class OnEntry(Message):
        """Something is wanted of an entry."""

        def __init__(self, pane: ListPane, key: str) -> None:
            super().__init__()
            self.pane = pane
            self.key = key

        @property
        def control(self) -> ListPane:
            """The list it was chosen from."""
            return self.pane

    class Moved(Message):
        """The cursor is on another entry."""

    class Chosen(OnEntry):
        """Enter or a click on an entry."""

    class MenuWanted(OnEntry):
        """The menu key, or a click with the right button, on an entry."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.entries: tuple[ListEntry, ...] = ()
        self.current: str | None = None
        self.cursor: str | None = None
        self.cursor_always = False
        """Show the cursor also without the focus, for lists that a field above steers."""
        self._theme_styles: ThemeStyles | None = None

    def show(self, entries: Sequence[ListEntry], *, current: str | None = None) -> None:
        """Show other entries; cursor and scroll stay as far as possible."""
        entries = tuple(entries)
        if entries == self.entries and current == self.current:
            return
        self.entries, self.current = entries, current
        resting = not self.has_focus and not self.cursor_always and self._index(current) is not None
        if resting or self._index(self.cursor) is None:
            self.cursor = current if self._index(current) is not None else self._nearest(0, 1)
        self._set_length(len(entries))
        self.refresh()

    def _set_length(self, lines: int) -> None:
        """Tell Textual how long the list is; all is laid out anew only where something around depends on it."""
        size = Size(self.size.width, lines)
        if self.styles.auto_dimensions:
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)

    def put_cursor(self, key: str | None) -> None:
        """Move the cursor to an entry, and it into sight."""
        if self._index(key) is not None:
            if key != self.cursor:
                self.cursor = key
                self.post_message(self.Moved())
            self._reveal()
            self.refresh()

    # Moving

    def _index(self, key: str | None) -> int | None:
        if key is None:
            return None
        return next((index for index, entry in enumerate(self.entries) if entry.key == key), None)

    def _nearest(self, index: int, direction: int) -> str | None:
        while 0 <= index < len(self.entries):
            key = self.entries[index].key
            if key is not None:
                return key
            index += direction
        return None

    def _reveal(self) -> None:
        index = self._index(self.cursor)
        if index is not None and self.size.height:
            top, page = self.scroll_offset.y, self.size.height
            above = index - 1 if index and self.entries[index - 1].owner is None else index
            last = index
            while last + 1 < len(self.entries) and self.entries[last + 1].part_of == self.cursor:
                last += 1
            if above < top:
                self.scroll_to(y=above, animate=False)
            elif last >= top + page:
                self.scroll_to(y=min(last - page + 1, above), animate=False)

    def action_move(self, direction: int) -> None:
        """The next or previous entry that can be chosen."""
        index = self._index(self.cursor)
        start = (index + direction) if index is not None else (0 if direction > 0 else len(self.entries) - 1)
        self.put_cursor(self._nearest(start, direction))

    def action_edge(self, direction: int) -> None:
        """The first (-1) or last (1) entry."""
        self.put_cursor(self._nearest(0, 1) if direction < 0 else self._nearest(len(self.entries) - 1, -1))

    def action_page(self, direction: int) -> None:
        """About a screenful on."""
        index = self._index(self.cursor) or 0
        target = min(max(0, index + direction * max(1, self.size.height - 1)), len(self.entries) - 1)
        self.put_cursor(self._nearest(target, direction) or self._nearest(target, -direction))

    def action_choose(self) -> None:
        """Tell which entry the cursor is on."""
        if self._index(self.cursor) is not None and self.cursor is not None:
            self.post_message(self.Chosen(self, self.cursor))

    def action_menu(self) -> None:
        """Tell for which entry a menu is wanted."""
        if self._index(self.cursor) is not None and self.cursor is not None:
            self.post_message(self.MenuWanted(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Choose what is under the pointer; its menu with the right button."""
        index = self.scroll_offset.y + event.y
        if index < len(self.entries) and self.entries[index].owner is not None:
            self.cursor = self.entries[index].owner
            self.refresh()
            if event.button == RIGHT_BUTTON:
                self.action_menu()
            else:
                self.action_choose()

    def on_focus(self) -> None:
        """Show the cursor, at first on what is open."""
        if self._index(self.cursor) is None:
            self.cursor = self.current if self._index(self.current) is not None else self._nearest(0, 1)
        self._reveal()
        self.refresh()

    def on_blur(self) -> None:
        """The cursor goes back to what is open."""
        if not self.cursor_always and self._index(self.current) is not None:
            self.cursor = self.current
        self.refresh()

    def on_resize(self) -> None:
        """Entries are cut anew for another width, and the cursor stays in sight."""
        self._set_length(len(self.entries))
        self._reveal()

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the visible lines; of those after the last entry one is drawn, as they are all the same."""
        behind = self.gutter.top + max(0, len(self.entries) - self.scroll_offset.y)
        drawn = min(crop.height, max(0, behind + 1 - crop.y))
        if drawn in (0, crop.height) or self.gutter.bottom:
            return super().render_lines(crop)
        strips = super().render_lines(Region(crop.x, crop.y, crop.width, drawn))
        return strips + strips[-1:] * (crop.height - drawn)

    def notify_style_update(self) -> None:
        """The theme changed."""
        super().notify_style_update()
        self._theme_styles = None

    def render_line(self, y: int) -> Strip:
        """One entry."""
        theme_styles = self._theme_styles
        if theme_styles is None:
            theme_styles = self._theme_styles = ThemeStyles(self.app.theme_variables, self.background_colors[1])
        width, index = self.size.width, self.scroll_offset.y + y
        if index >= len(self.entries):
            return theme_styles.strip((), width)
        entry = self.entries[index]
        chosen = entry.owner is not None and entry.owner == self.current
        under = entry.owner is not None and entry.owner == self.cursor and (self.has_focus or self.cursor_always)
        background = {(True, True): "current-cursor", (True, False): "current", (False, True): "cursor"}.get(
            (chosen, under), "base"
        )
        bar = Span("▌" if chosen or under else " ", "bar")
        right = entry.right
        while len(right) > 1 and width_of_spans(right) > width // 2:
            right = right[1:]  # names before places, and of those the badge at the end is kept
        return theme_styles.strip(
            (bar, *entry.left), width, right=(*right, Span(" ")) if width > 2 else (), background=background
        )
