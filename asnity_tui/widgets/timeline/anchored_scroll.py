"""Scrolling over rows of different heights so that whatever is read stays where it is, and the end is followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget

from asnity_tui.state.rows import Item, Row

from .layout import RenderContext
from .part import Part
from .row_index import RowIndex, key_of, order_of

AHEAD = 1
"""Pages beyond the screen within which rows are measured, so that a page up or down is exact."""

LAST = 1 << 30
"""As a line of a row: its last one, however many it will have."""

ROUNDS = 8
"""How often at most the screen is filled anew because rows turned out longer or shorter than estimated."""


class AnchoredScroll(Part, ScrollView, part=True):
    """A scroll view over a `RowIndex` with an anchor: a line of a row, and the line of the screen where it stays.

    Heights that turn out different from their estimates, rows that come or go, and another width never move the
    anchor. `settled` is called after each step.
    """

    def __init__(self, context: RenderContext, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = RowIndex(context, 80, known=False)
        self.following = True
        """Whether the newest line is kept at the bottom."""
        self.cursor: str | None = None
        """The key of the item that keys act on."""
        self._settling = False
        self._laid_for = Size(0, 0)
        self._anchor = (0, 0, 0)
        self._fresh = True
        """Nothing of the present rows was on the screen yet."""

    def settled(self) -> None:
        """The rows on the screen are measured and in their place."""

    # Other rows

    def begin(self, items: Sequence[Item], *, new_after: int | None, at: int | None) -> None:
        """Show other rows: the end of them, or those from the message `at` on."""
        self.cursor = None
        self._fresh = True
        self.rows.reset(items, new_after)
        self.following = at is None or not items
        if at is not None and items:
            self._anchor = (min(self.rows.first_behind(at - 1), len(items) - 1), 0, 1)
        self.settle()

    def exchange(self, items: Sequence[Item]) -> None:
        """Take what became of the rows."""
        kept = [] if self.following else [(self.rows.items[index], place) for index, place in self._holds()]
        self.rows.replace(items)
        for item, place in kept:
            index = self.rows.index_of(key_of(item), order_of(item))
            if index is not None:
                self._anchor = (index, LAST, place)
                break
        self.settle()

    def _holds(self) -> list[tuple[int, int]]:
        """Rows that show, each with where its last line is on the screen, the best to hold on to first.

        That is the one under the cursor, then from the bottom up.
        """
        first, end = self.in_sight()
        top, heights = self.scroll_offset.y, self.rows.heights
        found: list[tuple[int, int]] = []
        for index in range(end - 1, first - 1, -1):
            item = self.rows.items[index]
            if isinstance(item, Row):
                best = self.has_focus and key_of(item) == self.cursor
                found.insert(0 if best else len(found), (index, heights.top(index + 1) - 1 - top))
        return found

    # Other places

    def hold(self, index: int, line: int, place: int) -> None:
        """Put a line of a row on a line of the screen, and keep it there."""
        self.following = False
        self._anchor = (index, line, place)
        self.settle()

    def follow(self) -> None:
        """Keep the newest line at the bottom."""
        self.following = True
        self.settle()

    def reveal(self, index: int, *, from_below: bool = False) -> None:
        """Scroll as little as needed for a row to show whole; of one longer than the screen, the end one comes from."""
        self.rows.measure(index, index + 1)
        heights, page = self.rows.heights, self.page
        top, height = heights.top(index), heights[index]
        above, below = top < self.scroll_offset.y, top + height > self.scroll_offset.y + page
        if (above or below) and (from_below if height > page else below):
            self.hold(index, height - 1, page - 1)
        elif above or below:
            self.hold(index, 0, 0)
        else:
            self._keep_bottom()
            self.refresh()

    def scroll_to(self, x: float | None = None, y: float | None = None, **how: Any) -> None:
        """Scroll at once. An animation would go on to a line that is another one when rows come meanwhile."""
        super().scroll_to(x, y, **{**how, "animate": False})

    @property
    def page(self) -> int:
        """Lines that show at once."""
        return max(1, self.size.height)

    @property
    def padding(self) -> int:
        """Blank lines above, where there is less than a screenful."""
        return max(0, self.page - self.rows.heights.total)

    def in_sight(self) -> tuple[int, int]:
        """The first row that shows, and the one behind the last that does."""
        heights = self.rows.heights
        if not len(heights):
            return 0, 0
        top = self.scroll_offset.y
        return heights.find(top)[0], heights.find(top + self.page - 1)[0] + 1

    # Standing still

    def settle(self) -> None:
        """Measure what shows and what is near, then put the anchor where it belongs."""
        if not self.is_mounted or not self.size.height:
            return
        rows, page = self.rows, self.page
        for _ in range(ROUNDS):
            if not rows.items:
                break
            top = self._wanted_top()
            first = rows.heights.find(top - AHEAD * page)[0]
            end = rows.heights.find(top + (1 + AHEAD) * page)[0] + 1
            if not rows.measure(first, end):
                break
        self._settling = True
        try:
            self._set_length(rows.heights.total)
            self.scroll_target_y = self.scroll_y = max(0, self._wanted_top())
        finally:
            self._settling = False
        if self._fresh:  # where the end shows at once, it is followed
            self._fresh = False
            self.following = self.scroll_offset.y >= self.max_scroll_y
        self._keep_bottom()
        self.refresh()
        self.settled()

    def _set_length(self, lines: int) -> None:
        """Tell Textual how long the content is, without the layout of the whole screen that setting it would bring.

        Nothing around this widget depends on it: the scrollbar always has its column (`overflow-y: scroll`).
        """
        size = Size(self.size.width, lines)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = lines

    def _wanted_top(self) -> int:
        heights = self.rows.heights
        lowest = heights.total - self.page
        if self.following or not len(heights):
            return lowest
        index, line, place = self._anchor
        index = min(index, len(heights) - 1)
        return min(lowest, heights.top(index) + min(line, heights[index] - 1) - place)

    def _keep_bottom(self) -> None:
        """Anchor the line at the bottom of the screen where it is."""
        heights = self.rows.heights
        if len(heights) and not self.following:
            bottom = min(self.scroll_offset.y + self.page, heights.total) - 1
            index, line = heights.find(bottom)
            self._anchor = (index, line, bottom - self.scroll_offset.y)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Go along with what the person scrolls; see to it that what comes into sight is measured."""
        super().watch_scroll_y(old_value, new_value)
        if not self._settling and round(old_value) != round(new_value):
            self.following = round(new_value) >= self.max_scroll_y
            self._keep_bottom()
            self.settle()

    # Another size

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Take another size, and lay everything for it before it is painted.

        A resize event comes behind the next picture, which would show the wrong rows for a moment.
        """
        first = not self.outer_size
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if self.size != self._laid_for and self.is_mounted:
            self._laid_for = self.size
            waits = self._repaint_required
            self._lay_anew()
            if first:  # all of it is painted now anyway
                self._repaint_required = waits
        return changed

    def _lay_anew(self) -> None:
        """Lay everything for the new width; the line at the bottom stays at the bottom."""
        index, line, _ = self._anchor
        known = index < len(self.rows.heights)
        behind = self.rows.heights[index] - 1 - line if known else 0
        self.rows.set_width(max(1, self.size.width))
        if known and not self.following and not self._fresh:
            self.rows.measure(index, index + 1)
            self._anchor = (index, max(0, self.rows.heights[index] - 1 - behind), self.page - 1)
        self.settle()
