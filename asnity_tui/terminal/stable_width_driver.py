"""A driver whose output stays in its columns though terminals disagree about how wide an emoji is.

Older terminals and tmux give a family, a flag or a skin tone more or fewer cells than newer ones; everything behind it
in the row would be shifted. So each of them is written onto blanks of the reckoned width, and the cursor is put behind
that width whatever the terminal made of it. That is enough where one program draws the screen and joins emoji as we
reckon. Anywhere else a sign that is drawn wider than it is reckoned leaves a hole, and a multiplexer hands it on to a
terminal that reckons in its own way: there only signs are written that all count alike, the first one of a family, the
letters of a flag, the digit of a key cap, filled up with blanks.
"""

from __future__ import annotations

import os
import re

from rich.cells import cell_len
from textual.drivers.linux_driver import LinuxDriver

from asnity_server.protocol.lazy_patterns import LazyPattern
from asnity_tui.widgets.text.cell_width import EMOJI

from .joined_emoji import joins

SAVE, RESTORE = "\x1b7", "\x1b8"
"""DECSC and DECRC: every terminal since the VT100 has them."""

_EMOJI = LazyPattern(EMOJI)
_HELD = re.compile("[\u200d\ufe0f\u20e3\U0001f000-\U0001faff]")
"""Without one of these there is no emoji that terminals disagree about."""

_SHAPED = LazyPattern(
    "[\u0900-\u0dff\u1000-\u109f\u1100-\u115f\u1780-\u17ff\ua960-\ua97f](?:[\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962"
    "\u0963\u0981-\u0983\u09bc\u09be-\u09cd\u09d7\u0a01-\u0a03\u0a3c-\u0a4d\u0a81-\u0a83\u0abc\u0abe-\u0acd\u0b01-\u0b03\u0b3c"
    "\u0b3e-\u0b57\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c\u0c3e-\u0c56\u0c81-\u0c83\u0cbc\u0cbe-\u0cd6\u0d00-\u0d03\u0d3b"
    "\u0d3c\u0d3e-\u0d4d\u0d57\u0d81-\u0d83\u0dca-\u0ddf\u102b-\u103e\u17b6-\u17d3\u1160-\u11ff\ud7b0-\ud7ff])+"
)
"""Letters with vowel signs or jamo behind them: some terminals give those cells of their own."""

_MAY_BE_SHAPED = re.compile("[\u0900-\u0dff\u1000-\u11ff\u1780-\u17ff\ud7b0-\ud7ff]")


def steadied(data: str, *, joined: bool = True) -> str:
    """`data` with what terminals disagree about held in its columns; without `joined`, only what all count alike."""
    if _HELD.search(data):
        data = _EMOJI.sub(_held if joined else _alike, data)
    if _MAY_BE_SHAPED.search(data):
        data = _SHAPED.sub(lambda shaped: _on_blanks(shaped.group(), cell_len(shaped.group())), data)
    return data


def _held(match: re.Match[str]) -> str:
    emoji = match.group()
    if len(emoji) == 1 and emoji < "\U0001f000":
        return emoji
    return _on_blanks(emoji, cell_len(emoji))


def _alike(match: re.Match[str]) -> str:
    """An emoji as signs that every terminal counts alike, as wide as it is reckoned."""
    emoji = match.group()
    if len(emoji) == 1 and emoji < "\U0001f000":
        return emoji
    width = cell_len(emoji)
    if "\U0001f1e6" <= emoji[0] <= "\U0001f1ff":
        return "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in emoji).ljust(width)
    if cell_len(emoji[0]) < width:
        return emoji[0].ljust(width)
    return _on_blanks(emoji[0], width)


def _on_blanks(signs: str, width: int) -> str:
    return f"{SAVE}{' ' * width}{RESTORE}{signs}{RESTORE}\x1b[{width}C"


class StableWidthDriver(LinuxDriver):
    """Textual's driver, with emoji held in their columns."""

    silent = False
    """Somebody else has the terminal: what would be drawn is drawn when it is ours again."""

    joined: bool | None = None
    """Whether the terminal joins emoji; asked when something is first written."""

    def write(self, data: str) -> None:
        """Write to the terminal."""
        if self.joined is None:
            self.joined = joins(os.environ)
        if not self.silent:
            super().write(steadied(data, joined=self.joined))
