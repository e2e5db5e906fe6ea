"""Messages of screens to the app, which goes from one screen to another."""

from __future__ import annotations

from textual.message import Message

from asnity_tui.client.storage.accounts import SavedAccount


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
