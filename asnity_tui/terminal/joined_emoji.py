"""Detects whether a terminal draws emoji that are joined of several as one sign."""

from __future__ import annotations

from collections.abc import Mapping

_JOINING = ("xterm-kitty", "xterm-ghostty", "foot", "contour", "wezterm")
_JOINING_PROGRAMS = ("iTerm.app", "WezTerm", "ghostty", "contour")


def joins(environment: Mapping[str, str]) -> bool:
    """Whether the terminal draws a joined emoji as one sign of two cells, as we reckon, by what it says of itself.

    Under a multiplexer two programs reckon, of which we know one at most.
    """
    term = environment.get("TERM", "")
    if multiplexed(environment):
        return False
    return term.startswith(_JOINING) or environment.get("TERM_PROGRAM") in _JOINING_PROGRAMS


def multiplexed(environment: Mapping[str, str]) -> bool:
    """Whether another program stands between us and the terminal, and reckons for itself."""
    inside = any(environment.get(name) for name in ("TMUX", "STY", "ZELLIJ"))
    return inside or environment.get("TERM", "").startswith(("screen", "tmux"))
