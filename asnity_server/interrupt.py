"""Ends a program at once that is interrupted while it is being loaded.

An exception there shows a traceback, and harms what is half made: extension modules have been seen to crash of it.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` is made of, which takes milliseconds to load by itself
import os


def end_at_once() -> None:
    """From now on an interrupt ends the program without a word, unless it is ignored."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _end)


def end_in_order() -> None:
    """From now on an interrupt raises `KeyboardInterrupt` again: there may be something to put in order."""
    if _signal.getsignal(_signal.SIGINT) is _end:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)


def _end(number: int, frame: object) -> None:
    os._exit(128 + number)
