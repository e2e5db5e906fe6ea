"""The pseudo-terminal itself: what shows, what is asked and answered, what is left on, how it ends."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from .emulator import Emulator
from .program import Program, environment, running
from .terminal_harness import TerminalHarness


def test_what_pyte_does_not_know_leaves_no_letters_on_the_screen() -> None:
    emulator = Emulator(40, 3)
    emulator.feed(
        b"\x1b[>25u\x1b[?2026$p\x1b[?1049h\x1b[?1000h\x1b]52;c;aGk=\x07\x1bP+q544e\x1b\\a\x1b[38:2::1:2:3mb\x1b[<u"
    )
    assert emulator.lines()[0] == "ab"
    assert emulator.titles == ["52;c;aGk=", "+q544e"]
    assert emulator.modes() == {"alternate screen", "mouse clicks"}


@pytest.mark.parametrize("at", range(1, 12))
def test_sequences_come_in_pieces(at: int) -> None:
    emulator, told = Emulator(40, 3), "\x1b[2;3H한\x1b[31m글".encode()
    emulator.feed(told[:at])
    emulator.feed(told[at:])
    assert emulator.lines() == ["", "  한글", ""]


def test_a_synchronised_picture_shows_when_it_is_whole() -> None:
    emulator = Emulator(40, 3)
    emulator.feed(b"before\x1b[?2026h\x1b[1;1Hbehind\r\nmo")
    assert emulator.lines() == ["before", "", ""]
    emulator.feed(b"re\x1b[?2026l")
    assert emulator.lines() == ["behind", "more", ""]


def test_the_terminal_answers_what_is_asked() -> None:
    emulator = Emulator(40, 3)
    assert emulator.feed(b"ab\x1b[6n") == b"\x1b[1;3R"
    assert emulator.feed(b"\x1b[?2026$p\x1b[?2048$p") == b"\x1b[?2026;2$y\x1b[?2048;0$y"
    assert emulator.feed(b"\x1b[c") == b"\x1b[?62;22c"


def test_the_screen_from_before_comes_back() -> None:
    emulator = Emulator(40, 3)
    emulator.feed(b"$ asnity-tui\r\n\x1b[?1049hall of it\x1b[?1049l")
    assert emulator.lines()[0] == "$ asnity-tui"


@pytest.mark.parametrize(("command", "status"), [("exit 3", 3), ("kill -TERM $$", 143)])
def test_exit_statuses_are_those_of_a_shell(tmp_path: Path, command: str, status: int) -> None:
    with running(("sh", "-c", command), environment(tmp_path)) as program:
        assert program.ended() == status


def test_modes_and_settings_that_were_left_on_are_told(tmp_path: Path) -> None:
    with running(("sh", "-c", r"stty raw; printf '\033[?1003h\033[?25l'; exit 0"), environment(tmp_path)) as program:
        assert program.ended() == 0
        assert program.modes == {"mouse moves", "cursor hidden"}
        assert not program.cooked


def test_a_terminal_that_is_closed_hangs_up(tmp_path: Path) -> None:
    with running(("cat",), environment(tmp_path)) as program:
        program.feed(b"there\r")
        program.until(lambda: program.output.count(b"there") == 2, "its answer, behind the terminal's echo")
        program.hang_up()
        assert program.ended() == 128 + signal.SIGHUP


def drawn(program: Program) -> bool:
    """From the first line to the last; a terminal that gets smaller keeps the last ones from before."""
    return "# general" in program.lines[0] and "connected" in program.lines[-1]


def test_the_client_runs_in_it(terminals: TerminalHarness, alice: Program) -> None:
    alice.type("out and about")
    alice.feed(b"\r")
    alice.hides("▌out and about")
    alice.shows("out and about")
    alice.resize(60, 20)
    alice.until(lambda: drawn(alice), "all of it at its new place")
    alice.resize(110, 30)
    alice.until(lambda: drawn(alice), "all of it at its old place")
    assert {"alternate screen", "mouse clicks", "bracketed paste", "focus", "kitty keyboard"} <= alice.modes
    assert not alice.cooked


def whole(program: Program) -> bool:
    """All of it shows, at 110 columns."""
    lines = program.lines
    ends = lines[0].split() == ["Garden", "#", "general"] and lines[-1].endswith("ctrl+q quit")
    return ends and "# compost" in lines[3] and lines[-2].endswith("▌Message #general")


def test_a_terminal_that_is_smaller_for_a_moment_gets_all_of_the_picture_again(
    terminals: TerminalHarness, alice: Program
) -> None:
    alice.until(lambda: whole(alice), "the picture")
    for _ in range(3):
        alice.resize(50, 12)  # what is beyond that is gone
        alice.resize(110, 30)
        alice.until(lambda: whole(alice), "the same picture")


@pytest.mark.slow
def test_leaving_gives_the_terminal_back(terminals: TerminalHarness) -> None:
    with terminals.client("bob") as bob:
        bob.feed(b"\x11")
        assert bob.ended() == 0
        assert bob.modes == set()
        assert bob.cooked


@pytest.mark.slow
def test_a_far_server_takes_its_time(terminals: TerminalHarness) -> None:
    begun = time.monotonic()
    with terminals.client("bob", url=terminals.far(0.2)):
        assert time.monotonic() - begun > 0.4
