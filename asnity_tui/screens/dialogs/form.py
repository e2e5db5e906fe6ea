"""A form: fields to fill in, boxes to tick, and refusals beside the field that they are about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Any, Literal, TypeVar

from textual import on, work
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Input, Static

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.error_text import error_text
from asnity_tui.client.transport.client import RequestError
from asnity_tui.commands.bindings import Wanted
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.screens.worker_errors import ReportsWorkerErrors
from asnity_tui.widgets.checkbox import Checkbox
from asnity_tui.widgets.dialog_button import DialogButton
from asnity_tui.widgets.form_field import FormField, Values
from asnity_tui.widgets.text.safe_text import harmless

from .dialog import Dialog

T = TypeVar("T")


class Form(ReportsWorkerErrors, Dialog[T]):
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
        self._requests = PendingRequests(lambda _: None, self._refused)

    def body(self) -> ComposeResult:
        """Yield text, fields, boxes, buttons."""
        if self._text:
            yield Static(Content(harmless(self._text)), classes="dialog-text")
        yield from self._fields
        for name, label in self._boxes:
            yield Checkbox(label, value=name in self._ticked, id=f"box-{name}")
        if any(each.secret for each in self._fields):
            yield Checkbox("Show what is typed", id="reveal")
        yield Static("", id="dialog-error")
        with Horizontal(classes="dialog-buttons"):
            yield DialogButton("Cancel", id="no")
            variant: Literal["primary", "error"] = "error" if self._grave else "primary"
            yield DialogButton(self._button, id="yes", variant=variant)

    def on_mount(self) -> None:
        """Begin at the first field."""
        if self._fields:
            self._fields[0].input.focus()

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        """Go on to the next empty field, and from the last one send."""
        following = self._fields[[each.input for each in self._fields].index(event.input) + 1 :]
        empty = next((each for each in following if not each.input.value), None)
        if empty is not None:
            empty.input.focus()
        else:
            self._send()

    @on(Checkbox.Submitted)
    def _go_on(self) -> None:
        self._send()

    @on(Checkbox.Changed, "#reveal")
    def _reveal(self, event: Checkbox.Changed) -> None:
        for each in self._fields:
            each.reveal(event.box.value)

    def hints(self) -> Wanted:
        """Name the keys from field to field, and off."""
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
        values |= {name: "yes" if self.query_one(f"#box-{name}", Checkbox).value else "" for name, _ in self._boxes}
        self._complain(None, "")
        button = self.query_one("#yes", Button)
        button.disabled = True
        asked = asyncio.ensure_future(self._submit(values))
        try:
            result = await self._requests.answer(asyncio.shield(asked), "")
        except asyncio.CancelledError:  # the dialog is closed, but what it asked for is on its way
            asked.add_done_callback(partial(_tell_late, self.app, self.dialog_title))
            raise
        else:
            if result is not None:
                self.dismiss(result)
        finally:
            button.disabled = False

    def _refused(self, told: str, error: RequestError) -> None:
        self._complain(error.info.field if isinstance(error, AsnityError) else None, told)

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
    told = error_text(error) if isinstance(error, Exception) else "Done, although the dialog was closed."
    app.notify(harmless(f"{title}: {told}"), severity="warning" if error else "information", markup=False)
