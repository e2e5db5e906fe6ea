"""Output that stays in its columns though terminals disagree about how wide an emoji is.

Older terminals and tmux give a family, a flag or a skin tone more or fewer cells than newer ones; everything behind it
in the row would be shifted. So each of them is written onto blanks of the reckoned width, and the cursor is put behind
that width whatever the terminal made of it.
"""

from __future__ import annotations

import re

from rich.cells import cell_len
from textual.drivers.linux_driver import LinuxDriver

from asnity_server.protocol.patterns import Pattern

from .widgets.cells import EMOJI

SAVE, RESTORE = "\x1b7", "\x1b8"
"""DECSC and DECRC: every terminal since the VT100 has them."""

_EMOJI = Pattern(EMOJI)
_HELD = re.compile("[\u200d\ufe0f\u20e3\U0001f000-\U0001faff]")
"""Without one of these there is no emoji that terminals disagree about."""


def steadied(data: str) -> str:
    """`data` with emoji held in their columns."""
    return _EMOJI.sub(_held, data) if _HELD.search(data) else data


def _held(match: re.Match[str]) -> str:
    emoji = match.group()
    if len(emoji) == 1 and emoji < "\U0001f000":
        return emoji
    width = cell_len(emoji)
    return f"{SAVE}{' ' * width}{RESTORE}{emoji}{RESTORE}\x1b[{width}C"


class SteadyDriver(LinuxDriver):
    """Textual's driver, with emoji held in their columns."""

    silent = False
    """Somebody else has the terminal: what would be drawn is drawn when it is ours again."""

    def write(self, data: str) -> None:
        """Write to the terminal."""
        if not self.silent:
            super().write(steadied(data))
