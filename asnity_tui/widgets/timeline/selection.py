"""Marking several messages of the timeline, from one to wherever the cursor goes, or text with the mouse."""

from __future__ import annotations

from textual.selection import Selection

from asnity_tui.state.rows import Row

from .anchored_scroll import AnchoredScroll
from .layout import RenderContext
from .paint import span_in
from .row_index import key_of, order_of


class MessageRange(AnchoredScroll, part=True):
    """Rows of which a range may be marked; one end of it is the cursor."""

    def __init__(self, context: RenderContext, *, id: str | None = None) -> None:
        super().__init__(context, id=id)
        self._marked_from: str | None = None

    @property
    def is_marking(self) -> bool:
        """Whether a range is being marked."""
        return self._marked_from is not None

    def action_range(self) -> None:
        """Begin to mark a range at the cursor, or leave it."""
        self._marked_from = self.cursor if self._marked_from is None else None
        if self._marked_from is not None:
            self.notify("y copies from here to the cursor, > as a quote, Esc ends.", timeout=3, markup=False)
        self.refresh()

    def marked(self) -> range:
        """The rows that are marked: from where it began to the cursor, or the cursor's alone."""
        ends = [self.rows.index_of(key) for key in (self._marked_from, self.cursor) if key is not None]
        found = [index for index in ends if index is not None]
        return range(min(found), max(found) + 1) if found else range(0)

    @property
    def chosen(self) -> tuple[Row, ...]:
        """The messages that are marked, or the one under the cursor."""
        items = (self.rows.items[index] for index in self.marked())
        return tuple(item for item in items if isinstance(item, Row))

    def unfold(self, index: int) -> bool:
        """Show all of a long message, its beginning where it stands; whether there is more of it to show."""
        if self.rows.layout(index).folded is None:
            return False
        place = self.rows.heights.top(index) - self.scroll_offset.y
        self.rows.unfold(key_of(self.rows.items[index]))
        self.hold(index, 0, max(0, place))
        return True

    # Text that is selected with the mouse

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw what is selected now."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text: of open ends, what shows; lines that were only wrapped are whole again."""
        first, end = self.in_sight()
        if selection.start is not None:
            first = self.rows.first_behind(selection.start.y - 1)
        if selection.end is not None:
            end = self.rows.first_behind(selection.end.y)
        parts = []
        for index in range(first, end):
            layout = self.rows.layout(index)
            span = span_in(selection, order_of(self.rows.items[index]), len(layout.text))
            if span is not None:
                parts.append(layout.text[slice(*span)])
        return ("\n".join(parts), "\n") if parts else None
