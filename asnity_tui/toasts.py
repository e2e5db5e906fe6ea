"""Keeps toasts few: whoever makes many things happen fills neither the screen nor the memory with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App
    from textual.notifications import Notify

    _Base = App[None]
else:
    _Base = object

TOASTS_MAX = 20
"""Toasts at the same time: more than fit on most screens."""


class FewToasts(_Base):
    """Shows so many toasts at the same time; what only informs waits for nobody. Not a node itself."""

    def on_notify(self, event: Notify) -> None:
        """Take a toast, in place of the oldest one that only informs; one that only informs is left out itself."""
        shown = list(self._notifications)
        if len(shown) < TOASTS_MAX:
            return
        if event.notification.severity == "information":
            event.prevent_default()
        else:
            oldest = next((each for each in shown if each.severity == "information"), shown[0])
            self._unnotify(oldest, refresh=False)
