"""Selects messages of the timeline: the cursor, a marked range from a message to the cursor, and text by the mouse."""

from __future__ import annotations

from textual.selection import Selection

from asnity_tui.state.rows import Item, Row

from .paint import span_in
from .row_index import RowIndex, key_of, order_of


class RowCursor:
    """The row that keys act on, known by its key, so that it stays the same while rows come and go."""

    def __init__(self, rows: RowIndex) -> None:
        self._rows = rows
        self.key: str | None = None

    @property
    def index(self) -> int | None:
        """Its place among the rows; None without a cursor, or where its row is gone."""
        return self._rows.index_of(self.key) if self.key else None

    @property
    def item(self) -> Item | None:
        """The row itself."""
        index = self.index
        return self._rows.items[index] if index is not None else None

    def put(self, index: int) -> None:
        """Move it to a row, if there is one."""
        if 0 <= index < len(self._rows.items):
            self.key = key_of(self._rows.items[index])


class MessageRange:
    """A range of rows: from the one where it was begun to the cursor."""

    def __init__(self, rows: RowIndex, cursor: RowCursor) -> None:
        self._rows = rows
        self._cursor = cursor
        self._start: str | None = None

    @property
    def is_marking(self) -> bool:
        """Whether a range is being marked."""
        return self._start is not None

    def begin(self) -> None:
        """Begin at the cursor."""
        self._start = self._cursor.key

    def end(self) -> None:
        """Leave the range; the cursor stays."""
        self._start = None

    def indexes(self) -> range:
        """The rows that are marked, or the cursor's alone."""
        ends = [self._rows.index_of(key) for key in (self._start, self._cursor.key) if key is not None]
        found = [index for index in ends if index is not None]
        return range(min(found), max(found) + 1) if found else range(0)

    def messages(self) -> tuple[Row, ...]:
        """The messages that are marked, or the one under the cursor."""
        items = (self._rows.items[index] for index in self.indexes())
        return tuple(item for item in items if isinstance(item, Row))


def selected_text(rows: RowIndex, selection: Selection, first: int, end: int) -> str | None:
    """The text that the mouse has selected; an open end is that of the rows `first` to `end` (exclusive).

    Lines that were only wrapped are whole again.
    """
    if selection.start is not None:
        first = rows.first_after(selection.start.y - 1)
    if selection.end is not None:
        end = rows.first_after(selection.end.y)
    parts = []
    for index in range(first, end):
        text = rows.layout(index).text
        span = span_in(selection, order_of(rows.items[index]), len(text))
        if span is not None:
            parts.append(text[slice(*span)])
    return "\n".join(parts) if parts else None
