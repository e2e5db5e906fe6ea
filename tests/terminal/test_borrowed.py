"""The terminal in other hands: an editor that fails, the shell in between, and back."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .program import PROGRAM, Program, environment, line, running
from .terminal_harness import TerminalHarness

EDITORS = {
    "false": ("/bin/false", "ended with 1"),
    "killed": ("sh -c 'kill -9 $$'", "was killed"),
    "missing": ("/nowhere/editor", "can't be started"),
    "unreadable words": ("vi '", "can't be read"),
    "no UTF-8": ('sh -c \'printf "caf\\351 \\377" > "$0"\'', "not UTF-8"),
    "file removed": ("rm", "can't be read"),
    "file is a folder": ('sh -c \'rm "$0"; mkdir "$0"\'', "can't be read"),
    "raw mode left on": ("sh -c 'stty raw -echo; exit 1'", "ended with 1"),
}


def writes_on(program: Program, text: str) -> None:
    """The screen lives: what is typed shows, all of it is there, and it can be taken away."""
    program.shows("● connected", "┃" if "┃" in program.text else "▌")
    program.type("!")
    program.shows(text + "!")
    program.feed(b"\x05\x15")
    program.hides(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["false", *(pytest.param(each, marks=pytest.mark.slow) for each in EDITORS if each != "false")]
)
def test_an_editor_that_fails_leaves_the_text_and_a_screen_that_lives(
    terminals: TerminalHarness, guest: str, name: str
) -> None:
    editor, told = EDITORS[name]
    with terminals.client(guest, EDITOR=editor) as bob:
        bob.type("half a thought")
        bob.feed(b"\x0f")
        bob.shows(told)
        writes_on(bob, "half a thought")


@pytest.fixture
def shell(terminals: TerminalHarness, guest: str) -> Iterator[Program]:
    """A guest's client, started from a shell with job control."""
    with running(("bash", "--norc", "--noprofile", "-i"), environment(terminals.folder, PS1="prompt> ")) as program:
        program.shows("prompt>")
        program.feed(b"set -b\r")  # it tells at once what becomes of its jobs
        program.feed(line((*PROGRAM, "--data", str(terminals.home(guest)))).encode() + b"\r")
        program.shows("● connected", "Message #general")
        yield program


def client_of(shell: Program) -> int:
    """The process of the client."""
    children = Path(f"/proc/{shell.process.pid}/task/{shell.process.pid}/children").read_text().split()
    return int(children[0])


@pytest.mark.slow
def test_a_stop_and_fg_bring_all_of_the_screen_back(shell: Program) -> None:
    shell.type("half a thought")
    os.kill(client_of(shell), signal.SIGTSTP)
    shell.shows("Stopped", "prompt>")
    shell.until(lambda: not shell._emulator.modes() - {"bracketed paste"}, "the terminal as it was")
    shell.feed(b"fg\r")
    shell.shows("● connected", "Garden", "half a thought")
    writes_on(shell, "half a thought")


@pytest.mark.slow
def test_ctrl_z_outside_of_a_text_goes_to_the_shell_and_in_a_text_takes_back(shell: Program) -> None:
    shell.type("half a thought")
    shell.feed(b"\x1a")
    shell.hides("half a thought")
    shell.feed(b"\x1bOQ")  # F2: the lists
    shell.feed(b"\x1a")
    shell.shows("Stopped", "prompt>")
    shell.feed(b"fg\r")
    shell.shows("● connected", "Message #general")
    shell.hides("Stopped")
    shell.feed(b"\x11")
    shell.until(lambda: not shell._emulator.modes() - {"bracketed paste"}, "the terminal as it was")


@pytest.mark.slow
def test_without_a_shell_a_stop_changes_nothing(terminals: TerminalHarness, guest: str) -> None:
    with terminals.client(guest) as bob:
        bob.type("half a thought")
        bob.signal(signal.SIGTSTP)
        writes_on(bob, "half a thought")


@pytest.mark.slow
def test_a_stop_that_nobody_can_notice_is_mended_when_it_goes_on(shell: Program) -> None:
    shell.type("half a thought")
    os.kill(client_of(shell), signal.SIGSTOP)
    shell.shows("Stopped")
    shell.feed(b"fg\r")
    shell.hides("Stopped")
    writes_on(shell, "half a thought")


@pytest.mark.slow
def test_put_into_the_background_it_stops_again(shell: Program) -> None:
    os.kill(client_of(shell), signal.SIGTSTP)
    shell.shows("Stopped", "prompt>")
    shell.feed(b"bg\r")
    shell.until(lambda: shell.output.count(b"Stopped") == 2, "another stop")
    shell.feed(b"fg\r")
    shell.shows("● connected", "Message #general")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_while_an_editor_runs_ends_both(terminals: TerminalHarness, guest: str, name: str) -> None:
    number = getattr(signal, name)
    with terminals.client(guest, EDITOR="sh -c 'echo editing; sleep 60; exit 3'") as bob:
        bob.type("half a thought")
        bob.feed(b"\x0f")
        bob.shows("editing")
        bob.signal(number)
        assert bob.ended() == 128 + number
        assert bob.modes == set()
        assert bob.cooked


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT"])
def test_a_signal_in_the_plain_view_ends_it(terminals: TerminalHarness, guest: str, name: str) -> None:
    number = getattr(signal, name)
    with terminals.client(guest) as bob:
        bob.feed(b"\x1b[20~")
        bob.shows("[any key goes back]")
        bob.signal(number)
        assert bob.ended() == 128 + number
        assert bob.modes == set()
        assert bob.cooked


@pytest.mark.slow
@pytest.mark.parametrize("key", [b"\x03", b"\x1c", b"\x1a", b"q"])
def test_any_key_goes_back_from_the_plain_view(terminals: TerminalHarness, guest: str, key: bytes) -> None:
    with terminals.client(guest) as bob:
        bob.feed(b"\x1b[20~")
        bob.shows("[any key goes back]")
        bob.feed(key)
        bob.shows("Message #general")


@pytest.mark.slow
def test_ctrl_c_in_an_editor_is_for_the_editor(terminals: TerminalHarness, guest: str) -> None:
    with terminals.client(
        "bob", EDITOR="""sh -c 'trap "exit 7" INT; echo editing; while :; do sleep 0.1; done'"""
    ) as bob:
        bob.type("half a thought")
        bob.feed(b"\x0f")
        bob.shows("editing")
        bob.feed(b"\x03")
        bob.shows("ended with 7")
        writes_on(bob, "half a thought")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
def test_vim_that_says_cq(terminals: TerminalHarness, guest: str) -> None:
    with terminals.client(guest, EDITOR="vim -u NONE") as bob:
        bob.type("half a thought")
        bob.feed(b"\x0f")
        bob.shows("message.md")
        bob.feed(b":cq\r")
        bob.shows("ended with 1")
        writes_on(bob, "half a thought")
