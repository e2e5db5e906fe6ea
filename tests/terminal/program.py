"""A real program in a pseudo-terminal: bytes go in as a terminal sends them, and what shows can be waited for."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .emulator import Emulator

PATIENCE = 30.0
"""Seconds until what is waited for has to be there."""

ROOT = Path(__file__).parents[2]

PROGRAM = (sys.executable, "-c", "from asnity_tui.__main__ import main; main()")
"""The command `asnity-tui` of this working tree."""

_IN_THIS_TERMINAL = (
    "import fcntl,os,sys,termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)


def environment(home: Path, **more: str) -> dict[str, str]:
    """Make the environment of a usual terminal; nothing of where the tests run but the PATH."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "ASNITY_TUI_UNDO_SEND": "0",
        **more,
    }


class Program:
    """One run of a program in a terminal of its own.

    A thread takes what the program writes all the time, as a terminal does, so that it never has to wait for a reader.
    """

    def __init__(
        self, command: tuple[str, ...], environment: Mapping[str, str], *, width: int = 110, height: int = 30
    ) -> None:
        self._emulator = Emulator(width, height)
        self._changed = threading.Condition()
        self._master, slave = pty.openpty()
        self._gone = False
        """The terminal was closed, by `hang_up` or because nobody has it open any more."""
        self.output = bytearray()
        """All that was written, raw."""
        self._size(width, height)
        self.begun_with = termios.tcgetattr(self._master)
        self.process = subprocess.Popen(
            (sys.executable, "-I", "-S", "-c", _IN_THIS_TERMINAL, *command),
            stdin=slave, stdout=slave, stderr=slave, env=dict(environment), start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self._wake_read, self._wake = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _size(self, width: int, height: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._wake_read], [], [])
            try:
                # A terminal that somebody reads from is only closed when that ends: `hang_up` ends it.
                data = os.read(self._master, 65536) if self._wake_read not in ready else b""
            except OSError:  # EIO: nobody has the other end open
                data = b""
            with self._changed:
                if not data:
                    self._changed.notify_all()
                    return
                self.output += data
                answer = self._emulator.feed(data)
                self._changed.notify_all()
            if answer:
                self.feed(answer)

    # What somebody at the terminal does

    def feed(self, data: bytes) -> None:
        """Send bytes as the terminal does, all at once."""
        while data and not self._gone:
            data = data[os.write(self._master, data) :]

    def type(self, text: str) -> None:
        """Type a text, letter by letter; each is waited for, as nobody types before the letter shows."""
        for letter in text:
            before = len(self.output)
            self.feed(letter.encode())
            self.until(lambda: len(self.output) > before, f"an answer to {letter!r}")  # noqa: B023 - waited for here

    def paste(self, text: str) -> None:
        """Paste a text, as a terminal with bracketed paste does it."""
        self.feed(b"\x1b[200~" + text.replace("\n", "\r").encode() + b"\x1b[201~")

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size; the program hears of it by a signal."""
        with self._changed:
            self._emulator.resize(width, height)
        self._size(width, height)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal under the program, as when its window is closed or the line is cut."""
        if not self._gone:
            self._gone = True
            os.write(self._wake, b"!")
            self._reader.join(PATIENCE)
            for descriptor in (self._master, self._wake, self._wake_read):
                os.close(descriptor)

    # What shows

    @property
    def text(self) -> str:
        """The text on the screen."""
        with self._changed:
            return "\n".join(self._emulator.lines())

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        with self._changed:
            return self._emulator.lines()

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and line of the cursor, from 0."""
        with self._changed:
            return self._emulator.cursor()

    @property
    def modes(self) -> set[str]:
        """Which modes of the terminal are on that weren't before the program began, in words."""
        with self._changed:
            return self._emulator.modes()

    @property
    def said(self) -> list[str]:
        """OSC sequences that were sent: titles, notifications, the clipboard."""
        with self._changed:
            return list(self._emulator.titles)

    @property
    def cooked(self) -> bool:
        """The terminal's settings (echo, line by line, signals) are those from before the program began."""
        return termios.tcgetattr(self._master) == self.begun_with

    def until(self, true: Callable[[], object], what: str) -> None:
        """Wait until something is so; looked at whenever the program has written something."""
        with self._changed:
            if not self._changed.wait_for(true, PATIENCE):
                shown = "\n".join(self._emulator.lines())
                raise AssertionError(f"{what} never came\n{shown}")

    def shows(self, *parts: str) -> None:
        """Wait until all of these show."""
        self.until(lambda: self._has(parts), f"{parts}")

    def _has(self, parts: tuple[str, ...]) -> bool:
        text = "\n".join(self._emulator.lines())
        return all(part in text for part in parts)

    def hides(self, *parts: str) -> None:
        """Wait until none of these shows."""
        self.until(lambda: not any(self._has((part,)) for part in parts), f"no {parts}")

    # How it ends

    def ended(self) -> int:
        """Wait until the program is gone; its exit status, as a shell tells it (128 + n for a signal)."""
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it never ended\n{self.text}") from None
        self._reader.join(PATIENCE)
        return status if status >= 0 else 128 - status

    def end(self) -> None:
        """Make sure that it is gone, however it is."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        self.hang_up()


@contextmanager
def running(
    command: tuple[str, ...], environment: Mapping[str, str], *, width: int = 110, height: int = 30
) -> Iterator[Program]:
    """A program in a terminal; it is gone afterwards."""
    program = Program(command, environment, width=width, height=height)
    try:
        yield program
    finally:
        program.end()


def becomes(true: Callable[[], bool], what: str) -> None:
    """Wait until something is so that shows nowhere."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.02)


def line(command: tuple[str, ...]) -> str:
    """A command as it is typed to a shell."""
    return shlex.join(command)
