"""The log: nothing foreign in it can pass for a line of its own, control a terminal, or fill the disk."""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any, TextIO

LONGEST = 2_000
"""Characters of what is said in one line; of more, the rest is counted."""
DEEPEST = 10
"""Exceptions that one led to another, of which a record tells."""
MOST = 60
"""Lines that one place in the code may write in a minute."""
MINUTE = 60.0


def harmless(text: str) -> str:
    """A text on one line, with everything that doesn't show as itself written out: \\n, \\x1b, \\u202e."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]} … ({len(text) - LONGEST:,} more characters)"
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)


class SafeFormatter(logging.Formatter):
    """One line for what is said; below it, indented, where an error came from.

    Only line breaks of this module's own make lines: whatever a message, an exception or a library has from somebody
    else stands on one line with what is said about it. All handlers have one, those of libraries included.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The lines of a record."""
        record.message = _message(record)
        if self.usesTime():
            record.asctime = self.formatTime(record, self.datefmt)
        hushed: int = getattr(record, "hushed", 0)
        lines = [harmless(self.formatMessage(record)) + (f" (and {hushed:,} more like this before)" if hushed else "")]
        if record.exc_info and record.exc_info[1] is not None:
            lines += _lines_of(traceback.TracebackException(*record.exc_info))
        if record.stack_info:
            lines += [harmless(each) for each in record.stack_info.splitlines()]
        return "\n    ".join(lines)


def _message(record: logging.LogRecord) -> str:
    """Return the message, even where it can't be formatted."""
    try:
        return record.getMessage()
    except Exception as error:
        said = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        return f"{said} ({type(error).__name__})"


def _lines_of(error: traceback.TracebackException, depth: int = 1) -> Iterator[str]:
    """An exception with where it came from and what led to it, the first cause first."""
    cause, middle = error.__cause__, "The above was the direct cause of this:"
    if cause is None and not error.__suppress_context__:
        cause, middle = error.__context__, "While that was handled, this happened:"
    if cause is not None and depth < DEEPEST:
        yield from _lines_of(cause, depth + 1)
        yield middle
    if error.stack:
        yield "Traceback (most recent call last):"
        for frame in error.stack.format():
            yield from (harmless(line) for line in frame.splitlines())
    yield harmless("".join(error.format_exception_only()).rstrip("\n"))
    if depth < DEEPEST:
        for each in error.exceptions or ():
            yield from (f"  {line}" for line in _lines_of(each, depth + 1))


class RateLimitFilter(logging.Filter):
    """Lets each place in the code write so many lines a minute, and counts the others for the next line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        super().__init__()
        self._clock = clock
        self._places: dict[tuple[str, int], tuple[float, int]] = {}
        """For each place, since when it is counted and how many lines it wanted to write."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        now, place = self._clock(), (record.pathname, record.lineno)
        since, count = self._places.get(place, (now, 0))
        if now - since >= MINUTE:
            record.hushed = max(0, count - MOST)
            since, count = now, 0
        self._places[place] = since, count + 1
        return count < MOST


def begin(stream: TextIO) -> logging.Handler:
    """Log to `stream` what this program, its libraries and the interpreter say."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(SafeFormatter("%(asctime)s %(levelname)-7s %(message)s"))
    handler.addFilter(RateLimitFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for chatty in ("aiohttp", "socketio", "engineio"):
        # at INFO, python-socketio and python-engineio would log every packet, tokens included
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    _hear_of_defects()
    return handler


def _hear_of_defects() -> None:
    """Log what the interpreter would write to standard error itself, with whatever somebody sent in it."""
    log = logging.getLogger("asnity_server")

    def in_thread(event: threading.ExceptHookArgs) -> None:
        if event.exc_value is not None:
            log.error("a thread ended", exc_info=event.exc_value)

    def unraisable(event: Any) -> None:
        log.error("%s", event.err_msg or "an error that nobody can catch", exc_info=event.exc_value)

    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
    sys.excepthook = lambda kind, value, trace: log.critical("the program ended", exc_info=(kind, value, trace))
