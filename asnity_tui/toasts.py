"""Keeps toasts few: whoever makes many things happen fills neither the screen nor the memory with them."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.notifications import Notify

TOASTS_MAX = 20
"""Toasts at the same time: more than fit on most screens."""


def make_room(app: App[Any], event: Notify) -> None:
    """Let a new toast replace the oldest one that only informs; where there are too many, leave out one that does."""
    shown = list(app._notifications)
    if len(shown) < TOASTS_MAX:
        return
    if event.notification.severity == "information":
        event.prevent_default()
    else:
        oldest = next((each for each in shown if each.severity == "information"), shown[0])
        app._unnotify(oldest, refresh=False)
