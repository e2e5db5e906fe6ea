"""A Textual program that shows one label, to compare the first paint with."""

from textual.app import App, ComposeResult
from textual.widgets import Label


class LabelApp(App[None]):
    """One label."""

    def compose(self) -> ComposeResult:
        """The label."""
        yield Label("one label")


LabelApp().run()
