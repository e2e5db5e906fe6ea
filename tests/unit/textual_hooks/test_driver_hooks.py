"""Hooks of the client into Textual's drivers, parser and tables: each fails in words when it is moved."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from rich._unicode_data import load
from rich.cells import cell_len
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import Keys

from asnity_tui.terminal.keyboard import Keyboard
from asnity_tui.terminal.terminal_driver import TerminalDriver

from .private_names import relies_on


@relies_on("_app", "_loop", "_auto_restart")
async def test_a_driver_knows_its_app_its_loop_and_whether_it_may_start_again() -> None:
    app: App[None] = App()
    driver = HeadlessDriver(app)
    assert driver._app is app, "a driver keeps its app elsewhere: a lost terminal and a broken input would go untold"
    assert driver._loop is asyncio.get_running_loop(), "a driver keeps its loop elsewhere: no key would arrive"
    assert driver._auto_restart, "a driver no longer begins as one that may leave the terminal and take it again"
    with driver.no_automatic_restart():
        assert not driver._auto_restart, (
            "a driver no longer marks by _auto_restart that something else has the terminal: ctrl+z in an editor "
            "would take it away from it"
        )
    assert driver._auto_restart


@relies_on("textual.drivers.linux_driver.LinuxDriver", "_file", "_run_input_thread")
def test_the_driver_of_terminals_reads_in_its_thread_and_writes_to_its_file() -> None:
    start = inspect.getsource(LinuxDriver.start_application_mode)
    assert "WriterThread(self._file)" in start, (
        "Textual no longer writes to the driver's _file: a terminal that is gone would end the program in an error"
    )
    assert "Thread(target=self._run_input_thread" in start, (
        "Textual no longer reads in _run_input_thread: an error there would show the variables of every function"
    )
    assert "self.run_input_thread()" in inspect.getsource(LinuxDriver._run_input_thread), (
        "_run_input_thread no longer runs run_input_thread: what is typed would be read by another method"
    )
    made = inspect.getsource(LinuxDriver.__init__)
    for name in ("fileno", "exit_event", "attrs_before"):
        assert f"self.{name}" in made, f"a driver has no {name} any more, which reading and restoring need"
    stop = inspect.getsource(LinuxDriver.disable_input)
    assert stop.index("self.exit_event.set()") < stop.index("self._key_thread.join()"), (
        "Textual ends the reading thread in another way than by exit_event: leaving would wait for ever"
    )
    assert issubclass(TerminalDriver, LinuxDriver)


@relies_on("_file")
def test_what_writes_to_the_terminal_needs_nothing_but_write_flush_and_fileno() -> None:
    class File:
        def __init__(self) -> None:
            self.calls: list[str] = []

        def write(self, text: str) -> None:
            self.calls.append(text)

        def flush(self) -> None:
            self.calls.append("flush")

        def fileno(self) -> int:
            return 2

    file: Any = File()
    thread = WriterThread(file)
    thread.start()
    thread.write("one")
    thread.stop()
    assert thread.fileno() == 2
    assert list(dict.fromkeys(file.calls)) == ["one", "flush"], (
        "Textual's output thread no longer writes and flushes: the file that notices a lost terminal is passed by"
    )


@relies_on("textual._xterm_parser.XTermParser", "_awaiting", "_gen", "_tokens")
def test_the_parser_can_be_brought_back_to_where_it_waits_for_nothing() -> None:
    parser = XTermParser()
    assert parser._awaiting.timeout is None, "a parser that has begun nothing no longer waits without a timeout"
    assert [each.key for each in parser.feed("a") if isinstance(each, events.Key)] == ["a"]
    assert list(parser.feed("\x1b[")) == []
    assert parser._awaiting.timeout is not None, (
        "a parser in the middle of a sequence no longer waits with a timeout: what follows would be swallowed"
    )
    parser._gen.close()
    parser._gen = parser.parse(parser._tokens.append)
    parser._awaiting = next(parser._gen)
    assert [each.key for each in parser.feed("b") if isinstance(each, events.Key)] == ["b"], (
        "a parser no longer goes on with the generator that _gen is: a half sequence would swallow the next key"
    )


@relies_on("textual._xterm_parser.XTermParser")
def test_the_parser_takes_whole_sequences_and_understands_kitty() -> None:
    for sequence, key in (("\x1b[A", "up"), ("\x1b[13;2u", "shift+enter"), ("\x1b[1;5D", "ctrl+left"), ("\r", "enter")):
        found = list(XTermParser().feed(sequence))
        assert [each.key for each in found if isinstance(each, events.Key)] == [key], (
            f"Textual's parser gives {found} for {sequence!r}: keys would do something else"
        )
    (wheel,) = XTermParser().feed("\x1b[<64;3;4M")
    assert isinstance(wheel, events.MouseScrollUp), "Textual's parser no longer understands the mouse"


@relies_on("textual._ansi_sequences.ANSI_SEQUENCES_KEYS")
def test_the_table_of_sequences_has_keys_that_are_held_with_alt() -> None:
    assert ANSI_SEQUENCES_KEYS["\x1bb"] == (Keys.ControlLeft,), "alt+b no longer goes a word back"
    assert all(
        isinstance(key, Keys) for keys in ANSI_SEQUENCES_KEYS.values() if isinstance(keys, tuple) for key in keys
    ), "the table of sequences no longer has tuples of Keys: keys held with alt would fail"
    assert [each.key for each in Keyboard().feed("\x1bb") if isinstance(each, events.Key)] == ["ctrl+left"]


@relies_on("rich._unicode_data.load")
def test_the_table_of_cells_tells_what_a_selector_makes_wide() -> None:
    wider = load("auto").narrow_to_wide
    for sign in "\u2764\u2600\u2708":
        assert (sign in wider, cell_len(sign), cell_len(sign + "\ufe0f")) == (True, 1, 2), (
            f"Rich no longer tells of {sign} that U+FE0F makes it wide: columns would be shifted"
        )
    assert not wider & {"a", "\U0001f600"}, "Rich counts signs among the narrow ones that are wide"
