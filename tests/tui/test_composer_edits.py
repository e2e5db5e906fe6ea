"""Any edits, in any order, at any size: the composer stands, knows its text, and takes every edit back."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.actions import SkipAction
from textual.events import Paste
from textual.geometry import Offset
from textual.pilot import Pilot

from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.text.tab_stops import TabbedDocument

from .test_widgets import held

Edit = tuple[str, str | int | tuple[int, int]]

TEXTS = st.text(st.sampled_from("ab (한👩‍💻\t\tü"), min_size=1, max_size=30)
PIECES = st.lists(TEXTS | st.just(""), min_size=1, max_size=16).map("\n".join)
ACTIONS = (
    "undo", "redo", "delete_left", "delete_right", "delete_word_left", "delete_word_right", "delete_line", "cut",
    "copy", "paste", "delete_to_start_of_line", "delete_to_end_of_line", "newline", "select_all", "select_line",
    "cursor_up", "cursor_down", "cursor_left", "cursor_right", "cursor_page_up", "cursor_page_down",
    "cursor_line_start", "cursor_line_end", "cursor_word_left", "cursor_word_right",
)  # fmt: skip
SELECTING = ("cursor_up", "cursor_down", "cursor_left", "cursor_right", "cursor_line_start", "cursor_line_end")
EDITS = st.lists(
    st.tuples(st.just("do"), st.sampled_from(ACTIONS))
    | st.tuples(st.just("do"), st.sampled_from(("undo", "redo", "cut", "select_all")))
    | st.tuples(st.just("select"), st.sampled_from(SELECTING))
    | st.tuples(st.just("type"), TEXTS)
    | st.tuples(st.sampled_from(("paste", "put", "exchange")), PIECES)
    | st.tuples(st.just("accept"), st.integers(0, 60))
    | st.tuples(st.just("resize"), st.tuples(st.integers(8, 40), st.integers(1, 14))),
    min_size=1,
    max_size=25,
)
LINES = "\n".join(f"line {number}" for number in range(12))


async def do(edit: Edit, composer: Composer, pilot: Pilot[None]) -> None:
    """One thing that somebody does."""
    kind, what = edit
    if kind == "resize":
        assert isinstance(what, tuple)
        await pilot.resize_terminal(*what)
    elif kind == "accept":
        assert isinstance(what, int)
        composer.put(composer.text[what:])
    elif kind == "exchange":
        assert isinstance(what, str)
        composer.exchange(what, len(what) // 2)
    elif kind == "put":
        assert isinstance(what, str)
        composer.put(what)
    elif kind == "paste":
        assert isinstance(what, str)
        await composer.on_paste(Paste(what))
    elif kind == "type":
        assert isinstance(what, str)
        for letter in what:
            composer.replace(letter, *composer.selection, maintain_selection_offset=False)
    elif kind == "select":
        getattr(composer, f"action_{what}")(select=True)
    else:
        with suppress(SkipAction):  # nothing is selected that could be copied
            getattr(composer, f"action_{what}")()


def check(composer: Composer) -> None:
    """Check the invariants."""
    wrapped, fresh = composer.wrapped_document, TabbedDocument(composer.document, composer.wrap_width, 4)
    assert wrapped.lines == fresh.lines
    assert wrapped.height == fresh.height == composer.virtual_size.height
    for row, column in composer.selection:
        assert 0 <= row < composer.document.line_count
        assert 0 <= column <= len(composer.document.lines[row])
    assert composer._cursor_offset == wrapped.location_to_offset(composer.cursor_location)
    check_drawn(composer)


def check_drawn(composer: Composer) -> None:
    """Each sign is drawn where the cursor would stand on it, a tab up to the next stop, and a click finds it."""
    wrapped, top, height = composer.wrapped_document, composer.scroll_offset.y, composer.content_size.height
    drawn = [composer.render_line(y) for y in range(height)] if composer.text else []
    for row, line in enumerate(composer.document.lines):
        if "\u200d" in line:
            continue  # a piece of an emoji is no sign of its own
        for column, sign in enumerate(line):
            x, y = wrapped.location_to_offset((row, column))
            if not top <= y < top + height:
                continue
            cells = 4 - x % 4 if sign == "\t" else cell_len(sign)
            assert x + cells <= max(composer.wrap_width, 4)  # a stop needs that many
            assert drawn[y - top].crop(x, x + cells).text == (" " * cells if sign == "\t" else sign)
            assert wrapped.offset_to_location(Offset(x, y)) == (row, column)
            assert wrapped.offset_to_location(Offset(x + cells - 1, y)) == (row, column)


async def settled(composer: Composer, pilot: Pilot[None]) -> None:
    """Wait until it is laid out for the size that it has."""
    for _ in range(100):
        await pilot.pause()
        if composer.wrapped_document._width == composer.wrap_width:
            return
    raise AssertionError("it is wrapped at another width than it has")


async def stands_all_of(edits: list[Edit]) -> None:
    """Do them one by one, and look after each; at last take all back, and do them again."""
    composer = Composer()
    async with held(composer, (30, 12)) as (_, pilot):
        composer.focus()
        for edit in edits:
            await do(edit, composer, pilot)
            await settled(composer, pilot)
            check(composer)
        text, many = composer.text, len(composer.history.undo_stack)
        for act in (composer.action_undo, composer.action_redo):
            for _ in range(many):
                act()
                check(composer)
        assert composer.text == text


@given(edits=EDITS)
@example(edits=[("paste", LINES), ("do", "undo"), ("do", "redo"), ("do", "undo")])
@example(edits=[*[("do", "newline")] * 12, *[("do", "undo")] * 12, *[("do", "redo")] * 12])
@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
async def test_every_edit_leaves_a_composer_that_stands(edits: list[Edit]) -> None:
    await stands_all_of(edits)


@pytest.mark.slow
@pytest.mark.timeout(600)
@given(edits=EDITS)
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
async def test_many_more_edits_leave_a_composer_that_stands(edits: list[Edit]) -> None:
    await stands_all_of(edits)


async def test_what_is_taken_back_is_what_was_there_before() -> None:
    composer = Composer()
    async with held(composer, (30, 12)) as (_, pilot):
        composer.focus()
        texts = ["", LINES, LINES + "!", LINES + "!\n", "short"]
        await composer.on_paste(Paste(LINES))
        await pilot.press("!", "ctrl+j")
        composer.action_select_all()
        await composer.on_paste(Paste("short"))
        for text in reversed(texts):
            assert composer.text == text
            await pilot.press("ctrl+z")
        for text in texts[1:]:
            await pilot.press("ctrl+y")
            assert composer.text == text


async def test_the_cursor_stays_in_sight_when_the_window_gets_narrower() -> None:
    composer = Composer()
    async with held(composer, (60, 12)) as (app, pilot):
        composer.focus()
        composer.put("many words that are wrapped into lines " * 8)
        await pilot.resize_terminal(20, 12)
        await settled(composer, pilot)
        assert composer.scroll_offset.y == composer.wrapped_document.height - composer.size.height
        assert composer.content_region.contains_point(app.cursor_position)


async def test_tabs_stay_tabs_and_other_control_characters_become_pictures() -> None:
    composer = Composer()
    async with held(composer, (30, 12)) as (_, pilot):
        composer.focus()
        await composer.on_paste(Paste("all:\r\n\tcc\x1b한\tb\u202e"))
        pasted = composer.text
        assert pasted == "all:\n\tcc␛한\tb"
        composer.exchange(pasted, len(pasted))
        assert composer.text == pasted
        composer.put(pasted)
        assert composer.text == pasted
        await settled(composer, pilot)
        assert composer.render_line(1).text.rstrip() == "    cc␛한   b"
        assert composer._cursor_offset == (13, 1)
