"""The messages of a channel: drawn line by line on demand, with a cursor for the message that keys act on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Offset
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from asnity_tui.state.rows import Failed, Gap, Item, Row
from asnity_tui.terminal import hyperlinks
from asnity_tui.widgets.list_pane import RIGHT_BUTTON
from asnity_tui.widgets.text.styles import ThemeStyles

from .keys import TIMELINE_KEYS
from .layout import RenderContext, clock, reaction_at
from .messages import Act, ActOn, FillGap, LeaveTimeline, LookingAt, NeedNewer, NeedOlder, ReadUpTo, WantNewest
from .paint import Painter, span_in
from .row_index import key_of, order_of
from .selection import MessageRange

AHEAD = 2
"""Pages beyond the screen within which history is asked for."""


class TimelineView(MessageRange, can_focus=True):
    """The rows of one channel."""

    BINDINGS: ClassVar[list[BindingType]] = [*TIMELINE_KEYS]

    looking = reactive(True)
    """Whether somebody can be looking: the terminal has the focus and nothing covers the timeline."""

    def __init__(self, context: RenderContext, *, id: str | None = None) -> None:
        super().__init__(context, id=id)
        self.channel_id = ""
        self.has_older = False
        self.empty_words = ""
        """What an empty channel says."""
        self.below = 0
        """How many messages of others stand unseen below the screen."""
        self._seen = 0
        self._read = 0
        self._asked: object = None
        self._looked = (0, 0)
        self._painter: Painter | None = None

    @property
    def allow_select(self) -> bool:
        """Text can be selected with the mouse."""
        return True

    # What is shown

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

        `new_after` is the last message that was read, if there are unread ones behind it; what stands up to `seen`
        doesn't count as new.
        """
        self.channel_id, self.has_older = channel_id, has_older
        self._asked, self._looked, self._read = None, (0, 0), new_after or 0
        self._seen = max(new_after or 0, seen)
        self._marked_from = None
        self.begin(items, new_after=new_after, at=at)
        if self.has_focus:
            self._put_cursor(self._edge(-1))

    def update(self, items: Sequence[Item], *, has_older: bool) -> None:
        """Take what became of the rows; whatever is on the screen stays where it is."""
        if items is not self.rows.items or has_older != self.has_older:
            self.has_older, self._asked = has_older, None
            self.exchange(items)
            if self.has_focus and self.current is None:  # the first rows came behind the focus, or its row is gone
                self._put_cursor(self._edge(-1))
                self.refresh()

    def set_context(self, context: RenderContext) -> None:
        """Names changed, or the day did: draw all rows anew."""
        self.rows.set_context(context)
        self.settle()

    def set_new_after(self, message_id: int | None) -> None:
        """Move the `new` rule; the screen stays where it is."""
        self.rows.set_new_after(message_id)
        self.settle()

    def count_seen(self, message_id: int) -> None:
        """What stands up to a message was read, here or elsewhere: it doesn't count as new any more."""
        if message_id > self._seen:
            self._seen = message_id
            below, self.below = self.below, 0 if self.following else self._count_below()
            if below != self.below:
                self.refresh()

    def say_empty(self, words: str) -> None:
        """What stands here while there are no rows."""
        if words != self.empty_words:
            self.empty_words = words
            self.refresh()

    def go_to(self, message_id: int) -> None:
        """Put a loaded message under the cursor and in sight."""
        index = self.rows.first_behind(message_id - 1)
        if index < len(self.rows.items):
            self.cursor = key_of(self.rows.items[index])
            self.hold(index, 0, self.page // 3)

    def go_to_newest(self) -> None:
        """Show the end, and follow it."""
        self.cursor = key_of(self.rows.items[-1]) if self.has_focus and self.rows.items else None
        self.follow()

    @property
    def current(self) -> Item | None:
        """The item that keys act on."""
        index = self.rows.index_of(self.cursor) if self.cursor else None
        return self.rows.items[index] if index is not None else None

    def ask_again(self) -> None:
        """What was asked for couldn't be had: it may be asked for again at the next move."""
        self._asked = None

    # What is told

    def settled(self) -> None:
        """Tell what is seen and what is missing."""
        first, end = self.in_sight()
        items, heights = self.rows.items, self.rows.heights
        whole = end if heights.top(end) <= self.scroll_offset.y + self.page else end - 1
        shown = [item.message.id for item in items[first:end] if isinstance(item, Row) and item.message.id]
        last = next((id for id in reversed(shown) if self.rows.first_behind(id - 1) < whole), 0)
        self._seen = max(self._seen, self.rows.newest_id() if self.following else last)
        self.below = 0 if self.following else self._count_below()
        if last > self._read and self.looking:
            self._read = last
            self.post_message(ReadUpTo(self.channel_id, last))
        if shown and (shown[0], shown[-1]) != self._looked:
            self._looked = (shown[0], shown[-1])
            self.post_message(LookingAt(self.channel_id, *self._looked))
        self._tell_needs(first, end)

    def _count_below(self) -> int:
        me, unseen = self.rows.context.me, self.rows.first_behind(self._seen)
        return sum(
            item.count if isinstance(item, Gap) else item.message.sender_id != me for item in self.rows.items[unseen:]
        )

    def _tell_needs(self, first: int, end: int) -> None:
        rows, page = self.rows, self.page
        near = rows.heights.find(self.scroll_offset.y + (1 + AHEAD) * page)[0] + 1 if rows.items else 0
        gap = next((item for item in rows.items[first:near] if isinstance(item, Gap)), None)
        if gap is not None and rows.newest_id() < gap.before_id:
            self._ask(NeedNewer(self.channel_id), gap)
        elif gap is not None and gap in rows.items[first:end]:
            self._ask(FillGap(self.channel_id, gap), gap)
        elif self.has_older and self.scroll_offset.y < AHEAD * page:
            self._ask(NeedOlder(self.channel_id), "older")

    def _ask(self, message: NeedOlder | NeedNewer | FillGap, what: object) -> None:
        """Ask once; again only when rows came, or when something else turns out to be missing."""
        if self._asked != what:
            self._asked = what
            self.post_message(message)

    def watch_looking(self) -> None:
        """Whoever looks again has read what shows."""
        if self.is_mounted and self.size.height:
            self.settled()

    # Cursor and keys

    def on_focus(self) -> None:
        """The cursor stands on the last message that shows."""
        if self.current is None:
            self._put_cursor(self._edge(-1))
        self.refresh()

    def on_blur(self) -> None:
        """Without focus there is no cursor to see."""
        self.refresh()

    def _edge(self, direction: int) -> int:
        """The last row that shows (-1), or the first (1)."""
        first, end = self.in_sight()
        return end - 1 if direction < 0 else first

    def _put_cursor(self, index: int) -> None:
        if 0 <= index < len(self.rows.items):
            self.cursor = key_of(self.rows.items[index])

    def action_move(self, direction: int) -> None:
        """The next or previous message; a message longer than the screen is paged through first."""
        if not self.rows.items:
            return
        first, end = self.in_sight()
        index = self.rows.index_of(self.cursor) if self.cursor else None
        if index is None or not first <= index < end:
            target = self._edge(-1 if self.cursor is None else direction)
        else:
            top, heights = self.scroll_offset.y, self.rows.heights
            cut = heights.top(index) < top if direction < 0 else heights.top(index + 1) > top + self.page
            if cut and heights[index] > self.page:
                self.scroll_relative(y=direction * max(1, self.page - 1), animate=False)
                return
            target = min(max(0, index + direction), len(self.rows.items) - 1)
        self._put_cursor(target)
        if target == len(self.rows.items) - 1 and direction > 0:
            self.follow()
        else:
            self.following = False
            self.reveal(target, from_below=direction < 0)

    def action_page(self, direction: int) -> None:
        """A page up or down, less one line."""
        self.scroll_relative(y=direction * max(1, self.page - 1), animate=False)
        self._put_cursor(self._edge(-direction))
        self.refresh()

    def action_first(self) -> None:
        """The oldest row that is loaded."""
        if self.rows.items:
            self._put_cursor(0)
            self.hold(0, 0, 0)

    def action_newest(self) -> None:
        """The newest message."""
        self.post_message(WantNewest(self.channel_id))

    def action_enter(self) -> None:
        """Load the gap under the cursor, or show all of a long message; anywhere else, go and write."""
        item, index = self.current, self.rows.index_of(self.cursor) if self.cursor else None
        if isinstance(item, Gap):
            self.post_message(FillGap(self.channel_id, item))
        elif index is None or not self.unfold(index):
            self.action_leave()

    def action_leave(self) -> None:
        """No range any more; without one, back to the composer."""
        if self.is_marking:
            self.action_range()
        else:
            self.post_message(LeaveTimeline(self.channel_id))

    def action_raw(self) -> None:
        """The text under the cursor as it was written, or again as it was meant."""
        if isinstance(self.current, Row):
            self.rows.turn(key_of(self.current))
            self.settle()

    def links_of(self, row: Row) -> tuple[str, ...]:
        """Where a row leads, in order, each address once."""
        index = self.rows.index_of(row.key)
        return tuple(dict.fromkeys(each.address for each in self.rows.layout(index).links)) if index is not None else ()

    def action_act(self, act: Act) -> None:
        """Do something with the message under the cursor, if it is of the kind that this is for."""
        row = self.current
        if not isinstance(row, Row):
            return
        if isinstance(row.delivery, Failed):
            act = {"reply": "retry", "edit": "take-back"}.get(act, act)  # type: ignore[assignment]
        chosen = self.chosen
        if self.is_marking and act in ("copy", "quote"):
            self.action_range()
        self.post_message(ActOn(self.channel_id, act, row, chosen=chosen))

    def on_click(self, event: events.Click) -> None:
        """Choose the message under the pointer; open a link, load a gap, follow the chip."""
        if event.button == RIGHT_BUTTON:
            self._menu_at(event.y)
            return
        if event.chain > 2:
            event.prevent_default()  # Textual would select everything around this widget
        if not self.rows.items:
            return
        if self.below and event.y == self.page - 1 and event.x >= self.size.width - len(self._chip_words()):
            self.action_newest()
            return
        index, number = self.rows.heights.find(self.scroll_offset.y + event.y - self.padding)
        self._put_cursor(index)
        self.refresh()
        item = self.rows.items[index]
        if isinstance(item, Gap):
            self.post_message(FillGap(self.channel_id, item))
        elif event.chain == 1 and number == self.rows.layout(index).folded:
            self.unfold(index)
        elif event.chain == 1 and number == self.rows.layout(index).quote:
            self.post_message(ActOn(self.channel_id, "origin", item))
        elif event.chain == 1 and self.text_selection is None and (at := event.style.meta.get("offset")):
            links = self.rows.layout(index).links
            link = next((each.address for each in links if each.start <= at[0] <= each.end), None)
            emoji = reaction_at(item.message, at[0])
            if link is not None and event.style.underline:
                self.post_message(ActOn(self.channel_id, "open-link", item, link))
            elif emoji is not None:
                self.post_message(ActOn(self.channel_id, "react", item, emoji))

    def _menu_at(self, y: int) -> None:
        """The menu of the message on a line of the screen."""
        if self.rows.items:
            self._put_cursor(self.rows.heights.find(self.scroll_offset.y + y - self.padding)[0])
            self.refresh()
            self.action_act("menu")

    # Drawing

    def notify_style_update(self) -> None:
        """The theme changed: all strips are old."""
        super().notify_style_update()
        self._painter = None

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width, rows = self.size.width, self.rows
        painter = self._painter
        if painter is None:
            theme_styles = ThemeStyles(self.app.theme_variables, self.background_colors[1])
            painter = self._painter = Painter(theme_styles, hyperlinks=hyperlinks.works(os.environ))
        if not rows.items:
            return painter.words_line(self.empty_words, self.page - y, width)
        line = self.scroll_offset.y + y - self.padding
        if not 0 <= line < rows.heights.total:
            return painter.blank(width)
        index, number = rows.heights.find(line)
        strip = self._row_strip(painter, index, number, width)
        if self.below and y == self.page - 1:
            strip = painter.over_right(strip, self._chip_words(), "chip", width)
        return strip

    def _chip_words(self) -> str:
        return f" ▼ {self.below:,} new "

    def _row_strip(self, painter: Painter, index: int, number: int, width: int) -> Strip:
        item = self.rows.items[index]
        layout = self.rows.layout(index)
        if number >= len(layout.lines):
            return painter.blank(width)
        selection = self.text_selection
        span = span_in(selection, order_of(item), len(layout.text)) if selection is not None else None
        if span is not None:
            chosen = self.screen.get_component_rich_style("screen--selection")
            return painter.selected_line(order_of(item), layout, number, span, chosen, width=width)
        cursor = self.has_focus and (key_of(item) == self.cursor or (self.is_marking and index in self.marked()))
        strip = painter.row_line(key_of(item), order_of(item), layout, number, width=width, cursor=cursor)
        if cursor and number >= layout.rules and isinstance(item, Row) and not layout.heading:
            words = clock(item.message, self.rows.context) + " "
            fits = (at for at in range(layout.rules, len(layout.lines)) if painter.has_room(layout, at, words, width))
            if number == next(fits, None):  # the time stands where it covers nothing
                strip = painter.over_right(strip, words, "time", width, "marked-cursor" if layout.marked else "cursor")
        return strip

    # Selected text

    def text_select_all(self) -> None:
        """A double click selects one message."""
        item = self.current
        index = self.rows.index_of(self.cursor) if self.cursor else None
        if isinstance(item, Row) and index is not None:
            order = order_of(item)
            end = Offset(len(self.rows.layout(index).text), order)
            self.screen.selections = {self: Selection(Offset(0, order), end)}
