"""A question with two answers, by keys that belong to no word."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from asnity_tui.commands.bindings import Wanted
from asnity_tui.widgets.dialog_button import DialogButton
from asnity_tui.widgets.text.safe_text import harmless

from .dialog import Dialog


class Confirm(Dialog[bool]):
    """A question with two answers, given with Enter and Esc: no letter answers it, as it may belong to a word.

    Whoever types has overlooked the question: Enter, which would end the sentence, changes nothing then.
    """

    about_messages: ClassVar[bool] = True
    """Its answer may name a message."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,down", "app.focus_next", "Next button", id="question.next", show=False),
        Binding("left,up", "app.focus_previous", "Previous button", id="question.previous", show=False),
    ]

    def __init__(self, title: str, text: str, *, yes: str, no: str = "Cancel", grave: bool = False) -> None:
        """`grave`: nothing brings back what it does, so that Enter alone doesn't do it: → comes before."""
        super().__init__(title)
        self._text, self._yes, self._no, self._grave = text, yes, no, grave

    def body(self) -> ComposeResult:
        """Yield the question and its answers."""
        yield Static(Content(harmless(self._text)), classes="dialog-text")
        with Horizontal(classes="dialog-buttons"):
            yield DialogButton(self._no, id="no")
            yield DialogButton(self._yes, id="yes", variant="error" if self._grave else "primary")

    def on_mount(self) -> None:
        """Begin at what was asked for, unless nothing brings back what it does."""
        self.query_one("#no" if self._grave else "#yes").focus()

    def hints(self) -> Wanted:
        """Name the keys of both answers."""
        return (("enter", self._chosen), ("dialog.close", self._no.lower()), ("question.next", "other answer"))

    @property
    def _chosen(self) -> str:
        """Name what Enter would do."""
        focused = self.focused
        return (self._no if focused is not None and focused.id == "no" else self._yes).lower()

    def on_key(self, event: events.Key) -> None:
        """Let a letter answer nothing; Enter after it is the end of a sentence."""
        if event.is_printable:
            self.set_focus(self.query_one("#no"))

    def on_paste(self) -> None:
        """Let a pasted text answer as little as a typed one."""
        self.set_focus(self.query_one("#no"))

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")
