"""Tells whether the terminal makes links of `OSC 8`, or would show the sequence."""

from __future__ import annotations

from collections.abc import Mapping

_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "ghostty", "vscode", "Hyper", "rio", "WarpTerminal", "tmux"})
"""By TERM_PROGRAM; tmux hands links on since 3.4, and swallows them before."""

_TERMS = ("xterm-kitty", "xterm-ghostty", "foot", "alacritty", "contour", "wezterm", "rio")

VTE_SAFE = 5_000
"""VTE 0.50 is the first that knows the sequence; older ones show it."""

KONSOLE_SAFE = 20_12_00


def works(environment: Mapping[str, str]) -> bool:
    """Whether links may be written; FORCE_HYPERLINK=1 or =0 decides it by hand."""
    forced = environment.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced != "0"
    term = environment.get("TERM", "")
    if term in ("", "dumb", "linux") or (term.startswith("screen") and "TMUX" not in environment):
        return False
    return (
        environment.get("TERM_PROGRAM") in _PROGRAMS
        or term.startswith(_TERMS)
        or "WT_SESSION" in environment
        or _number(environment.get("VTE_VERSION")) >= VTE_SAFE
        or _number(environment.get("KONSOLE_VERSION")) >= KONSOLE_SAFE
    )


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0
