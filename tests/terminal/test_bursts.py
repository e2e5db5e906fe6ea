"""Bursts: a paste from a terminal without marks is one text, and keys in one burst act one after the other."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from .program import PROGRAM, Program, environment, running
from .terminal_harness import TerminalHarness

TABLE = "\n".join(f"row {number}\tvalue {number}" for number in range(12))


def texts(terminals: TerminalHarness, name: str) -> list[object]:
    """The messages of somebody's first channel."""
    overview = terminals.call("GET", "/api/me/overview", name)
    communities = overview["communities"]
    channels = communities[0]["channels"]  # type: ignore[index]
    page = terminals.call("GET", f"/api/channels/{channels[0]['channel']['id']}/messages", name)
    return [each["content"] for each in page["messages"] if each["type"] == "TEXT"]  # type: ignore[attr-defined]


@pytest.fixture
def hut(terminals: TerminalHarness) -> str:
    """Somebody with a channel of their own alone."""
    name = f"hermit{next(terminals.numbers)}"
    terminals.person(name)
    terminals.community("Hut", name)
    return name


def sends(program: Program) -> None:
    """Enter as kitty sends it: a mere line break within a tenth of a second behind a burst belongs to the burst."""
    program.feed(b"\x1b[13u")
    program.shows("Message #general")
    program.feed(b"\r")  # an empty composer: what waits goes out


@pytest.mark.slow
def test_a_table_pasted_without_marks_is_one_text_and_one_message(terminals: TerminalHarness, hut: str) -> None:
    with terminals.client(hut) as program:
        program.shows("Message #general")
        program.feed(TABLE.replace("\n", "\r").encode())
        program.shows("row 11  value 11")
        assert texts(terminals, hut) == []
        program.type(".")  # a hand that comes behind the burst
        program.shows("value 11.")
        sends(program)
        program.until(lambda: texts(terminals, hut), "the message")
        assert texts(terminals, hut) == [f"{TABLE}."]


@pytest.mark.slow
def test_letters_and_enter_in_one_burst_are_sent_before_what_comes_behind(terminals: TerminalHarness, hut: str) -> None:
    with terminals.client(hut) as program:
        program.shows("Message #general")
        program.feed(b"one\x1b[13u\x0bgen")  # Enter as kitty sends it, ctrl+k, and what is typed into that
        program.shows("Go to", "gen")
        program.feed(b"\x1b")
        program.hides("Go to")
        program.shows("Message #general")
        program.feed(b"\r")
        program.until(lambda: texts(terminals, hut), "the message")
        assert texts(terminals, hut) == ["one"]


@pytest.mark.slow
def test_keys_in_one_burst_act_one_after_the_other(terminals: TerminalHarness, hut: str) -> None:
    with terminals.client(hut) as program:
        program.shows("Message #general")
        program.feed(b"ab\x01x\x05y\x1b[Hz")  # ctrl+a x, ctrl+e y, Home z
        program.shows("zxaby")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_removes_what_the_demo_kept(tmp_path: Path, name: str) -> None:

    number = getattr(signal, name)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with running((*PROGRAM, "--demo"), environment(tmp_path, TMPDIR=str(scratch))) as program:
        program.shows("● connected", "Message #welcome")
        assert [each.name.startswith("asnity-demo-") for each in scratch.iterdir()] == [True]
        program.signal(number)
        assert program.ended() == 128 + number
    assert list(scratch.iterdir()) == []
