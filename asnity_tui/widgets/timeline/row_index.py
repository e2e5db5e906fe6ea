"""Finds the rows of a timeline by line: measured where they show, estimated elsewhere.

Pure, and costs by what is measured: a channel of thousands of rows is as cheap to scroll as one of fifty.
"""

from __future__ import annotations

from collections.abc import Sequence

from asnity_server.protocol.models import Message
from asnity_tui.state.rows import Gap, Item, Row
from asnity_tui.widgets.text.lru_cache import LruCache

from .layout import RenderContext, RowHeader, RowLayout, estimate, header_of, layout_row
from .row_heights import RowHeights

LAYOUTS_MAX = 600
"""Rows whose lines are kept; the rest is laid again when somebody looks."""


def key_of(item: Item) -> str:
    """Return the key of an item, unique in its timeline and the same when the item changes."""
    return item.key if isinstance(item, Row) else f"g{item.after_id}"


class RowIndex:
    """Items with the height of each; heights of unmeasured ones are estimates."""

    def __init__(self, context: RenderContext, width: int, *, known: bool = True) -> None:
        """Where the width isn't `known` yet, nothing is estimated before `set_width` says it."""
        self.items: Sequence[Item] = ()
        self.heights = RowHeights()
        self.width = width
        self._known = known
        self.context = context
        self.new_after: int | None = None
        self._whole: set[str] = set()
        """Keys of the long rows that show all of their text."""
        self._raw: set[str] = set()
        """Keys of the rows that show their text as it was written."""
        self._measured = bytearray()
        self._layouts: LruCache[str, tuple[Item, RowHeader, Message | None, RowLayout]] = LruCache(LAYOUTS_MAX)
        """Lines by key, each with what they were made of: the row, what stands above it, and the message it answers."""
        self._seen_at: LruCache[str, int] = LruCache(LAYOUTS_MAX)
        """Where rows stood when they were laid or looked for last."""

    def replace(self, items: Sequence[Item]) -> None:
        """Take other items; those that are the same objects keep their heights.

        What happens all the time costs little: rows that come at an end or change somewhere, old ones that are dropped.
        """
        if self.items and items:
            self._drop_front(items[0])
        old = self.items
        shorter = min(len(old), len(items))
        start = _alike(old, items, shorter)
        tail = 0
        while tail < shorter - start and old[-1 - tail] is items[-1 - tail]:
            tail += 1
        end = len(items) - tail
        self.items = items
        fresh = [self._estimate(index) for index in range(start, end)]
        self.heights.splice(start, len(old) - tail, fresh)
        self._measured[start : len(old) - tail] = bytes(len(fresh))
        self._doubt(end)  # what stands above this row depends on the one before it

    def _drop_front(self, first: Item) -> None:
        """Let go of the items before `first`, if it is among them."""
        index = self.first_after(order_of(first) - 1)
        if 0 < index < len(self.items) and self.items[index] is first:
            self.items = self.items[index:]
            self.heights.splice(0, index, ())
            del self._measured[:index]
            self._doubt(0)

    def reset(self, items: Sequence[Item], new_after: int | None) -> None:
        """Show something else altogether."""
        self.new_after = new_after
        self.items = items
        self._raw.clear()
        self._whole.clear()
        self._again()

    def set_width(self, width: int) -> None:
        """Lay everything for another width."""
        if width != self.width or not self._known:
            self.width, self._known = width, True
            self._again()

    def set_context(self, context: RenderContext) -> None:
        """Lay everything anew: names or days changed."""
        self.context = context
        self._layouts.clear()
        self._measured = bytearray(len(self.items))

    def turn(self, key: str) -> None:
        """Show the text of a row as it was written, or again as it was meant."""
        self._raw ^= {key}
        self._again_for(key)

    def unfold(self, key: str) -> None:
        """Show all of a long row."""
        self._whole.add(key)
        self._again_for(key)

    def _again_for(self, key: str) -> None:
        self._layouts.discard(key)
        index = self.index_of(key)
        self._doubt(index if index is not None else -1)

    def set_new_after(self, message_id: int | None) -> None:
        """Put the `new` rule above the first message after this one, or nowhere."""
        if message_id != self.new_after:
            for rule in (self.new_after, message_id):
                self._doubt(self.first_after(rule) if rule is not None else -1)
            self.new_after = message_id

    def measure(self, first: int, end: int) -> bool:
        """Make sure that heights of rows `first` to `end` (exclusive) are exact; whether any was not."""
        changed = False
        for index in range(max(0, first), min(end, len(self.items))):
            if not self._measured[index]:
                self._measured[index] = 1
                changed |= self.heights.set(index, len(self.layout(index).lines)) != 0
        return changed

    def layout(self, index: int) -> RowLayout:
        """The lines of a row."""
        item = self.items[index]
        key = key_of(item)
        self._seen_at.put(key, index)
        known = self._layouts.get(key)
        place = header_of(item, self._before(index), self.context, new_after=self.new_after, apart=self._apart(index))
        answers = item.message.reply_to if isinstance(item, Row) else None
        answered = self.context.message_of(answers) if answers is not None else None
        if known is not None and known[0] is item and known[1] == place and known[2] is answered:
            return known[3]
        layout = layout_row(item, place, self.context, self.width, raw=key in self._raw, whole=key in self._whole)
        self._layouts.put(key, (item, place, answered, layout))
        return layout

    def links_of(self, row: Row) -> tuple[str, ...]:
        """The addresses in a row's text, in order, each once."""
        index = self.index_of(row.key)
        return tuple(dict.fromkeys(each.address for each in self.layout(index).links)) if index is not None else ()

    def index_of(self, key: str, order: int | None = None) -> int | None:
        """Find an item's place by its key; `order` is its `order_of` from when it was seen last."""
        if order is not None:
            near = self.first_after(order - 1)
            if near < len(self.items) and key_of(self.items[near]) == key:
                return near
        known = self._seen_at.get(key)  # the row under the cursor is asked for with every line that is drawn
        if known is not None and known < len(self.items) and key_of(self.items[known]) == key:
            return known
        backwards = range(len(self.items) - 1, -1, -1)
        found = next((index for index in backwards if key_of(self.items[index]) == key), None)
        if found is not None:
            self._seen_at.put(key, found)
        return found

    def first_after(self, message_id: int) -> int:
        """The first row whose message is newer than `message_id` (pending ones count as newest), or the end."""
        low, high = 0, len(self.items)
        while low < high:
            middle = (low + high) // 2
            if order_of(self.items[middle]) <= message_id:
                low = middle + 1
            else:
                high = middle
        return low

    def newest_id(self) -> int:
        """The id of the newest message that the server has, or 0."""
        return next((item.message.id for item in reversed(self.items) if isinstance(item, Row) and item.message.id), 0)

    def message(self, message_id: int) -> Message | None:
        """A message that is among the rows."""
        index = self.first_after(message_id - 1)
        item = self.items[index] if index < len(self.items) else None
        return item.message if isinstance(item, Row) and item.message.id == message_id else None

    def _apart(self, index: int) -> bool:
        """Whether something that isn't loaded stands directly before a row."""
        return index > 0 and isinstance(self.items[index - 1], Gap)

    def _before(self, index: int) -> Item | None:
        """The row before a row, across a gap."""
        before = index - 2 if self._apart(index) else index - 1
        return self.items[before] if before >= 0 else None

    def _estimate(self, index: int) -> int:
        if not self._known:
            return 1
        item = self.items[index]
        before = self.items[index - 1] if index else None
        alike = isinstance(item, Row) and isinstance(before, Row) and before.message.sender_id == item.message.sender_id
        return estimate(item, RowHeader(heading=not alike), self.width)

    def _doubt(self, index: int) -> None:
        if 0 <= index < len(self._measured):
            self._measured[index] = 0

    def _again(self) -> None:
        self._layouts.clear()
        self._measured = bytearray(len(self.items))
        self.heights = RowHeights(self._estimate(index) for index in range(len(self.items)))


def order_of(item: Item) -> int:
    """A number by which items ascend: the message's id; a gap stands with the message before it, pending ones last."""
    if isinstance(item, Gap):
        return item.after_id
    return item.message.id or 1 << 62


def _alike(some: Sequence[Item], others: Sequence[Item], most: int) -> int:
    """How many items are the same objects from the beginning on."""
    for index in range(most):
        if some[index] is not others[index]:
            return index
    return most
