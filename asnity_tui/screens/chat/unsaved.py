"""Offers to send what can't be written to this machine's disk, which then nothing remembers but the window."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.sync.session import Session


class UnsavedOffer:
    """Keeps what couldn't be saved for a key that sends it all the same; from then on that is done unasked."""

    def __init__(self, host: Widget, session: Session, *, changed: Callable[[], None]) -> None:
        """`changed` is called when something is offered, or isn't any more."""
        self._host = host
        self._session = session
        self._changed = changed
        self._again: Callable[[], object] | None = None
        """Does once more what couldn't be saved."""

    def __bool__(self) -> bool:
        return self._again is not None

    def report(self, error: Exception, channel_id: str, again: Callable[[], object]) -> None:
        """Say why something wasn't done, and with which key `again` does it without saving."""
        told = error_text(error)
        if isinstance(error, StorageError) and self._session.may_send_unkept(channel_id):
            self._again = again
            told = f"{told} alt+r sends it without saving."
            self._changed()
        self._host.notify(told, severity="error", markup=False)

    def accept(self) -> bool:
        """Do without saving what is offered; False if nothing is."""
        again = self._again
        if again is None:
            return False
        self._session.sends_unkept = True
        self.withdraw()
        again()
        return True

    def withdraw(self) -> None:
        """Offer nothing any more: it is done, or isn't wanted."""
        if self._again is not None:
            self._again = None
            self._changed()
