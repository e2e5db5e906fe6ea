"""Choosing one of many: a field to narrow the list down, and the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeAlias, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from asnity_server.protocol.text import name_key
from asnity_tui.commands.keys_in_force import Wanted
from asnity_tui.widgets.list_pane import Entry, ListPane
from asnity_tui.widgets.safe_input import LineField
from asnity_tui.widgets.text.safe_text import harmless
from asnity_tui.widgets.text.styles import Word

from .hint_bar import HintBar
from .modal import Modal

T = TypeVar("T")

MOST = 18
"""Rows of a list, where there is room for more."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the many."""

    key: str
    left: tuple[Word, ...]
    right: tuple[Word, ...] = ()
    below: tuple[tuple[Word, ...], ...] = ()
    """More lines that belong to it."""
    also: str = ""
    """Words by which it is found, too, that don't show: each by its beginning, behind what shows."""

    @property
    def text(self) -> str:
        """What the field is compared with."""
        return name_key("".join(word.text for part in (self.left, self.right, *self.below) for word in part))

    def distance(self, words: Sequence[str]) -> int | None:
        """How far words are from what it is called: 0 where its title begins so; None where they don't all fit."""
        shows, also = self.text, f" {name_key(self.also)}"
        if not all(word in shows or f" {word}" in also for word in words):
            return None
        title = name_key("".join(word.text for word in self.left if word.style != "faint"))
        if all(word in title for word in words):
            return 0 if title.startswith(words[0]) else 1
        return 2 if all(f" {word}" in also for word in words) else 3

    def lines(self) -> list[Entry]:
        """It as lines of a list."""
        more = [Entry(None, each, part_of=self.key) for each in self.below]
        return [Entry(self.key, self.left, self.right), *more]


Search: TypeAlias = Callable[[str], Sequence[Option]]


def narrowed(options: Sequence[Option]) -> Search:
    """A search among options: those that have all words of the query, first those that are called so."""

    def search(query: str) -> Sequence[Option]:
        words = [name_key(word) for word in query.split()]
        if not words:
            return options
        found = [(distance, each) for each in options if (distance := each.distance(words)) is not None]
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    return search


class Choose(Modal[T | None], Generic[T]):
    """Answers what `result` makes of the key of the chosen option, or None."""

    about_messages: ClassVar[bool] = True
    """What it answers may name a message: it can't stay where the server is restored meanwhile."""

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
        self.field = LineField(compact=True, id="pick-field")
        self.list = ListPane(id="pick-list")

    def compose(self) -> ComposeResult:
        """The question, the field, the list."""
        with Vertical(classes="dialog pick"):
            yield Static(Content(harmless(self._title)), classes="dialog-title")
            yield self.field
            yield self.list
        yield HintBar(self.hints)

    def hints(self) -> Wanted:
        """Choosing, and not."""
        return (("enter", "choose"), ("pick.close", "close"), ("pick.next", "down"), ("pick.previous", "up"))

    def on_mount(self) -> None:
        """List everything."""
        self.list.cursor_always = True
        self.list.can_focus = False
        self.field.focus()
        self._list("")

    def on_resize(self) -> None:
        """Another size leaves the list other room."""
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
        self.list.show(entries or [Entry(None, (Word(self._nothing, "dim"),))])
        kept = keep is not None and any(each.key == keep for each in entries)
        self.list.put_cursor(keep if kept else (entries[0].key if entries else None))

    def list_again(self) -> None:
        """What there is to choose from changed; the cursor stays on its option."""
        if self.is_mounted:
            self._list(self.field.value, keep=self.list.cursor)

    def result(self, key: str) -> T | None:
        """What choosing the option with this key answers."""
        raise NotImplementedError

    def action_move(self, direction: int) -> None:
        """The next or previous line."""
        self.list.action_move(direction)

    def action_page(self, direction: int) -> None:
        """About a screenful on."""
        self.list.action_page(direction)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.list.action_choose()

    @on(ListPane.Chosen)
    def _chosen(self, event: ListPane.Chosen) -> None:
        event.stop()
        self.dismiss(self.result(event.key))

    def action_give_up(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class Pick(Choose[str]):
    """Answers the key of the chosen option, or None."""

    def result(self, key: str) -> str:
        """The key itself."""
        return key
