"""Offers to send what can't be written to this machine's disk, which then nothing remembers but the window."""

from __future__ import annotations

from collections.abc import Callable

from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.widgets.text.styles import Span, spans

from .completion_list import Offering


class Unkept(Offering, part=True):
    """What couldn't be saved waits for a key that sends it all the same; from then on that is done unasked."""

    _again: Callable[[], object] | None = None
    """Does once more what couldn't be saved."""

    def tell_not_done(self, error: Exception, channel_id: str, again: Callable[[], object]) -> None:
        """Say why something wasn't done, and with which key `again` does it without saving."""
        told = error_text(error)
        if isinstance(error, StorageError) and self.session.may_send_unkept(channel_id):
            self._again = again
            told = f"{told} alt+r sends it without saving."
            self.say_writing()
        self.notify(told, severity="error", markup=False)

    def send_unkept(self) -> bool:
        """Do without saving what is offered; False if nothing is."""
        again = self._again
        if again is None:
            return False
        self.session.sends_unkept = True
        self.offer_no_more()
        again()
        return True

    def offer_no_more(self) -> None:
        """What was offered is done, or isn't wanted any more."""
        if self._again is not None:
            self._again = None
            self.say_writing()

    def unkept_words(self) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """What is offered, for the line above the composer; empty if nothing is."""
        if self._again is None:
            return (), ()
        left = spans(("   ", "plain"), ("Not sent: it can't be saved.", "accent"))
        return left, spans(("alt+r", "hint-key"), (" send anyway ", "dim"))

    def say_writing(self) -> None:
        """What is said above the composer of what is written there."""
        raise NotImplementedError
