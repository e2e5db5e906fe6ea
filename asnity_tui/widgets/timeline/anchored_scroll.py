"""Scrolls over rows of different heights so that what is being read stays where it is, and the end is followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget

from asnity_tui.state.rows import Item, Row

from .row_index import RowIndex, key_of, order_of

AHEAD = 1
"""Pages beyond the screen within which rows are measured, so that a page up or down is exact."""

LAST = 1 << 30
"""As a line of a row: its last one, however many it will have."""

ROUNDS = 8
"""How often at most the screen is filled anew because rows turned out longer or shorter than estimated."""


class AnchoredScroll:
    """The scroll position of a view over a `RowIndex`: a line of a row, and the line of the screen where it stays.

    Heights that turn out different from their estimates, rows that come or go, and another width never move that
    anchor. `on_settled` is called after each step, when the rows on the screen are measured and in their place.
    """

    def __init__(self, view: ScrollView, rows: RowIndex, on_settled: Callable[[], None]) -> None:
        self.following = True
        """Whether the newest line is kept at the bottom."""
        self._view = view
        self._rows = rows
        self._on_settled = on_settled
        self._anchor = (0, 0, 0)
        self._settling = False
        self._fresh = True
        """Nothing of the present rows was on the screen yet."""

    # Other rows

    def begin(self, items: Sequence[Item], *, new_after: int | None, at: int | None) -> None:
        """Show other rows: the end of them, or those from the message `at` on."""
        self._fresh = True
        self._rows.reset(items, new_after)
        self.following = at is None or not items
        if at is not None and items:
            self._anchor = (min(self._rows.first_after(at - 1), len(items) - 1), 0, 1)
        self.settle()

    def exchange(self, items: Sequence[Item], *, keep: str | None) -> None:
        """Take what became of the rows; of those that show, the one with the key `keep` is kept in place first."""
        kept = [] if self.following else [(self._rows.items[index], line) for index, line in self._candidates(keep)]
        self._rows.replace(items)
        for item, line in kept:
            index = self._rows.index_of(key_of(item), order_of(item))
            if index is not None:
                self._anchor = (index, LAST, line)
                break
        self.settle()

    def _candidates(self, keep: str | None) -> list[tuple[int, int]]:
        """Rows to anchor, each with the line of the screen where it ends: `keep`, then from the bottom up."""
        first, end = self.in_sight()
        top, heights = self.top, self._rows.heights
        found: list[tuple[int, int]] = []
        for index in range(end - 1, first - 1, -1):
            item = self._rows.items[index]
            if isinstance(item, Row):
                found.insert(0 if key_of(item) == keep else len(found), (index, heights.top(index + 1) - 1 - top))
        return found

    # Other positions

    def hold(self, index: int, line: int, at: int) -> None:
        """Put a line of a row on the line `at` of the screen, and keep it there."""
        self.following = False
        self._anchor = (index, line, at)
        self.settle()

    def follow(self) -> None:
        """Keep the newest line at the bottom."""
        self.following = True
        self.settle()

    def reveal(self, index: int, *, from_below: bool = False) -> None:
        """Scroll as little as needed for a row to show whole; of one longer than the screen, the end one comes from."""
        self._rows.measure(index, index + 1)
        heights, page = self._rows.heights, self.page
        top, height = heights.top(index), heights[index]
        above, below = top < self.top, top + height > self.top + page
        if (above or below) and (from_below if height > page else below):
            self.hold(index, height - 1, page - 1)
        elif above or below:
            self.hold(index, 0, 0)
        else:
            self._anchor_bottom()
            self._view.refresh()

    def go_along(self, old_top: float, new_top: float) -> None:
        """The view was scrolled: follow the end or leave it, and measure what comes into sight."""
        if not self._settling and round(old_top) != round(new_top):
            self.following = round(new_top) >= self._view.max_scroll_y
            self._anchor_bottom()
            self.settle()

    def resize(self, width: int) -> None:
        """Lay everything for another width; the line at the bottom stays at the bottom."""
        index, line, _ = self._anchor
        known = index < len(self._rows.heights)
        behind = self._rows.heights[index] - 1 - line if known else 0
        self._rows.set_width(width)
        if known and not self.following and not self._fresh:
            self._rows.measure(index, index + 1)
            self._anchor = (index, max(0, self._rows.heights[index] - 1 - behind), self.page - 1)
        self.settle()

    # The present position

    @property
    def page(self) -> int:
        """Lines that show at once."""
        return max(1, self._view.size.height)

    @property
    def top(self) -> int:
        """The first line that shows."""
        return self._view.scroll_offset.y

    @property
    def padding(self) -> int:
        """Blank lines above, where there is less than a screenful."""
        return max(0, self.page - self._rows.heights.total)

    def in_sight(self) -> tuple[int, int]:
        """The first row that shows, and the one after the last that does."""
        heights = self._rows.heights
        if not len(heights):
            return 0, 0
        top = self.top
        return heights.find(top)[0], heights.find(top + self.page - 1)[0] + 1

    # Settling

    def settle(self) -> None:
        """Measure what shows and what is near, then put the anchor where it belongs."""
        view, rows, page = self._view, self._rows, self.page
        if not view.is_mounted or not view.size.height:
            return
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
            view.scroll_target_y = view.scroll_y = max(0, self._wanted_top())
        finally:
            self._settling = False
        if self._fresh:  # where the end shows at once, it is followed
            self._fresh = False
            self.following = self.top >= view.max_scroll_y
        self._anchor_bottom()
        view.refresh()
        self._on_settled()

    def _set_length(self, lines: int) -> None:
        """Tell Textual how long the content is, without the layout of the whole screen that setting it would bring.

        Nothing around the view depends on it: the scrollbar always has its column (`overflow-y: scroll`).
        """
        view = self._view
        size = Size(view.size.width, lines)
        if size != view.virtual_size:
            view.set_reactive(Widget.virtual_size, size)
            if view.show_vertical_scrollbar:
                view.vertical_scrollbar.window_virtual_size = lines

    def _wanted_top(self) -> int:
        heights = self._rows.heights
        lowest = heights.total - self.page
        if self.following or not len(heights):
            return lowest
        index, line, at = self._anchor
        index = min(index, len(heights) - 1)
        return min(lowest, heights.top(index) + min(line, heights[index] - 1) - at)

    def _anchor_bottom(self) -> None:
        """Anchor the line at the bottom of the screen where it is."""
        heights = self._rows.heights
        if len(heights) and not self.following:
            bottom = min(self.top + self.page, heights.total) - 1
            index, line = heights.find(bottom)
            self._anchor = (index, line, bottom - self.top)
