"""The terminal's driver: reads input, steps aside for the shell and other programs, notices when it is gone."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import termios
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Protocol, runtime_checkable

from textual.app import App
from textual.message import Message

from .key_order import InputQueue
from .keyboard import Keyboard
from .stable_width_driver import StableWidthDriver

AT_ONCE = 4096
"""Bytes that are read at once; a terminal's own buffer has no more."""

PASTE_MAX = 1_000_000
"""Characters that one burst may have."""

BURST_GAP = 0.01
"""Seconds in which more of a burst comes, if there is more of it."""

IDLE, SOON = 0.1, 0.01
"""Seconds between two looks at whether the reading is to end, or whether what has begun goes on."""

RESTORING = "".join(f"\x1b[?{mode}l" for mode in (2026, 2004, 1000, 1003, 1015, 1016, 1006, 1004))
RESTORING += "\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h"
"""All that is turned on, off."""


@runtime_checkable
class KnowsTerminal(Protocol):
    """An app that wants to know what becomes of its terminal."""

    def terminal_lost(self) -> None:
        """The terminal is gone: nothing can be shown, and nothing will be typed any more."""

    def terminal_back(self) -> None:
        """The terminal is ours again, and empty."""


class _Output:
    """A terminal to write to, which may be gone."""

    def __init__(self, file: IO[str], lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost

    def write(self, text: str) -> None:
        """Write, or tell that the terminal is gone."""
        try:
            self._file.write(text)
        except OSError:
            self._lost()

    def flush(self) -> None:
        """Let out what was written."""
        try:
            self._file.flush()
        except OSError:
            self._lost()

    def fileno(self) -> int:
        """The descriptor."""
        return self._file.fileno()


class TerminalDriver(StableWidthDriver):
    """Textual's driver, as somebody who lives in a shell expects it to behave."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._lost = False
        self._active = False
        self._stopping = False
        self._input_queue = InputQueue(app)
        assert sys.__stderr__ is not None
        self._file = _Output(sys.__stderr__, self._lose)  # type: ignore[assignment]
        # Textual's own handlers do all this in the middle of whatever runs, and what they would wait for may wait for
        # them; besides, each SIGCONT would begin another thread that reads. With one handler of its own, the loop wakes
        # up for every signal, in whichever thread it comes.
        self._loop.add_signal_handler(signal.SIGTSTP, self.step_aside)
        signal.signal(signal.SIGCONT, self._sigcont)

    def _sigcont(self, *_: object) -> None:
        if not self._stopping:
            self._loop.call_soon_threadsafe(self._continued)

    # Reading

    def send_message(self, message: Message) -> None:
        """Hand a message to the app, behind those before it."""
        self._loop.call_soon_threadsafe(self._input_queue.put, message)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Read until told otherwise, or until there is nothing to read from."""
        keyboard = Keyboard()
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(SOON if keyboard.waits else IDLE):
                    data = self._read()
                    text = decode(data)
                    while keyboard.may_go_on(text) and len(text) < PASTE_MAX and selector.select(BURST_GAP):
                        data = self._read()
                        text += decode(data)
                        if not data:
                            break
                    for message in keyboard.feed(text):
                        self.process_message(message)
                    if not data:
                        self._lose()
                        return
                for message in keyboard.tick():
                    self.process_message(message)

    def _read(self) -> bytes:
        """What was typed; nothing if there is no terminal any more."""
        try:
            return os.read(self.fileno, AT_ONCE)
        except OSError:
            return b""

    def _lose(self) -> None:
        """The terminal is gone; called in any thread, any number of times."""
        if not self._lost:
            self._lost = True
            with suppress(RuntimeError):  # all is over already
                self._loop.call_soon_threadsafe(self._tell_lost)

    def _tell_lost(self) -> None:
        if isinstance(self._app, KnowsTerminal):
            self._app.terminal_lost()

    # Stepping aside

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._active = True
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Leave the terminal as it was."""
        super().stop_application_mode()
        self._active = False

    def suspend_application_mode(self) -> None:
        """Leave the terminal as it was; nothing is written to it meanwhile."""
        super().suspend_application_mode()
        self.silent = True

    def resume_application_mode(self) -> None:
        """Take it again, whatever others have made of it meanwhile."""
        self.silent = False
        if self.attrs_before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        super().resume_application_mode()
        self._loop.call_soon(self._tell_back)

    def _tell_back(self) -> None:
        if isinstance(self._app, KnowsTerminal):
            self._app.terminal_back()

    def step_aside(self, *, everybody: bool = False) -> None:
        """Stop until the shell lets us go on; `everybody` of the job, as by ctrl+z. Without a shell, go on at once."""
        ours = self._auto_restart
        if ours:
            self.suspend_application_mode()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        self._stopping = True
        try:
            # With what the system does by itself there is no stopping where nobody could let us go on.
            os.kill(0, signal.SIGTSTP) if everybody else signal.raise_signal(signal.SIGTSTP)
            while self._in_background():
                signal.raise_signal(signal.SIGSTOP)
        finally:
            self._stopping = False
            signal.signal(signal.SIGTSTP, handler)
            if ours:
                self.resume_application_mode()

    def _continued(self) -> None:
        """We were stopped by what can't be noticed, and whoever had the terminal since did with it what they liked."""
        if self._auto_restart and not self._in_background():
            self.suspend_application_mode()
            self.resume_application_mode()

    def _in_background(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) != os.getpgrp()
        except OSError:
            return False

    def rescue(self) -> None:
        """Leave the terminal as it was, if it isn't, at once, from wherever, and never wait for it."""
        if not self._active:
            return
        self.silent = True
        with suppress(OSError, termios.error):
            if self.attrs_before is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        with suppress(OSError):
            was_blocking = os.get_blocking(2)
            os.set_blocking(2, False)
            try:
                os.write(2, RESTORING.encode())
            finally:
                os.set_blocking(2, was_blocking)
