"""Telling a person who looks elsewhere that somebody calls: by the terminal's own notification, else by the bell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from .widgets.safe_text import harmless_line

Wish: TypeAlias = Literal["auto", "bell", "off"]

BELL = "\a"

_OSC_9 = frozenset({"iTerm.app", "WezTerm", "ghostty"})
"""Terminals (by TERM_PROGRAM) that show `OSC 9 ; text` as a notification."""


def alert(wish: Wish, environment: Mapping[str, str], text: str) -> str:
    """What to write to the terminal. Inside tmux and screen only the bell gets through."""
    if wish == "off":
        return ""
    multiplexed = "TMUX" in environment or environment.get("TERM", "").startswith(("screen", "tmux"))
    if wish == "bell" or multiplexed:
        return BELL
    if environment.get("TERM_PROGRAM") in _OSC_9:
        return f"\x1b]9;{harmless_line(text)}\x1b\\"
    if environment.get("TERM") == "xterm-kitty":
        return f"\x1b]99;;{harmless_line(text)}\x1b\\"
    return BELL
