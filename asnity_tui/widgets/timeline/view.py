"""Shows the messages of a channel: drawn line by line on demand, with a cursor for the message that keys act on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from asnity_tui.state.rows import Gap, Item, Row
from asnity_tui.widgets.list_pane import RIGHT_BUTTON
from asnity_tui.widgets.text import hyperlinks
from asnity_tui.widgets.text.hangul_keys import with_jamo
from asnity_tui.widgets.text.styles import ThemeStyles

from .anchored_scroll import AnchoredScroll
from .layout import RenderContext, clock, reaction_at
from .messages import (
    FillGap,
    LeaveTimeline,
    LinkClicked,
    MenuClicked,
    QuoteClicked,
    ReactionClicked,
    WantNewest,
)
from .paint import Painter, chip_text, span_in
from .row_index import RowIndex, key_of, order_of
from .selection import MessageRange, RowCursor, selected_text
from .visibility import Visibility


class TimelineView(ScrollView, can_focus=True):
    """The rows of one channel."""

    ALLOW_SELECT = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(with_jamo("j,down"), "move(1)", "Next message", id="timeline.next", show=False),
        Binding(with_jamo("k,up"), "move(-1)", "Previous message", id="timeline.previous", show=False),
        Binding(with_jamo("g,home"), "first", "Oldest loaded", id="timeline.first", show=False),
        Binding("G,end", "newest", "Newest", id="timeline.newest", show=False),
        Binding("pageup", "page(-1)", "Page up", id="timeline.page-up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="timeline.page-down", show=False),
        Binding("enter", "enter", "Write, show a long message, or load missing ones", id="timeline.enter", show=False),
        Binding(with_jamo("escape,i"), "leave", "Write", id="timeline.leave", show=False),
    ]

    looking = reactive(True)
    """Whether somebody can be looking: the terminal has the focus and nothing covers the timeline."""

    empty_text = reactive("")
    """Stands here while there are no rows."""

    def __init__(self, context: RenderContext, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.channel_id = ""
        """The channel whose rows show."""
        self.rows = RowIndex(context, 80, known=False)
        self.scroll_position = AnchoredScroll(self, self.rows, self.watch_looking)
        self.visibility = Visibility(self.rows, self.scroll_position, post=self.post_message, refresh=self.refresh)
        self.cursor = RowCursor(self.rows)
        self.range = MessageRange(self.rows, self.cursor)
        self._painter: Painter | None = None
        self._laid_out_for = Size(0, 0)

    @property
    def current(self) -> Item | None:
        """The item that keys act on."""
        return self.cursor.item

    # Rows

    def show(
        self,
        channel_id: str,
        items: Sequence[Item],
        *,
        has_older: bool,
        new_after: int | None,
        at: int | None = None,
        seen: int = 0,
    ) -> None:
        """Show a channel from its newest message on, or with the message `at` at the top.

        `new_after` is the last message that was read, if there are unread ones after it; what stands up to `seen`
        doesn't count as new.
        """
        read = new_after or 0
        self.channel_id = channel_id
        self.visibility.begin(has_older=has_older, read=read, seen=max(read, seen))
        self.range.end()
        self.cursor.key = None
        self.scroll_position.begin(items, new_after=new_after, at=at)
        if self.has_focus:
            self._put_cursor_at_edge(-1)

    def update(self, items: Sequence[Item], *, has_older: bool) -> None:
        """Take what became of the rows; whatever is on the screen stays where it is."""
        if items is not self.rows.items or has_older != self.visibility.has_older:
            self.visibility.has_older = has_older
            self.visibility.ask_again()
            self.scroll_position.exchange(items, keep=self.cursor.key if self.has_focus else None)
            if self.has_focus and self.current is None:  # the first rows came after the focus, or its row is gone
                self._put_cursor_at_edge(-1)

    def set_context(self, context: RenderContext) -> None:
        """Names changed, or the day did: draw all rows anew."""
        self.rows.set_context(context)
        self.scroll_position.settle()

    def set_new_after(self, message_id: int | None) -> None:
        """Move the `new` rule; the screen stays where it is."""
        self.rows.set_new_after(message_id)
        self.scroll_position.settle()

    def go_to(self, message_id: int) -> None:
        """Put a loaded message under the cursor and in sight."""
        index = self.rows.first_after(message_id - 1)
        if index < len(self.rows.items):
            self.cursor.put(index)
            self.scroll_position.hold(index, 0, self.scroll_position.page // 3)

    def go_to_newest(self) -> None:
        """Show the end, and follow it."""
        self.cursor.key = None
        if self.has_focus:
            self.cursor.put(len(self.rows.items) - 1)
        self.scroll_position.follow()

    # Scrolling

    def scroll_to(self, x: float | None = None, y: float | None = None, **how: Any) -> None:
        """Scroll at once. An animation would go on to a line that is another one when rows come meanwhile."""
        super().scroll_to(x, y, **{**how, "animate": False})

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Go along with what the person scrolls."""
        super().watch_scroll_y(old_value, new_value)
        self.scroll_position.go_along(old_value, new_value)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Take another size, and lay everything for it before it is painted.

        A resize event comes after the next picture, which would show the wrong rows for a moment.
        """
        first = not self.outer_size
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if self.size != self._laid_out_for and self.is_mounted:
            self._laid_out_for = self.size
            waits = self._repaint_required
            self.scroll_position.resize(max(1, self.size.width))
            if first:  # all of it is painted now anyway
                self._repaint_required = waits
        return changed

    def watch_looking(self) -> None:
        """Tell what shows: it was scrolled to, or somebody looks again."""
        if self.is_mounted and self.size.height:
            self.visibility.report(self.channel_id, looking=self.looking)

    # Cursor and keys

    def on_focus(self) -> None:
        """The cursor stands on the last message that shows."""
        if self.current is None:
            self._put_cursor_at_edge(-1)
        self.refresh()

    def _put_cursor_at_edge(self, direction: int) -> None:
        """Put the cursor on the last row that shows (-1), or the first (1)."""
        first, end = self.scroll_position.in_sight()
        self.cursor.put(end - 1 if direction < 0 else first)
        self.refresh()

    def action_move(self, direction: int) -> None:
        """The next or previous message; a message longer than the screen is paged through first."""
        if not self.rows.items:
            return
        scroll = self.scroll_position
        first, end = scroll.in_sight()
        index, last = self.cursor.index, len(self.rows.items) - 1
        if index is None or not first <= index < end:
            downward = direction > 0 and self.cursor.key is not None
            target = first if downward else end - 1
        else:
            heights = self.rows.heights
            cut = (
                heights.top(index) < scroll.top if direction < 0 else heights.top(index + 1) > scroll.top + scroll.page
            )
            if cut and heights[index] > scroll.page:
                self.scroll_relative(y=direction * max(1, scroll.page - 1), animate=False)
                return
            target = min(max(0, index + direction), last)
        self.cursor.put(target)
        if target == last and direction > 0:
            scroll.follow()
        else:
            scroll.following = False
            scroll.reveal(target, from_below=direction < 0)

    def action_page(self, direction: int) -> None:
        """A page up or down, less one line."""
        self.scroll_relative(y=direction * max(1, self.scroll_position.page - 1), animate=False)
        self._put_cursor_at_edge(-direction)

    def action_first(self) -> None:
        """The oldest row that is loaded."""
        if self.rows.items:
            self.cursor.put(0)
            self.scroll_position.hold(0, 0, 0)

    def action_newest(self) -> None:
        """The newest message."""
        self.post_message(WantNewest(self.channel_id))

    def action_enter(self) -> None:
        """Load the gap under the cursor, or show all of a long message; anywhere else, go and write."""
        index = self.cursor.index
        item = self.rows.items[index] if index is not None else None
        if isinstance(item, Gap):
            self.post_message(FillGap(self.channel_id, item))
        elif index is None or not self._unfold(index):
            self.action_leave()

    def _unfold(self, index: int) -> bool:
        """Show all of a long message, its beginning where it stands; whether there is more of it to show."""
        if self.rows.layout(index).folded is None:
            return False
        at = self.rows.heights.top(index) - self.scroll_position.top
        self.rows.unfold(key_of(self.rows.items[index]))
        self.scroll_position.hold(index, 0, max(0, at))
        return True

    def action_leave(self) -> None:
        """No range any more; without one, back to the composer."""
        if self.range.is_marking:
            self.toggle_range()
        else:
            self.post_message(LeaveTimeline(self.channel_id))

    def toggle_range(self) -> None:
        """Begin to mark a range at the cursor, or leave it."""
        if self.range.is_marking:
            self.range.end()
        else:
            self.range.begin()
        if self.range.is_marking:
            self.notify("y copies from here to the cursor, > as a quote, Esc ends.", timeout=3, markup=False)
        self.refresh()

    def toggle_raw(self) -> None:
        """The text under the cursor as it was written, or again as it was meant."""
        if isinstance(self.current, Row):
            self.rows.turn(key_of(self.current))
            self.scroll_position.settle()

    def on_click(self, event: events.Click) -> None:
        """Choose the message under the pointer; open a link, load a gap, follow the chip."""
        if event.chain > 2 and event.button != RIGHT_BUTTON:
            event.prevent_default()  # Textual would select everything around this widget
        if not self.rows.items:
            return
        menu, scroll = event.button == RIGHT_BUTTON, self.scroll_position
        on_chip = event.y == scroll.page - 1 and event.x >= self.size.width - len(chip_text(self.visibility.below))
        if self.visibility.below and on_chip and not menu:
            self.action_newest()
            return
        index, number = self.rows.heights.find(scroll.top + event.y - scroll.padding)
        self.cursor.put(index)
        self.refresh()
        item = self.rows.items[index]
        if isinstance(item, Gap):
            if not menu:
                self.post_message(FillGap(self.channel_id, item))
        elif menu:
            self.post_message(MenuClicked(self.channel_id, item))
        elif event.chain == 1:
            self._follow_click(event, index, item, number)

    def _follow_click(self, event: events.Click, index: int, row: Row, number: int) -> None:
        """Do what the clicked piece of a message is for: its fold, its quote, a link or a reaction."""
        layout = self.rows.layout(index)
        if number == layout.folded:
            self._unfold(index)
        elif number == layout.quote:
            self.post_message(QuoteClicked(self.channel_id, row))
        elif self.text_selection is None and (at := event.style.meta.get("offset")):
            link = next((each.address for each in layout.links if each.start <= at[0] <= each.end), None)
            emoji = reaction_at(row.message, at[0])
            if link is not None and event.style.underline:
                self.post_message(LinkClicked(self.channel_id, row, link))
            elif emoji is not None:
                self.post_message(ReactionClicked(self.channel_id, row, emoji))

    # Drawing

    def notify_style_update(self) -> None:
        """The theme changed: all strips are old."""
        super().notify_style_update()
        self._painter = None

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        size, rows = self.size, self.rows
        width, page = size.width, max(1, size.height)
        painter = self._painter
        if painter is None:
            theme_styles = ThemeStyles(self.app.theme_variables, self.background_colors[1])
            painter = self._painter = Painter(theme_styles, hyperlinks=hyperlinks.works(os.environ))
        if not rows.items:
            return painter.empty_line(self.empty_text, page - y, width)
        total = rows.heights.total
        line = self.scroll_offset.y + y - max(0, page - total)
        if not 0 <= line < total:
            return painter.blank(width)
        index, number = rows.heights.find(line)
        item, layout, selection = rows.items[index], rows.layout(index), self.text_selection
        span = span_in(selection, order_of(item), len(layout.text)) if selection is not None else None
        if span is not None:
            chosen = self.screen.get_component_rich_style("screen--selection")
            strip = painter.selected_line(order_of(item), layout, number, span, chosen, width=width)
        else:
            cursor = self.has_focus and (
                key_of(item) == self.cursor.key or (self.range.is_marking and index in self.range.indexes())
            )
            strip = painter.row_line(key_of(item), order_of(item), layout, number, width=width, cursor=cursor)
            if cursor and isinstance(item, Row) and not layout.heading:
                strip = painter.with_time(strip, clock(item.message, rows.context), layout, number, width)
        if self.visibility.below and y == page - 1:
            strip = painter.over_right(strip, chip_text(self.visibility.below), "chip", width)
        return strip

    # Text that is selected with the mouse

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text: of open ends, what shows."""
        text = selected_text(self.rows, selection, *self.scroll_position.in_sight())
        return (text, "\n") if text is not None else None

    def text_select_all(self) -> None:
        """A double click selects one message."""
        index = self.cursor.index
        item = self.rows.items[index] if index is not None else None
        if isinstance(item, Row) and index is not None:
            order = order_of(item)
            end = Offset(len(self.rows.layout(index).text), order)
            self.screen.selections = {self: Selection(Offset(0, order), end)}
