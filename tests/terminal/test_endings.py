"""However the program ends: what was written is kept, the terminal is as it was, the exit status tells."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import pytest

from .program import PROGRAM, Program, environment, line, running
from .terminal_harness import TerminalHarness

BREAKS = {
    "an action": "asnity_tui.widgets.composer:Composer.action_cut",
    "the thread that reads": "asnity_tui.terminal.keyboard:Keyboard._broken_off",
}
"""What is broken for a test, so that ctrl+x or Esc meets it."""

BROKEN = """
import importlib, sys
module, _, name = sys.argv.pop(1).partition(":")
cls, method = name.split(".")
def broken(*given): raise ValueError("it broke for a test")
from asnity_tui import open_screens, startup
before = startup.open_screens
def with_broken(*given, **named):
    open_screens.prepare(open_screens.os.environ)
    setattr(getattr(importlib.import_module(module), cls), method, broken)
    before(*given, **named)
startup.open_screens = with_broken
import asnity_tui.cli.main
asnity_tui.cli.main.open_screens = with_broken
startup.main()
"""

SIGNALS = ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT")


def clean(program: Program) -> None:
    """The terminal is as it was."""
    assert program.modes == set()
    assert program.cooked


def draft_is_there(terminals: TerminalHarness, name: str) -> None:
    """Start again, and find the draft."""
    with terminals.client(name) as again:
        again.shows("half a secret thought")


@pytest.mark.slow
@pytest.mark.parametrize("name", [SIGNALS[0], *(pytest.param(each, marks=pytest.mark.slow) for each in SIGNALS[1:])])
def test_a_signal_ends_it_in_good_order(terminals: TerminalHarness, guest: str, name: str) -> None:
    number = getattr(signal, name)
    with terminals.client(guest) as bob:
        bob.type("half a secret thought")
        bob.shows("half a secret thought")
        bob.signal(number)
        assert bob.ended() == 128 + number
        clean(bob)
        assert "Traceback" not in bob.text
    draft_is_there(terminals, guest)


@pytest.mark.slow
def test_closing_the_terminal_ends_it_and_keeps_what_was_written(terminals: TerminalHarness, guest: str) -> None:
    with terminals.client(guest) as bob:
        bob.type("half a secret thought")
        bob.hang_up()
        assert bob.ended() == 128 + signal.SIGHUP
    draft_is_there(terminals, guest)


@pytest.mark.slow
def test_closing_the_terminal_ends_it_though_hangups_are_ignored(terminals: TerminalHarness, guest: str) -> None:
    data = terminals.home(guest)
    command = ("sh", "-c", f"trap '' HUP; exec {line((*PROGRAM, '--data', str(data)))}")
    with running(command, environment(terminals.folder)) as bob:
        bob.shows("● connected")
        bob.type("half a secret thought")
        bob.hang_up()
        assert bob.ended() == 128 + signal.SIGHUP
    draft_is_there(terminals, guest)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "key"),
    [("an action", b"\x18"), pytest.param("the thread that reads", b"\x1b", marks=pytest.mark.slow)],
)
def test_a_crash_says_where_the_report_lies(terminals: TerminalHarness, guest: str, what: str, key: bytes) -> None:
    command = (sys.executable, "-c", BROKEN, BREAKS[what], "--data", str(terminals.home(guest)))
    with running(command, environment(terminals.folder)) as bob:
        bob.shows("● connected")
        bob.type("half a secret thought")
        bob.feed(key)
        assert bob.ended() == 1
        clean(bob)
        text = "".join(bob.lines)
        assert "Traceback" not in text
        told = re.search(r"asnity-tui has crashed; drafts and unsent messages are kept, .* (/\S+\.txt)", text)
        assert told is not None, text
    path = Path(told[1])
    assert path.stat().st_mode & 0o777 == 0o600
    report = path.read_text()
    assert "ValueError: it broke for a test" in report
    assert "secret" not in report
    draft_is_there(terminals, guest)
