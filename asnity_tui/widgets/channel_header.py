"""The line above the messages: channel and topic, and a click on it that asks for the whole topic."""

from __future__ import annotations

from textual.message import Message

from .text_bar import TextBar


class ChannelHeader(TextBar):
    """Drawn like any other line; what it says is cut where there is no room."""

    class Clicked(Message):
        """Somebody wants to read all of it."""

    def on_click(self) -> None:
        """Tell it."""
        self.post_message(self.Clicked())
