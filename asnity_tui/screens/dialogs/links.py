"""A dialog that shows a link, with a key that copies it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from asnity_server.protocol.address_scope import AddressScope, scope_of_address
from asnity_tui.commands.bindings import Wanted
from asnity_tui.widgets.dialog_button import DialogButton
from asnity_tui.widgets.text.safe_text import harmless_line

from .dialog import Dialog

_REMARKS: dict[AddressScope, str] = {
    "machine": "This link only works on the server's own machine. The server administrator can set --public-url.",
    "network": "This link only works in the server's own network. The server administrator can set --public-url.",
}
"""Remarks to links that don't work everywhere."""


class LinkDialog(Dialog[None]):
    """Shows a link until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", "Copy", id="link.copy", show=False)]

    def __init__(self, title: str, link: str) -> None:
        super().__init__(title)
        self._link = harmless_line(link)

    def hints(self) -> Wanted:
        """Name the keys that copy and close."""
        return (("link.copy", "copy"), ("dialog.close", "close"))

    def body(self) -> ComposeResult:
        """Yield the link, whole."""
        yield Static(Content(self._link), id="link")
        remark = _REMARKS.get(scope_of_address(self._link))
        if remark is not None:
            yield Static(Content(remark), id="link-remark")
        with Horizontal(classes="dialog-buttons"):
            yield DialogButton("Copy", id="copy", variant="primary")
            yield DialogButton("Close", id="close")

    @on(Button.Pressed, "#copy")
    def action_copy(self) -> None:
        """Put it on the clipboard."""
        self.app.copy_to_clipboard(self._link)

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)
