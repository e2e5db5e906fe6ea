"""A field for one line: whatever is pasted into it can't control the terminal."""

from __future__ import annotations

from textual.widgets import Input

from asnity_tui.widgets.text.safe_text import harmless


class SafeInput(Input):
    """Textual's, but for what its text may be."""

    def validate_value(self, value: str) -> str:
        """The text as it may be shown: of a paste, somebody else may have chosen every character."""
        return value if value.isascii() and value.isprintable() else harmless(value).replace("\n", " ")
