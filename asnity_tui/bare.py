"""The bare mode: nothing but text on the terminal, so that its own selection works and wrapped lines stay whole."""

from __future__ import annotations

import os
import sys
import termios
import tty
from collections.abc import Sequence

from .widgets.cells import width_of
from .widgets.safe_text import harmless_line

_ENTER, _LEAVE = "\x1b[?1049h\x1b[H\x1b[2J", "\x1b[?1049l"
"""The alternate screen, cleared; and back to what was there."""

HINT = "[any key goes back]"


def fitting(paragraphs: Sequence[str], width: int, height: int) -> list[str]:
    """Choose the last of some one-line texts that fit on a screen, wrapped by the terminal, with room for the hint.

    What others wrote can't act there: whatever would is shown as a sign.
    """
    room = height - 1
    kept: list[str] = []
    for paragraph in map(harmless_line, reversed(paragraphs)):
        room -= max(1, -(-width_of(paragraph) // max(1, width)))
        if room < 0:
            break
        kept.append(paragraph)
    return kept[::-1]


def show(paragraphs: Sequence[str]) -> None:
    """Show texts, each on a line that the terminal wraps; blocks until a key is pressed."""
    width, height = os.get_terminal_size(sys.__stdout__.fileno())  # type: ignore[union-attr]
    lines = [*fitting(paragraphs, width, height), HINT]
    _write(_ENTER + "\r\n".join(lines))
    try:
        _wait_for_key()
    finally:
        _write(_LEAVE)


def _write(text: str) -> None:
    assert sys.__stdout__ is not None
    sys.__stdout__.write(text)
    sys.__stdout__.flush()


def _wait_for_key() -> None:
    assert sys.__stdin__ is not None
    descriptor = sys.__stdin__.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        os.read(descriptor, 16)
        termios.tcflush(descriptor, termios.TCIFLUSH)  # the rest of a key that is a sequence
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
