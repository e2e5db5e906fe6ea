"""Catching up with real keys over a slow line: what is begun there is done, even where the screen is closed at once."""

from __future__ import annotations

import re

import pytest

from .terminal_harness import TerminalHarness


@pytest.mark.slow
def test_an_undo_goes_on_where_escape_follows_at_once(terminals: TerminalHarness, guest: str) -> None:
    yard = terminals.community("Yard", guest, "bob")
    for name in ("attic", "barn", "cellar"):
        channel = terminals.channel(yard, name, guest)
        terminals.call("PUT", f"/api/channels/{channel}/members/{terminals.live_server.ids['bob']}", "bob")
        terminals.call("POST", f"/api/channels/{channel}/messages", "bob", content="news")
    with terminals.client(guest, url=terminals.far(0.2)) as program:
        program.shows("Message #general")
        program.feed(b"\x1b[6;3~")  # alt+page down: the next community
        program.shows("# cellar")
        program.feed(b"\x1bi")
        program.shows("Catch up", "bob: news")
        program.feed(b"M")
        program.shows("all caught up")
        program.feed(b"z")
        program.feed(b"\x1b")
        program.hides("Catch up")
        program.until(
            lambda: len(re.findall(r"# (?:attic|barn|cellar) +1\b", program.text)) == 3, "all of them unread again"
        )
