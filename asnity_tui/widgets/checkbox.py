"""A checkbox whose state shows by more than its colour."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from asnity_tui.widgets.text.styles import spans

from .text_bar import TextBar


class Checkbox(TextBar, can_focus=True):
    """`[ ] label` or `[x] label`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", "Tick", id="tick-box.turn", show=False),
        Binding("enter", "go_on", "Go on", id="tick-box.go-on", show=False),
    ]

    class Changed(Message):
        """It was ticked, or not any more."""

        def __init__(self, box: Checkbox) -> None:
            super().__init__()
            self.box = box

        @property
        def control(self) -> Checkbox:
            """The box, for selectors."""
            return self.box

    class Submitted(Changed):
        """Enter: as in a field, go on to what is next."""

    def __init__(self, label: str, *, value: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.value = value
        self._label = label

    def on_mount(self) -> None:
        """Show it."""
        self._show()

    def on_focus(self) -> None:
        """Show where the keys act."""
        self._show()

    def on_blur(self) -> None:
        """Show where they don't."""
        self._show()

    def on_click(self) -> None:
        """Tick it, or not."""
        self.action_turn()

    def action_turn(self) -> None:
        """Tick it, or not."""
        self.value = not self.value
        self._show()
        self.post_message(self.Changed(self))

    def action_go_on(self) -> None:
        """Leave it as it is, and go on."""
        self.post_message(self.Submitted(self))

    def _show(self) -> None:
        bar = "▌" if self.has_focus else " "
        self.say(spans((bar, "accent"), ("[x]" if self.value else "[ ]", "strong"), (f" {self._label}", "plain")))
