"""The account that is signed in, with its session: opened, given a new token, forgotten and closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from asnity_tui.client.sign_in import Authenticator
from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.client.sync.session import Session

Severity = Literal["warning", "error"]


class CurrentAccount:
    """At most one account at a time."""

    def __init__(
        self, authenticator: Authenticator, *, undo_seconds: int, tell: Callable[[str, Severity], None]
    ) -> None:
        """`undo_seconds` is for how long a new message can be taken back; `tell` shows a sentence."""
        self.authenticator = authenticator
        self.saved: SavedAccount | None = None
        self.session: Session | None = None
        self._undo_seconds = undo_seconds
        self._tell = tell

    def open(self, saved: SavedAccount, authenticator: Authenticator) -> Session:
        """Open the session of an account; it connects when it is started."""
        self.saved, self.authenticator = saved, authenticator
        self.session = authenticator.open_session(saved)
        self.session.hold_ms = self._undo_seconds * 1000
        return self.session

    def keep_token(self, token: str) -> None:
        """Keep the token of a person who signed in again."""
        if self.saved is None:
            return
        old = self.saved
        self.saved = SavedAccount(server=old.server, user_id=old.user_id, username=old.username, token=token)
        try:
            self.authenticator.keep(self.saved)
        except OSError as error:
            self._tell(f"You have to sign in again at the next start: {error.strerror}", "warning")

    def forget(self) -> None:
        """Remove the account from this machine, after it was signed out."""
        saved, self.saved, self.session = self.saved, None, None
        if saved is None:
            return
        try:
            self.authenticator.forget(saved)
        except OSError as error:
            self._tell(f"The account couldn't be removed from this machine: {error.strerror}", "error")

    async def close(self) -> None:
        """Close the session."""
        if self.session is not None:
            await self.session.close()
