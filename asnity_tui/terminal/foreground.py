"""Whether there is a terminal for the screens: without one they would run unseen, and what nobody saw would be read."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

INSTEAD = "For scripts there are asnity-tui send, tail and unread."

_STREAMS = ("standard input", "standard output", "standard error")
_UTF_8 = ("utf-8", "utf8")


def obstacle(environment: Mapping[str, str]) -> str | None:
    """Why the screens can't be shown here, as sentences for a person; None where they can."""
    for number, name in enumerate(_STREAMS):
        if not _is_terminal(number):
            return f"asnity-tui needs a terminal, but {name} isn't one. {INSTEAD}"
    term = environment.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        what = f"TERM is {term}" if term else "TERM is not set"
        return f"asnity-tui can't draw here: {what}. In a terminal with colours, try TERM=xterm-256color asnity-tui."
    encoding = getattr(sys.__stderr__, "encoding", None) or "unknown"
    if encoding.lower().replace("_", "-") not in _UTF_8:
        return (
            f"asnity-tui can't draw here: the locale's encoding is {encoding}, not UTF-8. "
            "Try LC_ALL=C.UTF-8 asnity-tui."
        )
    return None


def _is_terminal(number: int) -> bool:
    try:
        return os.isatty(number)
    except OSError:
        return False
