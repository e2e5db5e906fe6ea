"""Messages of screens to the app, which goes from one screen to another."""

from __future__ import annotations

from textual.message import Message

from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.screens.chat.typeahead import TypedAhead


class SignInCompleted(Message):
    """Somebody has signed in or up."""

    def __init__(self, saved: SavedAccount, *, new: bool = False) -> None:
        """`new`: the account was made just now."""
        super().__init__()
        self.saved = saved
        self.new = new


class DemoRequested(Message):
    """Somebody wants to try the demo."""


class SignOutRequested(Message):
    """The person wants to forget this account here."""


class CommandSubmitted(Message):
    """A slash command was submitted."""

    def __init__(self, name: str, rest: str, text: str, channel_id: str | None, ahead: TypedAhead | None) -> None:
        """`name` is a command; `text` all that was written, in the channel `channel_id`.

        What is typed behind it waits in `ahead`, if it may lead elsewhere.
        """
        super().__init__()
        self.name = name
        self.rest = rest
        self.text = text
        self.channel_id = channel_id
        self.ahead = ahead
