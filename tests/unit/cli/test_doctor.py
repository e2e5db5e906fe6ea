"""The doctor's findings, and that asking a terminal never hangs."""

from __future__ import annotations

import json
import os
import pty
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from asnity_tui.cli import printing, terminal_queries
from asnity_tui.cli.doctor import Finding, Surroundings, examine, is_usable, report
from asnity_tui.cli.main import main
from asnity_tui.cli.terminal_queries import PROBES, Answers, ask_terminal, ask_tmux, parse_answers

GOOD = Answers(
    version="kitty(0.35.2)", kitty_keyboard=True, focus=True, widths=tuple(cell_len(each) for each in PROBES)
)
KITTY = {"TERM": "xterm-kitty", "COLORTERM": "truecolor"}


def found(
    environment: dict[str, str],
    *,
    tmux: dict[str, str] | None = None,
    answers: Answers | None = GOOD,
    encoding: str = "utf-8",
    size: tuple[int, int] = (120, 40),
) -> dict[str, Finding]:
    around = Surroundings(environment=environment, encoding=encoding, size=size, tmux=tmux, answers=answers)
    return {each.what: each for each in examine(around)}


def test_a_good_terminal() -> None:
    findings = found(KITTY)
    assert {each.state for each in findings.values()} == {"good"}
    assert is_usable(tuple(findings.values()))
    assert all(len(line) <= 60 or line.startswith(" " * 18) for line in report(tuple(findings.values()), "utf-8", 60))
    lines = list(report(tuple(findings.values()), "utf-8", 100))
    assert lines[0] == "✓ terminal      kitty(0.35.2), TERM=xterm-kitty"
    assert len(lines) == len(findings)


def test_tmux_as_it_comes_has_the_lines_that_mend_it() -> None:
    tmux = {
        "set-clipboard": "off",
        "bell-action": "none",
        "escape-time": "500",
        "focus-events": "0",
        "extended-keys": "off",
    }
    answers = Answers(version="tmux 3.3a", kitty_keyboard=False, widths=(2, 4, 2, 2, 1))
    findings = found({"TERM": "tmux-256color", "TMUX": "/tmp/x"}, tmux=tmux, answers=answers)
    mended = {line for each in findings.values() for line in each.lines}
    assert mended >= {
        "set -s set-clipboard on",
        "set -s focus-events on",
        "set -s escape-time 10",
        "set -s extended-keys on",
        "set -g bell-action any",
        'set -as terminal-features ",*:RGB"',
    }
    assert findings["widths"].sentence.startswith("a skin tone takes 4 for 2 cells")
    assert findings["joined emoji"].sentence.startswith("of a family or a job the first sign shows: tmux")
    assert is_usable(tuple(findings.values()))
    ringing = found({"TERM": "tmux-256color", "TMUX": "/tmp/x"}, tmux={"bell-action": "any", "monitor-bell": "1"})
    assert not ringing["notifications"].lines
    settled = found({"TERM": "tmux-256color", "TMUX": "/tmp/x"}, tmux={}, answers=None)
    assert {settled[each].state for each in ("copying", "focus", "widths")} == {"unknown"}
    assert found(KITTY | {"TMUX": "x"}, tmux={"set-clipboard": "external"})["copying"].state == "good"


@pytest.mark.parametrize(
    ("environment", "what", "state"),
    [
        ({}, "terminal", "bad"),
        ({"TERM": "dumb"}, "terminal", "bad"),
        (KITTY | {"NO_COLOR": "1"}, "colours", "limited"),
        ({"TERM": "xterm-256color"}, "colours", "limited"),
        ({"TERM": "xterm-256color"}, "copying", "unknown"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "copying", "limited"),
        ({"TERM": "xterm", "XTERM_VERSION": "XTerm(390)"}, "copying", "limited"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "copying", "limited"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "keys", "limited"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "notifications", "good"),
        ({"TERM": "xterm-256color"}, "notifications", "limited"),
        ({"TERM": "xterm-256color", "FORCE_HYPERLINK": "1"}, "links", "good"),
        ({"TERM": "linux"}, "links", "limited"),
    ],
)
def test_what_the_environment_says(environment: dict[str, str], what: str, state: str) -> None:
    assert found(environment)[what].state == state


def test_sizes_encodings_and_what_wasnt_answered() -> None:
    assert found(KITTY, size=(19, 40))["size"].state == found(KITTY, size=(59, 40))["size"].state == "limited"
    latin = found(KITTY, encoding="iso8859-1")
    assert latin["encoding"].lines == ("export LC_ALL=C.UTF-8",)
    assert not is_usable(tuple(latin.values()))
    for line in report(tuple(latin.values()), "iso8859-1"):
        assert line.isascii()
    assert {each.state for each in found(KITTY, answers=Answers()).values()} == {"good", "unknown", "limited"}
    assert found(KITTY, answers=Answers(focus=False))["focus"].state == "limited"
    assert [json.loads(each)["what"] for each in printing.findings(latin.values())] == list(latin)
    evil = found({"TERM": "x\x1b[31m", "COLORTERM": "truecolor"})
    assert all(line.isprintable() for line in report(tuple(evil.values()), "utf-8"))


def test_answers_are_taken_apart() -> None:
    told = b"\x1bP>|kitty(0.35.2)\x1b\\\x1b[?5u\x1b[?1004;2$y\x1b[1;3R\x1b[1;5R\x1b[1;3R\x1b[1;3R\x1b[1;2R\x1b[?62;c"
    assert parse_answers(told) == Answers(
        version="kitty(0.35.2)", kitty_keyboard=True, focus=True, widths=(2, 4, 2, 2, 1)
    )
    assert parse_answers(b"\x1b[?1004;0$y\x1b[1;3R\x1b[?1;2c") == Answers(kitty_keyboard=False, focus=False)
    assert parse_answers(b"garbage\xff") == Answers()


def test_what_is_no_terminal_is_not_asked(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        assert ask_terminal(file.fileno(), file.fileno()) is None
    assert ask_tmux({}) is None
    assert ask_tmux({"TMUX": "x", "PATH": str(tmp_path)}) == {}


def test_a_terminal_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that answers is parse_answers; its settings are put back."""
    monkeypatch.setattr(terminal_queries, "ANSWER_WITHIN", 0.05)
    monkeypatch.setattr(os, "tcgetpgrp", lambda descriptor: os.getpgrp())
    theirs, ours = pty.openpty()
    try:
        before = terminal_queries.termios.tcgetattr(ours)
        assert ask_terminal(ours, ours) == Answers()
        assert terminal_queries.termios.tcgetattr(ours) == before
        os.read(theirs, 4096)
        monkeypatch.setattr(terminal_queries, "ANSWER_WITHIN", 5.0)

        def answer() -> None:
            asked = b""
            while not asked.endswith(b"\x1b[c"):
                asked += os.read(theirs, 4096)
            os.write(theirs, b"\x1b[?0u\x1b[?1;2c")

        answering = threading.Thread(target=answer)
        answering.start()
        assert ask_terminal(ours, ours) == Answers(kitty_keyboard=True)
        answering.join()
    finally:
        os.close(theirs)
        os.close(ours)


# The command line


def test_the_help_names_the_commands_and_their_exit_codes() -> None:
    told = CliRunner().invoke(main, ["--help"], terminal_width=120).output
    for part in ("send", "tail", "unread", "doctor", "SERVER OR LINK", "0 done, 1 refused, 2 wrong usage, 3"):
        assert part in told
    for command in ("send", "tail", "unread", "doctor"):
        assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["sned", "#general", "x"],
        ["--demo", "unread"],
        ["send"],
        ["send", "general", "x"],
        ["send", "#general"],
        ["tail", "general"],
        ["--notify", "loud", "unread"],
        ["--server", "a.example", "b.example"],
        ["a.example", "--server", "b.example"],
    ],
)
def test_misuse(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2, arguments


def test_nobody_is_signed_in(tmp_path: Path) -> None:
    for command in (["send", "#general", "x"], ["tail"], ["unread"], ["unread", "--json"]):
        done = CliRunner().invoke(main, ["--data", str(tmp_path), *command])
        assert done.exit_code == 1
        assert "Nobody is signed in" in done.output


def test_the_doctor_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 0, done.output
    assert "copying" in done.output
    monkeypatch.setenv("TERM", "dumb")
    done = CliRunner().invoke(main, ["doctor", "--json"])
    assert done.exit_code == 1
    assert json.loads(done.output.splitlines()[0])["state"] == "bad"


def test_the_screens_begin_at_the_server_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begun: list[tuple[str, str, bool]] = []
    monkeypatch.setattr(
        "asnity_tui.run.run", lambda loaded, demo: begun.append((loaded.settings.server, loaded.settings.theme, demo))
    )
    monkeypatch.setattr("asnity_tui.open_screens.obstacle", lambda environment: None)
    for arguments in (
        [],
        ["chat.example.org"],
        ["--theme", "nord", "chat.example.org"],
        ["chat.example.org", "--theme", "nord"],
        ["--demo"],
        ["--server", "chat.example.org"],
    ):
        assert CliRunner().invoke(main, arguments, env={"XDG_CONFIG_HOME": str(tmp_path)}).exit_code == 0, arguments
    assert begun == [
        ("", "asnity-dark", False),
        ("chat.example.org", "asnity-dark", False),
        ("chat.example.org", "nord", False),
        ("chat.example.org", "nord", False),
        ("", "asnity-dark", True),
        ("chat.example.org", "asnity-dark", False),
    ]
