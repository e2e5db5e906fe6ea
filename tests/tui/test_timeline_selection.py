"""Text that is selected in the timeline, and links that are clicked."""

from __future__ import annotations

import pytest

from asnity_tui.widgets.timeline.messages import LinkClicked
from asnity_tui.widgets.timeline.view import TimelineView

from .making import row, rows
from .test_timeline import bench


async def test_dragging_selects_text_and_wrapped_lines_are_whole_again() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve"
    async with bench([row(1, "a", text), row(2, "b", "second")], size=(30, 12)) as (app, pilot):
        lines = app.lines()
        top = next(index for index, line in enumerate(lines) if "one two" in line)
        await pilot.mouse_down(offset=(7, top))
        await pilot.hover(offset=(11, len(lines) - 1))
        await pilot.mouse_up(offset=(11, len(lines) - 1))
        assert app.screen.get_selected_text() == f"{text[4:]}\nsecond"


async def test_a_selection_stays_on_its_text_while_history_loads_above() -> None:
    async with bench(rows(101, 120), has_older=True) as (app, pilot):
        row_line = next(index for index, line in enumerate(app.lines()) if line == "   message 115")
        await pilot.mouse_down(offset=(3, row_line))
        await pilot.hover(offset=(13, row_line + 1))
        await pilot.mouse_up(offset=(13, row_line + 1))
        chosen = app.screen.get_selected_text()
        app.view.update((*rows(51, 100, text="wrapped words {} " * 9), *app.view.rows.items), has_older=False)
        await pilot.pause()
        await pilot.resize_terminal(44, 20)
        await pilot.pause()
        assert app.screen.get_selected_text() == chosen == "message 115\nmessage 116"


async def test_a_double_click_selects_one_message() -> None:
    async with bench(rows(1, 9)) as (app, pilot):
        where = app.lines().index("   message 7")
        await pilot.click(TimelineView, offset=(5, where), times=2)
        assert app.screen.get_selected_text() == "message 7"


async def test_a_clicked_link_is_opened() -> None:
    async with bench([row(1, "a", "see https://example.org/x now")]) as (app, pilot):
        where = next(index for index, line in enumerate(app.lines()) if "https" in line)
        await pilot.click(TimelineView, offset=(12, where))
        told = app.heard(LinkClicked)[-1]
        assert isinstance(told, LinkClicked)
        assert told.value == "https://example.org/x"
        await pilot.click(TimelineView, offset=(4, where))
        assert len(app.heard(LinkClicked)) == 1


async def test_the_rows_of_a_range_stand_out_and_without_one_none_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with bench(rows(1, 200)) as (app, pilot):
        await pilot.press("k", "k")
        looked_for: list[str] = []
        index_of = app.view.rows.index_of

        def look(key: str, order: int | None = None) -> int | None:
            looked_for.append(key)
            return index_of(key, order)

        monkeypatch.setattr(app.view.rows, "index_of", look)

        def barred() -> list[int]:
            drawn = [app.view.render_line(y).text for y in range(app.view.size.height)]
            return [y for y, text in enumerate(drawn) if text.startswith("▌")]

        assert len(barred()) == 1
        assert not looked_for, "a range is looked for with every line that is drawn"
        await pilot.press("V", "k", "k")
        assert len(barred()) == 3
        assert looked_for
