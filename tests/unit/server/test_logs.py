"""The log: nothing foreign makes a line of its own, controls a terminal or fills the disk."""

from __future__ import annotations

import io
import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server import logs
from asnity_server.logs import LONGEST, MINUTE, MOST, RateLimitFilter, SafeFormatter, harmless

FORGED = "\n2026-11-27 23:00:00,000 INFO    signed in: root"
FOREIGN = st.text(st.characters(), max_size=60) | st.sampled_from(
    [FORGED, "\r\x1b[2J", "a\u2028b\u2029c\x85d\vx\fy\x1c", "\u202egnp.exe", "\ud800"]
)
FORMATTER = SafeFormatter("%(asctime)s %(levelname)-7s %(message)s")
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR   ")


class Odd(Exception):
    """An error whose text is somebody's."""


def _raised(*texts: str) -> BaseException:
    """An error that others led to, in both ways, in a group with a note."""
    try:
        try:
            try:
                raise Odd(texts[0])
            except Odd as error:
                raise KeyError(texts[1]) from error
        except KeyError:
            raise ExceptionGroup(texts[2], [Odd(texts[3]), ValueError(texts[3], texts[4])])  # noqa: B904
    except ExceptionGroup as error:
        error.add_note(texts[4])
        return error


def _told(message: object, *arguments: object, error: BaseException | None = None) -> str:
    info: Any = (type(error), error, error.__traceback__) if error is not None else None
    return FORMATTER.format(logging.LogRecord("x", logging.ERROR, "x.py", 1, message, arguments, info))


def _lines(text: str) -> list[str]:
    """The lines of a text, whatever anybody takes for the end of one."""
    return re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text)


@given(st.lists(FOREIGN, min_size=5, max_size=5), FOREIGN, FOREIGN)
def test_no_foreign_text_adds_a_line_or_a_control_character(texts: list[str], message: str, argument: str) -> None:
    for arguments, error in ([], None), ([argument], None), ([argument], _raised(*texts)):
        written = message.replace("%", "%%") + " %s" if arguments else message
        told = _told(written, *arguments, error=error)
        plain = _told("x %s" if arguments else "x", *(["x"] * len(arguments)), error=error and _raised(*"xxxxx"))
        assert len(_lines(told)) == len(_lines(plain))
        first, *others = told.split("\n")
        assert STAMP.match(first)
        assert first.isprintable()
        assert all(each.startswith("    ") and each.isprintable() for each in others)
        assert not any(STAMP.match(each) for each in others)
        told.encode()


@given(FOREIGN)
def test_what_shows_as_itself_stays_as_it_is(text: str) -> None:
    assert (harmless(text) == text) is text.isprintable()


def test_how_it_reads() -> None:
    assert _told("Invalid session %s", "x\n2026 INFO forged\x1b[2J\u202e귤 🍊")[24:] == (
        "ERROR   Invalid session x\\n2026 INFO forged\\x1b[2J\\u202e귤 🍊"
    )
    told = _told("incident", error=_raised("one\ntwo", "x", "y", "z", "note\nend"))
    assert "    tests.unit.server.test_logs.Odd: one\\ntwo\n" in told
    assert told.count("Traceback (most recent call last):") == 3
    assert "The above was the direct cause of this:" in told
    assert "While that was handled, this happened:" in told


def test_what_cannot_be_put_together_is_told_all_the_same() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no")

        __repr__ = __str__

    assert "%d" in _told("%d things", "x\ny")
    assert _told(Broken()).count("\n") == 0
    assert _told("%s", Broken()).count("\n") == 0


def test_a_line_has_an_end() -> None:
    assert len(_told("x" * 1_000_000)) < LONGEST + 100
    deep: BaseException = Odd("0")
    for number in range(200):
        deep = _from(deep, f"{number}" + "x" * 5_000)
    assert len(_told("deep", error=deep)) < 20 * (LONGEST + 500)


def _from(cause: BaseException, text: str) -> BaseException:
    try:
        raise Odd(text) from cause
    except Odd as error:
        return error


def _record(line: int) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, "x.py", line, "closing a connection: %s", ("x",), None)


def test_a_place_writes_so_many_lines_a_minute_and_then_counts() -> None:
    now = 0.0
    calm = RateLimitFilter(lambda: now)
    written = [calm.filter(_record(1)) for _ in range(MOST * 50)]
    assert written == [True] * MOST + [False] * MOST * 49
    assert calm.filter(_record(2))
    now += MINUTE
    record = _record(1)
    assert calm.filter(record)
    assert FORMATTER.format(record).endswith(f"closing a connection: x (and {MOST * 49:,} more like this before)")
    quiet = _record(2)
    assert calm.filter(quiet)
    assert "more like this" not in FORMATTER.format(quiet)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A log that has begun; everything is as before afterwards."""
    root, shown = logging.getLogger(), warnings.showwarning
    hooks = (sys.excepthook, sys.unraisablehook, threading.excepthook)
    levels = {name: logging.getLogger(name).level for name in ("", "aiohttp", "socketio", "engineio")}
    stream = io.StringIO()
    handler = logs.begin(stream)
    yield stream
    root.removeHandler(handler)
    logging.captureWarnings(False)
    warnings.showwarning = shown
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_libraries_warnings_threads_and_the_interpreter_write_by_the_same_rules(stream: io.StringIO) -> None:
    def broken() -> None:
        raise Odd(FORGED)

    logging.getLogger("engineio").error(f"Invalid session {FORGED}")
    logging.getLogger("aiohttp.web").warning("%s", FORGED)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(FORGED, stacklevel=1)
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    sys.unraisablehook(_unraisable(Odd(FORGED)))
    sys.excepthook(Odd, Odd(FORGED), None)
    lines = stream.getvalue().splitlines()
    assert sum("\\n2026-11-27" in each for each in lines) == 6
    assert not any(each.strip().startswith(FORGED.strip()) for each in lines)


def _unraisable(error: BaseException) -> Any:
    class Event:
        exc_type, exc_value, exc_traceback, err_msg, object = type(error), error, None, None, None

    return Event
