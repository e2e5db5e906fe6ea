"""Writing with real keys: what is taken back, broken, pasted and cut."""

from __future__ import annotations

from .program import Program

LINES = "\n".join(f"line {number}" for number in range(12))


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
