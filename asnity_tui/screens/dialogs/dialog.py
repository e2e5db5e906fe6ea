"""The frame of all dialogs: a panel over the dimmed screen that closes once, however fast keys come."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from asnity_tui.commands.bindings import Wanted
from asnity_tui.screens.toast_rack import hide_toasts
from asnity_tui.widgets.text.safe_text import harmless

from .hint_bar import HintBar

T = TypeVar("T")


class Modal(ModalScreen[T], Generic[T]):
    """A screen that lies over another one."""

    about_messages: ClassVar[bool] = False
    """Its answer may name a message: it is closed where the server is restored meanwhile."""

    _is_answered = False

    def on_screen_suspend(self) -> None:
        """Leave the toasts to the screen that lies over this one."""
        hide_toasts(self)

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close with an answer. A second one, from a key that came with the first, is too late."""
        if self._is_answered:
            return AwaitComplete()
        self._is_answered = True
        return super().dismiss(result)


class Dialog(Modal[T | None], Generic[T]):
    """A panel over the dimmed screen; Escape gives up and answers nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Close", id="dialog.close", show=False)]

    def __init__(self, title: str) -> None:
        super().__init__()
        self.dialog_title = title

    def compose(self) -> ComposeResult:
        """Yield the title and the body, and the keys below."""
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(Content(harmless(self.dialog_title)), classes="dialog-title")
            yield from self.body()
        yield HintBar(self.hints)

    def hints(self) -> Wanted:
        """Name the keys that matter here."""
        return (("dialog.close", "close"),)

    def body(self) -> ComposeResult:
        """Yield the widgets below the title."""
        yield from ()

    def action_give_up(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
