"""A dialog that shows a text, such as a topic that the header has no room for."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from asnity_tui.widgets.dialog_button import DialogButton
from asnity_tui.widgets.text.safe_text import harmless

from .dialog import Dialog


class TextDialog(Dialog[None]):
    """A text that doesn't fit elsewhere, to read and to close."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title)
        self._text = text

    def body(self) -> ComposeResult:
        """Yield the text, whole."""
        yield Static(Content(harmless(self._text)), classes="dialog-text")
        with Horizontal(classes="dialog-buttons"):
            yield DialogButton("Close", id="close")

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)
