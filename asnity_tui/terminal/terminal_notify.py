"""Notifications for a person who looks elsewhere: the terminal's own, else the bell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from asnity_tui.widgets.text.safe_text import harmless_line

NotifyBy: TypeAlias = Literal["auto", "bell", "off"]
Method: TypeAlias = Literal["osc-99", "osc-777", "osc-9", "bell", "none"]

BELL = "\a"
TITLE = "Asnity"

LONGEST = 200
"""Characters of a notification."""

_PROGRAMS: Mapping[str, Method] = {"iTerm.app": "osc-9", "WezTerm": "osc-777", "ghostty": "osc-777"}
"""Terminals by TERM_PROGRAM."""

_TERMS: Mapping[str, Method] = {
    "xterm-kitty": "osc-99",
    "foot": "osc-777",
    "xterm-ghostty": "osc-777",
    "rxvt": "osc-777",
}
"""Terminals by what TERM begins with."""


def method_for(notify_by: NotifyBy, environment: Mapping[str, str]) -> Method:
    """Choose how this terminal is told.

    Inside tmux and screen it is the bell: they hand on nothing else unless they are told to, and from inside nobody can
    know which terminal is around them.
    """
    if notify_by == "off":
        return "none"
    term = environment.get("TERM", "")
    if notify_by == "bell" or "TMUX" in environment or term.startswith(("screen", "tmux")):
        return "bell"
    program = environment.get("TERM_PROGRAM", "")
    if program in _PROGRAMS:
        return _PROGRAMS[program]
    return next((each for begin, each in _TERMS.items() if term.startswith(begin)), "bell")


def notification(notify_by: NotifyBy, environment: Mapping[str, str], text: str) -> str:
    """Make the sequence that is written to the terminal."""
    told = harmless_line(text)[:LONGEST]
    match method_for(notify_by, environment):
        case "osc-99":
            return f"\x1b]99;i=asnity:d=0;{TITLE}\x1b\\\x1b]99;i=asnity:d=1:p=body;{told}\x1b\\"
        case "osc-777":
            return f"\x1b]777;notify;{TITLE};{told}\x1b\\"
        case "osc-9":
            # a number in front would make it another command (OSC 9;4 shows progress)
            return f"\x1b]9;{TITLE}: {told}\x1b\\"
        case "bell":
            return BELL
        case _:
            return ""
