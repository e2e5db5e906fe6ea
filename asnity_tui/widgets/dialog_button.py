"""A button of a dialog, in one line; the one with the focus is marked by a sign too, not by its colour alone."""

from __future__ import annotations

from typing import Literal

from textual.content import Content
from textual.widgets import Button

from asnity_tui.widgets.text.safe_text import harmless_line


class DialogButton(Button):
    """A one-line button; the one that Enter would press stands between `▸` and `◂`."""

    def __init__(
        self, label: str, *, id: str | None = None, variant: Literal["default", "primary", "error"] = "default"
    ) -> None:
        super().__init__(Content(harmless_line(label)), id=id, variant=variant, compact=True)
        self.styles.line_pad = 0  # the signs stand there

    def render(self) -> Content:
        """The label between its signs; without the focus there is the same room."""
        before, behind = ("▸", "◂") if self.has_focus else (" ", " ")
        label = self.label if isinstance(self.label, Content) else Content(str(self.label))
        return Content.assemble(before, label, behind)
