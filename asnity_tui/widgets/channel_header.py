"""The line above the messages: channel and topic, and a click on it that asks for the whole topic."""

from __future__ import annotations

from textual.message import Message

from asnity_tui.state.channel import ChannelState
from asnity_tui.state.people import others_in
from asnity_tui.state.store import Store
from asnity_tui.widgets.text.safe_text import harmless_line

from .text_bar import TextBar


class ChannelHeader(TextBar):
    """Drawn like any other line; what it says is cut where there is no room."""

    class Clicked(Message):
        """Somebody wants to read all of it."""

    def on_click(self) -> None:
        """Tell it."""
        self.post_message(self.Clicked())


def topic_of(store: Store, channel: ChannelState) -> str:
    """A channel's topic, or the status of the one person of a direct channel."""
    return harmless_line(channel.channel.topic or _status(store, channel))


def _status(store: Store, channel: ChannelState) -> str:
    others = others_in(store, channel)
    user = store.users.get(others[0]) if len(others) == 1 else None
    return user.status_text if user is not None else ""
