"""Catching up with real keys over a slow line: what is begun there is done, even where the screen is closed at once."""

from __future__ import annotations

import re

import pytest

from .town import Town


@pytest.mark.slow
def test_an_undo_goes_on_where_escape_follows_at_once(village: Town, guest: str) -> None:
    yard = village.community("Yard", guest, "bob")
    for name in ("attic", "barn", "cellar"):
        channel = village.channel(yard, name, guest)
        village.call("PUT", f"/api/channels/{channel}/members/{village.house.ids['bob']}", "bob")
        village.call("POST", f"/api/channels/{channel}/messages", "bob", content="news")
    with village.client(guest, url=village.far(0.2)) as program:
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
