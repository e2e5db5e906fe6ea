"""The plain view: nothing but text on the terminal, so that its own selection works and wrapped lines stay whole."""

from __future__ import annotations

import os
import select
import sys
import termios
import threading
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from asnity_tui.widgets.text.cell_width import width_of
from asnity_tui.widgets.text.safe_text import harmless_line

_ENTER, _LEAVE = "\x1b[?1049h\x1b[H\x1b[2J", "\x1b[?1049l"
"""The alternate screen, cleared; and back to what was there."""

LOOK_EVERY = 0.1
"""Seconds between two looks at whether it is to end."""

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


def show(paragraphs: Sequence[str], end: threading.Event) -> None:
    """Show texts, each on a line that the terminal wraps; blocks until a key is pressed, or until `end`."""
    width, height = os.get_terminal_size(sys.__stdout__.fileno())  # type: ignore[union-attr]
    lines = [*fitting(paragraphs, width, height), HINT]
    try:
        with _key_by_key() as descriptor:
            _write(_ENTER + "\r\n".join(lines))
            try:
                while not end.is_set() and not select.select([descriptor], [], [], LOOK_EVERY)[0]:
                    pass
                if not end.is_set():
                    os.read(descriptor, 16)
                termios.tcflush(descriptor, termios.TCIFLUSH)  # the rest of a key that is a sequence
            finally:
                _write(_LEAVE)
    except (OSError, termios.error):
        return  # the terminal is gone, which whoever has it next notices


def _write(text: str) -> None:
    assert sys.__stdout__ is not None
    sys.__stdout__.write(text)
    sys.__stdout__.flush()


@contextmanager
def _key_by_key() -> Iterator[int]:
    """Hear every key at once, ctrl+c like any other; the terminal's descriptor."""
    assert sys.__stdin__ is not None
    descriptor = sys.__stdin__.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        mode = termios.tcgetattr(descriptor)
        mode[3] &= ~termios.ISIG
        termios.tcsetattr(descriptor, termios.TCSADRAIN, mode)
        yield descriptor
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
