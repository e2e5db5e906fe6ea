"""Killed at any moment, the client has each text in exactly one place: as a draft, unsent, or as a message."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest

from tests.slowly import mostly_slow

from .dying import COMMAND
from .program import PATIENCE, Program, becomes, environment, running
from .terminal_harness import TerminalHarness
from .test_bursts import texts

TEXT = "written before it died"
SIDES = ("1 before", "1 behind", "2 before", "2 behind")
POINTS = [
    *(("sent", side) for side in SIDES),
    *(("said by a command", side) for side in SIDES),
    *(("taken back", side) for side in SIDES[:2]),
]
"""What is done, and at which commit from then on, and on which side of it, the client is killed."""


def drafts(folder: Path) -> list[str]:
    """The drafts on the disk."""
    found: list[str] = []
    for file in (folder / "accounts").glob("*.db"):
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        found += [str(text) for (text,) in connection.execute("SELECT text FROM drafts")]
        connection.close()
    return found


def is_in_one_place(program: Program, terminals: TerminalHarness, name: str) -> bool:
    """Whether it is a message and not in the composer, or in the composer and no message."""
    sent = sum(TEXT in str(each) for each in texts(terminals, name))
    written = sum(line.endswith(TEXT) and "▌" in line for line in program.lines[-4:])
    return sent + written == 1 and "● connected" in program.text


@pytest.mark.slow
@pytest.mark.parametrize("case", mostly_slow(POINTS, POINTS[1]))
def test_a_text_is_in_one_place_wherever_the_client_is_killed(
    terminals: TerminalHarness, tmp_path: Path, case: tuple[str, str]
) -> None:
    deed, point = case
    name = f"victim{next(terminals.numbers)}"
    terminals.person(name)
    terminals.community("Ward", name)
    folder, dies = terminals.home(name), tmp_path / "dies"
    hold = "3" if deed == "taken back" else "0"
    around = environment(terminals.folder, DIES=str(dies), ASNITY_TUI_UNDO_SEND=hold)
    with running((sys.executable, "-c", COMMAND, "--data", str(folder)), around) as program:
        program.shows("● connected", "Message #general")
        text = f"/me {TEXT}" if deed == "said by a command" else TEXT
        program.type(text)
        becomes(lambda: drafts(folder) == [text], "the draft")
        if deed == "taken back":
            program.feed(b"\r")
            program.shows("Esc to undo")
            dies.write_text(point)
            program.feed(b"\x1b")
        else:
            dies.write_text(point)
            program.feed(b"\r")
        program.process.wait(PATIENCE)
    with terminals.client(name) as program:
        becomes(lambda: is_in_one_place(program, terminals, name), "the text in one place")
