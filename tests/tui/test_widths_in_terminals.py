"""Columns that hold in every terminal: what terminals count differently is not written to those that may."""

from __future__ import annotations

import re
import shlex
from copy import copy
from pathlib import Path

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from asnity_tui.terminal.joined_emoji import joins
from asnity_tui.terminal.stable_width_driver import steadied
from asnity_tui.widgets.text.safe_text import harmless

from ..e2e.tmux import tmux

EMOJI = (
    "👩‍💻", "👨‍👩‍👧", "🏳️‍🌈", "👩‍❤️‍👨", "👍🏽", "☝🏽", "👩🏽‍💻", "⚠️", "❤️", "©️", "🇰🇷", "🇰🇷🇯🇵", "1️⃣", "#️⃣",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🎉", "🫩", "🫨", "⌚", "☺", "\u1112\u119e", "\u1112\u119e\u11ab", "क्षि", "கொ", "ကို", "한글", "e\u0301\u0323",
    "…", "─", "●",
)  # fmt: skip
DIFFERENTLY = re.compile("[\u0900-\u11ff\U0001fa00-\U0001faff]")
"""Scripts and new emoji of which tmux tells another text than it was given; their columns hold all the same."""

texts = st.lists(st.sampled_from(EMOJI) | st.sampled_from(["a", " ", "\u200d", "\ufe0f"]), max_size=12).map("".join)
DISPUTED = re.compile("[\u200d\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff\U000e0020-\U000e007f]")


class Terminal(pyte.Screen):
    """One that keeps where its cursor was, as terminals do; pyte forgets it."""

    def restore_cursor(self) -> None:
        kept = self.savepoints[-1]
        super().restore_cursor()
        self.savepoints.append(kept)
        self.cursor = copy(kept.cursor)


def columns(data: str) -> int:
    """Find the cursor's column after `data` in a terminal that joins nothing."""
    screen = Terminal(120, 2)
    pyte.Stream(screen).feed(data)
    return screen.cursor.x


@given(texts)
def test_only_signs_that_all_count_alike_are_written(text: str) -> None:
    text = harmless(text)
    written = steadied(text, joined=False)
    assert not DISPUTED.search(written)
    assert columns(written) == columns(steadied(text)) == cell_len(text)


def test_what_is_written_for_an_emoji() -> None:
    def seen(text: str) -> str:
        return re.sub(r"\x1b7 +\x1b8|\x1b8\x1b\[\dC", "", steadied(text, joined=False))

    assert [seen(each) for each in ("👩‍💻", "👍🏽", "🏳️‍🌈", "⚠️", "🇰🇷", "1️⃣", "🎉", "☺")] == [
        "👩", "👍", "🏳 ", "⚠ ", "KR", "1 ", "🎉", "☺",
    ]  # fmt: skip
    assert steadied("plain 한글 ─ ● ★", joined=False) == "plain 한글 ─ ● ★"


@pytest.mark.parametrize(
    ("environment", "whether"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "foot-extra"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux-0/default,1,0"}, False),
        ({"TERM": "screen-256color", "TERM_PROGRAM": "iTerm.app"}, False),
        ({"TERM": "tmux-256color"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm", "ZELLIJ": "0"}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "linux"}, False),
        ({}, False),
    ],
)
def test_joined_emoji_are_for_terminals_that_join_them(environment: dict[str, str], whether: bool) -> None:
    assert joins(environment) is whether


@pytest.mark.slow
async def test_tmux_shows_each_row_without_a_hole(tmp_path: Path) -> None:
    rows = [harmless(f"{each}{each} {each}") for each in EMOJI]
    (tmp_path / "rows").write_text("\n".join(steadied(f"{row}|", joined=False) for row in rows) + "\nend\n")
    async with tmux(tmp_path) as server:
        command = f"cat {shlex.quote(str(tmp_path / 'rows'))}; sleep 60"
        await server.run("new-session", "-d", "-s", "rows", "-x", "80", "-y", "60", command)
        shown = ""
        while "\nend" not in shown:
            shown = await server.run("capture-pane", "-p", "-t", "rows")
        for number, row in enumerate(rows):
            line = shown.split("\n")[number]
            if not DIFFERENTLY.search(row):
                assert cell_len(line.partition("|")[0]) == cell_len(row), (row, line)
