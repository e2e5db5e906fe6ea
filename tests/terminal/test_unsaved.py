"""A disk that takes nothing: what is written can be sent all the same, and nothing is lost in silence."""

from __future__ import annotations

import sqlite3

import pytest

from .program import becomes
from .terminal_harness import TerminalHarness
from .test_bursts import texts


@pytest.mark.slow
def test_what_cannot_be_saved_is_sent_with_a_key(terminals: TerminalHarness) -> None:
    name = f"poor{next(terminals.numbers)}"
    terminals.person(name)
    terminals.community("Attic", name)
    with terminals.client(name, width=60, height=20) as program:
        program.shows("Message #general")
        program.type("x")  # the cache is there as soon as something was written to it
        cache = terminals.home(name) / "accounts"
        becomes(lambda: bool(list(cache.glob("*.db"))), "the cache")
        program.feed(b"\x15")
        for file in cache.glob("*.db"):
            connection = sqlite3.connect(file)
            connection.execute("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END")
            connection.close()
        program.type("precious")
        program.feed(b"\r")
        program.shows("Not sent: it can't be saved.", "alt+r send anyway", "precious")
        assert texts(terminals, name) == []
        program.feed(b"\x1br")
        becomes(lambda: texts(terminals, name) == ["precious"], "the message")
        program.hides("send anyway")
