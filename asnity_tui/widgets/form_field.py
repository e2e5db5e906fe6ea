"""A field of a form: its name, a line of text, and below it in full what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from asnity_server.protocol.errors import Invalid
from asnity_tui.widgets.text.safe_text import harmless, harmless_line
from asnity_tui.widgets.text.styles import Span

from .safe_input import SafeInput
from .text_bar import TextBar

Values: TypeAlias = Mapping[str, str]
"""The values of a form, by the names of its fields; a ticked box is "yes", an empty one ""."""


class FormField(Vertical):
    """A name above an input line, a remark beside the name; an error stands below, wrapped, however long it is."""

    def __init__(
        self, name: str, label: str, *, value: str = "", placeholder: str = "", secret: bool = False, remark: str = ""
    ) -> None:
        super().__init__(id=f"field-{name}")
        self.field = name
        self.secret = secret
        self.label = label
        self.remark = remark
        self._bar = TextBar(classes="field-label")
        self._error = Static("", classes="field-error", markup=False)
        self.error = ""
        """The complaint about the value, if there is any."""
        self._begin_with = value
        kind = Input if secret else SafeInput  # of a secret nothing shows, and each character counts
        self.input: Input = kind(placeholder=placeholder, password=secret, compact=True, select_on_focus=False)

    def compose(self) -> ComposeResult:
        """Yield label, input, error."""
        yield self._bar
        yield self.input
        yield self._error

    def on_mount(self) -> None:
        """Say the name; only now, an input can't take a value before there is a screen."""
        self.complain("")
        if self._begin_with:
            self.value = self._begin_with

    @property
    def value(self) -> str:
        """The text that was typed; control characters can't be typed, but pasted."""
        return harmless(self.input.value)

    @value.setter
    def value(self, text: str) -> None:
        """Put something there."""
        self.input.value = harmless_line(text)

    def complain(self, text: str) -> None:
        """Say what is wrong, or with nothing that nothing is."""
        self.error = harmless(text)
        self._bar.say([Span(self.label, "plain"), Span(f"  {self.remark}" if self.remark else "", "dim")])
        self._error.update(Content(self.error))
        self._error.display = bool(self.error)
        self.set_class(bool(text), "-wrong")

    def reveal(self, shown: bool) -> None:
        """Show a secret in the clear, or hide it again."""
        self.input.password = self.secret and not shown


def whole_number(text: str, field: str) -> int | None:
    """Read a whole number, or None where nothing was typed. Raises `Invalid`."""
    text = text.strip()
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 1_000_000:
        raise Invalid("Enter a whole number.", field=field)
    return int(text)
