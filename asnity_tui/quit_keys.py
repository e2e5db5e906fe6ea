"""Quitting by the keys that hands know from shells: the first press says how, the second quits."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.timer import Timer

AGAIN = 5.0
"""Seconds for which the same key once more quits: as long as that is said."""


class QuitKeys:
    """Counts ctrl+c where nothing is selected that it could copy, and ctrl+d where there is nothing to delete."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._said: Timer | None = None

    def press(self, key: str) -> None:
        """Say how to quit, or do it."""
        if self._said is None:
            self._app.notify(f"{key} again quits. Drafts and unsent messages are kept.", timeout=AGAIN, markup=False)
            self._said = self._app.set_timer(AGAIN, self.reset)
        else:
            self.reset()
            self._app.run_worker(self._app.action_quit(), group="quit", exclusive=True, exit_on_error=False)

    def reset(self) -> None:
        """Begin anew: something else was done, or nothing for a while."""
        if self._said is not None:
            self._said.stop()
            self._said = None
