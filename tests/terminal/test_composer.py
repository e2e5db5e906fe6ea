"""Writing with real keys: what is taken back, broken, pasted and cut."""

from __future__ import annotations

import pytest

from .program import Program

LINES = "\n".join(f"line {number}" for number in range(12))


@pytest.mark.slow
def test_a_paste_of_many_lines_is_taken_back_and_done_again(alice: Program) -> None:
    alice.paste(LINES)
    alice.shows("line 11")
    alice.feed(b"\x1a")
    alice.shows("Message #general")
    alice.feed(b"\x19")
    alice.shows("line 11")
    alice.feed(b"\x1a")
    alice.shows("Message #general")


def test_broken_lines_are_taken_back_one_by_one(alice: Program) -> None:
    alice.type("first" + "\n" * 12 + "last")
    alice.shows("last")
    alice.hides("first")
    for _ in range(14):
        alice.feed(b"\x1a")
    alice.shows("Message #general")


def test_alt_enter_breaks_the_line_and_no_other_key_held_with_alt_writes(alice: Program) -> None:
    alice.type("one two")
    alice.feed(b"\x1bb\x1bx\x1bw\x1bj\x1b-")
    alice.feed(b"\x1bd")
    alice.hides("two")
    alice.feed(b"\x1b\r")
    alice.type("x")
    alice.until(lambda: [each.split("▌")[-1] for each in alice._emulator.lines()[-3:-1]] == ["one", "x"], "two lines")
    alice.feed(b"\x1a" * 9)
    alice.shows("Message #general")
