"""The place of toasts: above the text that is written, and on the uppermost screen alone."""

from __future__ import annotations

from typing import Any

from textual.css.scalar import Scalar
from textual.screen import Screen
from textual.widgets._toast import ToastRack  # there is no public name for it


def hide_toasts(screen: Screen[Any]) -> None:
    """Show no toasts on a screen that another one covers, so that none shows twice; Textual brings them back."""
    for rack in screen.query_children(ToastRack):
        rack.display = False


def end_toasts_at(screen: Screen[Any], line: int) -> None:
    """Have toasts end above a line of the screen."""
    for rack in screen.query_children(ToastRack):
        room = max(1, line - rack.styles.margin.top)
        if rack.styles.max_height != Scalar.from_number(room):
            rack.styles.max_height = room
