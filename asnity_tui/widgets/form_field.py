"""A field of a form: its name, the place to type, and what is wrong with it right beside its name."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from .inks import Word
from .line_bar import LineBar
from .line_field import LineField
from .safe_text import harmless, harmless_line


class FormField(Vertical):
    """A name above an input line; errors and remarks stand beside the name."""

    def __init__(
        self, name: str, label: str, *, value: str = "", placeholder: str = "", secret: bool = False, remark: str = ""
    ) -> None:
        super().__init__(id=f"field-{name}")
        self.field = name
        self.label = label
        self.remark = remark
        self._bar = LineBar(classes="field-label")
        self._begin_with = value
        kind = Input if secret else LineField  # of a secret nothing shows, and each character counts
        self.input: Input = kind(placeholder=placeholder, password=secret, compact=True, select_on_focus=False)

    def compose(self) -> ComposeResult:
        """Label, then input."""
        yield self._bar
        yield self.input

    def on_mount(self) -> None:
        """Say the name; only now, an input can't take a value before there is a screen."""
        self.complain("")
        if self._begin_with:
            self.value = self._begin_with

    @property
    def value(self) -> str:
        """What was typed; control characters can't be typed, but pasted."""
        return harmless(self.input.value)

    @value.setter
    def value(self, text: str) -> None:
        """Put something there."""
        self.input.value = harmless_line(text)

    def complain(self, text: str) -> None:
        """Say what is wrong, or with nothing that nothing is."""
        said = (
            Word(f"  {harmless_line(text)}", "error")
            if text
            else Word(f"  {self.remark}" if self.remark else "", "dim")
        )
        self._bar.say([Word(self.label, "plain"), said])
        self.set_class(bool(text), "-wrong")
