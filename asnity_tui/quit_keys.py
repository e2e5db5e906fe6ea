"""Leaving by the keys that hands know from shells: the first says how, the second leaves."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.screen import ModalScreen
from textual.timer import Timer

from asnity_tui.widgets.timeline.part import Part

from .toasts import FewToasts

AGAIN = 5.0
"""Seconds for which the same key once more leaves: as long as that is said."""


class Leaving(FewToasts, Part, App[None], part=True):
    """ctrl+c where nothing is selected that it could copy, and ctrl+d where there is nothing to delete."""

    _said: Timer | None = None

    def action_help_quit(self) -> None:
        """Say how to quit, or do it. (Textual binds ctrl+c to this where nothing nearer wants it.)"""
        self._leave("ctrl+c")

    def key_ctrl_c(self) -> None:
        """Do the same in dialogs, which no binding of the app reaches."""
        self._leave("ctrl+c")

    def key_ctrl_d(self) -> None:
        """End the input: in an empty composer, or where nothing is written."""
        screen: Any = self.screen
        if not isinstance(screen, ModalScreen):
            self._leave("ctrl+d")

    def _leave(self, key: str) -> None:
        if self._said is None:
            self.notify(f"{key} again quits. Drafts and unsent messages are kept.", timeout=AGAIN, markup=False)
            self._said = self.set_timer(AGAIN, self.stay)
        else:
            self.stay()
            self.run_worker(self.action_quit(), group="quit", exclusive=True, exit_on_error=False)

    def stay(self) -> None:
        """Something else was done, or nothing for a while."""
        if self._said is not None:
            self._said.stop()
            self._said = None
