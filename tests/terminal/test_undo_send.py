"""A message that was just sent is taken back with real keys, and goes by itself otherwise."""

from __future__ import annotations

import pytest

from .terminal_harness import TerminalHarness


@pytest.mark.slow
def test_a_message_waits_three_seconds_and_escape_takes_it_back(terminals: TerminalHarness, guest: str) -> None:
    with terminals.client(guest, ASNITY_TUI_UNDO_SEND="3") as program:
        program.shows("Message #general")
        program.type("oops\r")
        program.shows("Esc to undo", "sending in 3 s")
        program.feed(b"\x1b")
        program.shows("back in the composer")
        program.hides("Esc to undo")
        program.type(" not\r")
        program.shows("Esc to undo")
        program.hides("Esc to undo")
        program.shows("oops not")
