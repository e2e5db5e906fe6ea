"""Questions that return an answer: the frame of all dialogs, a yes or no, and a form."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, Literal, TypeVar

from textual import events, on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.sync.session import words
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.commands.keys_in_force import Wanted
from asnity_tui.screens.worker_errors import TellsFailures
from asnity_tui.widgets.checkbox import TickBox
from asnity_tui.widgets.choice import Choice
from asnity_tui.widgets.form_field import FormField
from asnity_tui.widgets.text.safe_text import harmless

from .hint_bar import HintBar
from .modal import Modal

T = TypeVar("T")

Values = Mapping[str, str]
"""What was typed into a form, by the names of its fields; a ticked box is "yes", an empty one ""."""


class Dialog(Modal[T | None], Generic[T]):
    """A panel over the dimmed screen; Escape gives up and answers nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Close", id="dialog.close", show=False)]

    def __init__(self, title: str) -> None:
        super().__init__()
        self.dialog_title = title

    def compose(self) -> ComposeResult:
        """The title, then what the dialog is about."""
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(Content(harmless(self.dialog_title)), classes="dialog-title")
            yield from self.body()
        yield HintBar(self.hints)

    def hints(self) -> Wanted:
        """The keys that matter here."""
        return (("dialog.close", "close"),)

    def body(self) -> ComposeResult:
        """What stands below the title."""
        yield from ()

    def action_give_up(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class Confirm(Dialog[bool]):
    """A question with two answers, given with Enter and Esc: no letter answers it, as it may belong to a word.

    Whoever types has overlooked the question: Enter, which would end the sentence, changes nothing then.
    """

    about_messages: ClassVar[bool] = True
    """What it answers may name a message: it can't stay where the server is restored meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,down", "app.focus_next", "Next button", id="question.next", show=False),
        Binding("left,up", "app.focus_previous", "Previous button", id="question.previous", show=False),
    ]

    def __init__(self, title: str, text: str, *, yes: str, no: str = "Cancel", grave: bool = False) -> None:
        """`grave`: nothing brings back what it does, so that Enter alone doesn't do it: → comes before."""
        super().__init__(title)
        self._text, self._yes, self._no, self._grave = text, yes, no, grave

    def body(self) -> ComposeResult:
        """The question and its answers."""
        yield Static(Content(harmless(self._text)), classes="dialog-text")
        with Horizontal(classes="dialog-buttons"):
            yield Choice(self._no, id="no")
            yield Choice(self._yes, id="yes", variant="error" if self._grave else "primary")

    def on_mount(self) -> None:
        """Begin at what was asked for, unless nothing brings back what it does."""
        self.query_one("#no" if self._grave else "#yes").focus()

    def hints(self) -> Wanted:
        """Both answers."""
        return (("enter", self._chosen), ("dialog.close", self._no.lower()), ("question.next", "other answer"))

    @property
    def _chosen(self) -> str:
        """What Enter would do."""
        focused = self.focused
        return (self._no if focused is not None and focused.id == "no" else self._yes).lower()

    def on_key(self, event: events.Key) -> None:
        """A letter answers nothing; Enter behind it is the end of a sentence."""
        if event.is_printable:
            self.set_focus(self.query_one("#no"))

    def on_paste(self) -> None:
        """A pasted text answers as little as a typed one."""
        self.set_focus(self.query_one("#no"))

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


class Told(Dialog[None]):
    """A text that doesn't fit elsewhere, to read and to close."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title)
        self._text = text

    def body(self) -> ComposeResult:
        """The text, whole."""
        yield Static(Content(harmless(self._text)), classes="dialog-text")
        with Horizontal(classes="dialog-buttons"):
            yield Choice("Close", id="close")

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)


class Form(TellsFailures, Dialog[T]):
    """Fields to fill in; what the server refuses is said beside the field that it refused.

    `submit` gets the values and answers the dialog's result; whatever it raises of what asks the server is shown, and
    the form stays.
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[FormField],
        submit: Callable[[Values], Awaitable[T]],
        *,
        text: str = "",
        button: str = "OK",
        boxes: Sequence[tuple[str, str]] = (),
        ticked: Collection[str] = (),
        grave: bool = False,
    ) -> None:
        """`boxes` are names and labels of boxes to tick, of which some are `ticked` to begin with.

        `grave`: what it does takes something away from somebody.
        """
        super().__init__(title)
        self._fields, self._submit, self._text, self._button = fields, submit, text, button
        self._boxes, self._ticked, self._grave = boxes, ticked, grave

    def body(self) -> ComposeResult:
        """Text, fields, boxes, buttons."""
        if self._text:
            yield Static(Content(harmless(self._text)), classes="dialog-text")
        yield from self._fields
        for name, label in self._boxes:
            yield TickBox(label, value=name in self._ticked, id=f"box-{name}")
        if any(each.secret for each in self._fields):
            yield TickBox("Show what is typed", id="reveal")
        yield Static("", id="dialog-error")
        with Horizontal(classes="dialog-buttons"):
            yield Choice("Cancel", id="no")
            variant: Literal["primary", "error"] = "error" if self._grave else "primary"
            yield Choice(self._button, id="yes", variant=variant)

    def on_mount(self) -> None:
        """Begin at the first field."""
        if self._fields:
            self._fields[0].input.focus()

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        """Enter goes to the next empty field, and from the last one off."""
        following = self._fields[[each.input for each in self._fields].index(event.input) + 1 :]
        empty = next((each for each in following if not each.input.value), None)
        if empty is not None:
            empty.input.focus()
        else:
            self._send()

    @on(TickBox.Submitted)
    def _go_on(self) -> None:
        self._send()

    @on(TickBox.Changed, "#reveal")
    def _reveal(self, event: TickBox.Changed) -> None:
        for each in self._fields:
            each.reveal(event.box.value)

    def hints(self) -> Wanted:
        """From field to field, and off."""
        sends = isinstance(self.focused, Input)
        return (("enter", "next" if sends else "choose"), ("dialog.close", "cancel"), ("tab", "next field"))

    @on(Button.Pressed, "#no")
    def _cancel(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#yes")
    def _pressed(self) -> None:
        self._send()

    @work(exclusive=True, group="submit", exit_on_error=False)
    async def _send(self) -> None:
        """Ask the server; Escape gives up waiting for it."""
        values = {each.field: each.value for each in self._fields}
        values |= {name: "yes" if self.query_one(f"#box-{name}", TickBox).value else "" for name, _ in self._boxes}
        self._complain(None, "")
        button = self.query_one("#yes", Button)
        button.disabled = True
        asked = asyncio.ensure_future(self._submit(values))
        try:
            result = await asyncio.shield(asked)
        except asyncio.CancelledError:  # the dialog is closed, but what it asked for is on its way
            asked.add_done_callback(partial(_tell_late, self.app, self.dialog_title))
            raise
        except AsnityError as error:
            self._complain(error.info.field, words(error))
        except (NoAnswer, Unreachable) as error:
            self._complain(None, words(error))
        else:
            self.dismiss(result)
        finally:
            button.disabled = False

    def _complain(self, field: str | None, text: str) -> None:
        found = False
        for each in self._fields:
            wrong = each.field == field
            each.complain(text if wrong else "")
            found |= wrong
            if wrong and text:
                each.input.focus()
        self.query_one("#dialog-error", Static).update(Content("" if found else harmless(text)))


def _tell_late(app: App[Any], title: str, asked: asyncio.Future[Any]) -> None:
    """Say what became of what a dialog asked for that was closed meanwhile."""
    error = None if asked.cancelled() else asked.exception()
    if asked.cancelled() or not app.is_running:
        return
    told = words(error) if isinstance(error, Exception) else "Done, although the dialog was closed."
    app.notify(harmless(f"{title}: {told}"), severity="warning" if error else "information", markup=False)
