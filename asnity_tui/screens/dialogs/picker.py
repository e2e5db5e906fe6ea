"""A list to choose from, with a field that narrows it down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from asnity_tui.commands.bindings import Wanted
from asnity_tui.widgets.list_pane import ListEntry, ListPane
from asnity_tui.widgets.option import Option, Search, narrowed
from asnity_tui.widgets.safe_input import SafeInput
from asnity_tui.widgets.text.safe_text import harmless
from asnity_tui.widgets.text.styles import Span

from .dialog import Modal
from .hint_bar import HintBar

MOST = 18
"""Rows of a list, where there is room for more."""


class Picker(Modal[str | None]):
    """Answers the key of the chosen option, or None."""

    about_messages: ClassVar[bool] = True
    """Its answer may name a message."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Close", id="pick.close", show=False),
        Binding("down,ctrl+n", "move(1)", "Next", id="pick.next", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", "Previous", id="pick.previous", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", id="pick.page-up", show=False, priority=True),
        Binding("pagedown", "page(1)", "Page down", id="pick.page-down", show=False, priority=True),
    ]

    def __init__(self, title: str, options: Sequence[Option] | Search, *, nothing: str = "No matches.") -> None:
        """`options` may be a function that answers what to list for a query."""
        super().__init__()
        self._title = title
        self._search = options if callable(options) else narrowed(options)
        self._nothing = nothing
        self.field = SafeInput(compact=True, id="pick-field")
        self.list = ListPane(id="pick-list")

    def compose(self) -> ComposeResult:
        """Yield the question, the field, the list."""
        with Vertical(classes="dialog pick"):
            yield Static(Content(harmless(self._title)), classes="dialog-title")
            yield self.field
            yield self.list
        yield HintBar(self.hints)

    def hints(self) -> Wanted:
        """Name the keys that choose and close."""
        return (("enter", "choose"), ("pick.close", "close"), ("pick.next", "down"), ("pick.previous", "up"))

    def on_mount(self) -> None:
        """List everything."""
        self.list.cursor_always = True
        self.list.can_focus = False
        self.field.focus()
        self._list("")

    def on_resize(self) -> None:
        """Fit the list to another size."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Let the list end where the screen does: what is below that would be chosen unseen."""
        dialog = self.query_one(".dialog")
        hints = self.query_one(HintBar).region.height
        room = self.size.height - self.list.region.y - dialog.styles.padding.bottom - hints
        self.list.styles.max_height = max(1, min(MOST, room))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._list(event.value)

    def _list(self, query: str, *, keep: str | None = None) -> None:
        options = self._search(query)
        entries = [line for each in options for line in each.lines()]
        self.list.show(entries or [ListEntry(None, (Span(self._nothing, "dim"),))])
        kept = keep is not None and any(each.key == keep for each in entries)
        self.list.put_cursor(keep if kept else (entries[0].key if entries else None))

    def list_again(self) -> None:
        """List other options; the cursor stays on its own."""
        if self.is_mounted:
            self._list(self.field.value, keep=self.list.cursor)

    def action_move(self, direction: int) -> None:
        """Go to the next or previous line."""
        self.list.action_move(direction)

    def action_page(self, direction: int) -> None:
        """Go about a screenful on."""
        self.list.action_page(direction)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.list.action_choose()

    @on(ListPane.Chosen)
    def _chosen(self, event: ListPane.Chosen) -> None:
        event.stop()
        self.dismiss(event.key)

    def action_give_up(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
