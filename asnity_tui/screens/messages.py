"""What screens tell the app: somebody goes from one of them to another."""

from __future__ import annotations

from textual.message import Message

from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.screens.chat.type_ahead import TypedAhead


class SignedIn(Message):
    """Somebody is signed in."""

    def __init__(self, saved: SavedAccount, *, new: bool = False) -> None:
        """`new`: the account was made just now."""
        super().__init__()
        self.saved = saved
        self.new = new


class DemoRequested(Message):
    """Somebody wants to try it first."""


class SignOutRequested(Message):
    """The person leaves this account for good."""


class CommandSubmitted(Message):
    """What was written behind a slash is to be done."""

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
