"""The timeline under a person's hands: nothing moves that is read, everything needed is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.scrollbar import ScrollTo, ScrollUp

import asnity_tui
from asnity_tui import themes
from asnity_tui.commands.context import CommandContext
from asnity_tui.commands.registry import BY_ID
from asnity_tui.screens.chat.timeline_controller import MessageTimeline
from asnity_tui.state.rows import Gap, Item, Row
from asnity_tui.widgets.text.hangul_keys import JAMO
from asnity_tui.widgets.timeline.messages import (
    FillGap,
    LeaveTimeline,
    LookingAt,
    NeedNewer,
    NeedOlder,
    ReadUpTo,
    WantNewest,
)

from .making import ME, message, refused, render_context, row, rows, unsent

STYLES = Path(asnity_tui.__file__).parent / "asnity.tcss"


class BenchScreen(Screen[None]):
    """Notes which commands it is asked for."""

    app: Bench

    def action_command(self, id: str) -> None:
        """Note it."""
        current = self.app.view.current
        if id == "message.range":
            self.app.view.toggle_range()
        self.app.commands.append((id, current.message.id if isinstance(current, Row) else 0))


class Bench(App[None]):
    """A timeline and nothing else."""

    CSS_PATH = STYLES

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Message] = []
        """Each message once, though it goes through several hands."""
        self.view = MessageTimeline(render_context())
        self.commands: list[tuple[str, int]] = []
        """Ids of the commands that keys asked for, with the message under the cursor."""

    def get_default_screen(self) -> Screen[None]:
        """Begin with a screen that notes commands."""
        return BenchScreen()

    def compose(self) -> ComposeResult:
        for theme in themes.OWN:
            self.register_theme(theme)
        self.theme = "asnity-dark"
        yield self.view

    def lines(self) -> list[str]:
        """The screen, line by line, without the cursor."""
        cursor, self.view.cursor.key = self.view.cursor.key, None
        found = [self.view.render_line(y).text.rstrip() for y in range(self.view.size.height)]
        self.view.cursor.key = cursor
        return found

    def listen(self, told: Message) -> None:
        """For `message_hook`."""
        if not any(told is known for known in self.told):
            self.told.append(told)

    def heard(self, kind: type[Message]) -> list[Message]:
        """List the messages of one kind."""
        return [told for told in self.told if type(told) is kind]


@asynccontextmanager
async def bench(
    items: list[Row] | list[Item] | None = None, *, size: tuple[int, int] = (60, 20), **more: object
) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench()
    async with app.run_test(size=size, message_hook=app.listen) as pilot:
        if items is not None:
            app.view.show("c", tuple(items), has_older=bool(more.get("has_older")), new_after=more.get("new_after"))  # type: ignore[arg-type]
            await pilot.pause()
        yield app, pilot


async def test_the_newest_message_shows_at_the_bottom() -> None:
    async with bench(rows(1, 200)) as (app, _):
        assert app.lines()[-1] == "   message 200"
        assert app.view.scroll_position.following


async def test_new_messages_are_followed_at_the_end() -> None:
    async with bench(rows(1, 200)) as (app, pilot):
        app.view.update((*app.view.rows.items, *rows(201, 230)), has_older=False)
        await pilot.pause()
        assert app.lines()[-1] == "   message 230"
        assert app.view.visibility.below == 0


async def test_new_messages_never_move_what_is_read() -> None:
    async with bench(rows(1, 200)) as (app, pilot):
        await pilot.press("pageup")
        before = app.lines()
        app.view.update((*app.view.rows.items, *rows(201, 230), row(231, ME, "mine")), has_older=False)
        await pilot.pause()
        assert app.lines()[:-1] == before[:-1]
        assert app.lines()[-1].endswith(" ▼ 30 new")
        await pilot.press("G")
        assert isinstance(app.heard(WantNewest)[0], WantNewest)
        app.view.go_to_newest()
        await pilot.pause()
        assert app.lines()[-1] == "   mine"
        assert app.view.visibility.below == 0


@pytest.mark.slow
async def test_history_that_loads_above_moves_nothing() -> None:
    long = "a long message that certainly wraps {} " * 6
    held = rows(101, 200, text=long)
    async with bench(held, has_older=True) as (app, pilot):
        for _ in range(60):
            await pilot.press("pageup")
        assert app.heard(NeedOlder)
        app.view.scroll_position.hold(1, 0, 5)
        before = app.lines()
        app.view.update((*rows(51, 100, text=long), *held), has_older=True)
        await pilot.pause()
        assert app.lines()[5:] == before[5:]


@pytest.mark.parametrize("asked", [ScrollUp(), ScrollTo(y=120.0), ScrollTo(y=120.0, animate=False)], ids=str)
async def test_a_scroll_that_was_asked_for_stays_when_more_loads_at_once(asked: Message) -> None:
    """By a click into the scrollbar, and by dragging it, which Textual animates in terminals that tell no pixels."""
    held = rows(101, 300)
    async with bench(held, has_older=True) as (app, pilot):
        app.animation_level = "full"
        at_the_end = app.lines()
        app.view.post_message(asked)
        await pilot.pause(0)
        before = app.lines()
        assert not set(before) & set(at_the_end[1:])
        app.view.update((*rows(51, 100), *held), has_older=True)
        await pilot.wait_for_animation()
        assert app.lines() == before


async def test_old_messages_that_are_dropped_move_nothing() -> None:
    held = rows(1, 200, text="word {} " * 20)
    async with bench(held) as (app, pilot):
        await pilot.press("pageup", "pageup")
        before = app.lines()
        app.view.update((*held[50:], *rows(201, 210)), has_older=True)
        await pilot.pause()
        assert app.lines()[:-1] == before[:-1]


async def test_another_width_keeps_the_same_message_at_the_bottom() -> None:
    async with bench(rows(1, 300, text="message {} " + "with many words " * 8)) as (app, pilot):
        await pilot.press("pageup", "pageup", "pageup")
        first, end = app.view.scroll_position.in_sight()
        bottom = app.view.rows.items[end - 1]
        for width in (100, 33, 60):
            await pilot.resize_terminal(width, 20)
            await pilot.pause()
            assert app.view.rows.items[app.view.scroll_position.in_sight()[1] - 1] is bottom
        assert first < end


async def test_a_terminal_that_becomes_small_still_shows_the_end() -> None:
    async with bench(rows(1, 9)) as (app, pilot):
        await pilot.press("k")
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert app.lines()[-1] == "   message 9"


async def test_an_edit_above_moves_nothing_below() -> None:
    held = rows(1, 200)
    async with bench(held) as (app, pilot):
        await pilot.press("pageup")
        first, _ = app.view.scroll_position.in_sight()
        before = app.lines()
        held[first] = row(
            first + 1, "a", "changed to something that takes more than a single line " * 3, (first + 1) / 3
        )
        app.view.update(tuple(held), has_older=False)
        await pilot.pause()
        assert app.lines()[-8:] == before[-8:]


@pytest.mark.slow
async def test_paging_up_and_down_comes_back_to_the_same_lines() -> None:
    async with bench(rows(1, 500, text="message {} " * 13)) as (app, pilot):
        await pilot.press("pageup", "pageup")
        before = app.lines()
        await pilot.press(*["pageup"] * 6, *["pagedown"] * 6)
        assert app.lines() == before


@pytest.mark.slow
async def test_each_page_follows_on_the_last_one() -> None:
    async with bench(rows(1, 300, text="message {} " * 13)) as (app, pilot):
        for _ in range(20):
            top = app.lines()[0]
            await pilot.press("pageup")
            assert app.lines()[-1] == top


async def test_a_page_up_in_thousands_of_messages_measures_no_more_than_what_is_near() -> None:
    async with bench(rows(1, 5_000)) as (app, pilot):
        await pilot.press("pageup")
        assert sum(app.view.rows._measured) < 150


async def test_the_new_rule_stays_where_it_was_put() -> None:
    async with bench(rows(1, 30), new_after=25) as (app, pilot):
        assert sum(" new " in line for line in app.lines()) == 1
        app.view.update((*app.view.rows.items, *rows(31, 33)), has_older=False)
        await pilot.pause()
        where = next(index for index, line in enumerate(app.lines()) if " new " in line)
        assert app.lines()[where + 2] == "   message 26"


async def test_opening_at_a_message_shows_it_from_the_top() -> None:
    async with bench() as (app, pilot):
        app.view.show("c", tuple(rows(1, 200)), has_older=False, new_after=99, at=100)
        await pilot.pause()
        assert "   message 100" in app.lines()[:5]
        assert app.view.visibility.below == 200 - app.view.visibility._seen


async def test_what_shows_whole_is_read_once() -> None:
    async with bench(rows(1, 200), new_after=150) as (app, pilot):
        assert [told.message_id for told in app.heard(ReadUpTo)] == [200]  # type: ignore[attr-defined]
        await pilot.press("pageup", "pagedown")
        assert len(app.heard(ReadUpTo)) == 1


async def test_without_anybody_looking_nothing_is_read() -> None:
    async with bench() as (app, pilot):
        app.view.looking = False
        app.view.show("c", tuple(rows(1, 50)), has_older=False, new_after=40)
        await pilot.pause()
        assert not app.heard(ReadUpTo)
        app.view.looking = True
        await pilot.pause()
        assert len(app.heard(ReadUpTo)) == 1


async def test_a_message_that_is_cut_at_the_bottom_is_not_read() -> None:
    async with bench() as (app, pilot):
        app.view.show("c", tuple(rows(1, 50, text="line\nline\nline {}")), has_older=False, new_after=9, at=10)
        await pilot.pause()
        first, end = app.view.scroll_position.in_sight()
        cut = app.view.rows.heights.top(end) > app.view.scroll_offset.y + 20
        last = app.view.rows.items[end - 1 - cut]
        assert isinstance(last, Row)
        assert first < end
        assert [told.message_id for told in app.heard(ReadUpTo)] == [last.message.id]  # type: ignore[attr-defined]


async def test_it_says_what_is_looked_at() -> None:
    async with bench(rows(1, 100)) as (app, _):
        told = app.heard(LookingAt)[-1]
        assert isinstance(told, LookingAt)
        assert told.last_id == 100


@pytest.mark.slow
async def test_a_gap_in_sight_is_asked_for_once_and_again_by_enter() -> None:
    gap = Gap(50, 101, 50)
    async with bench([*rows(1, 50), gap, *rows(101, 108)]) as (app, pilot):
        assert [told.gap for told in app.heard(FillGap)] == [gap]  # type: ignore[attr-defined]
        app.view.focus()
        for _ in range(8):
            await pilot.press("k")
        assert app.view.current is gap
        await pilot.press("enter")
        assert len(app.heard(FillGap)) == 2


async def test_a_gap_that_fills_above_moves_nothing() -> None:
    async with bench([*rows(1, 50), Gap(50, 101, 50), *rows(101, 108)]) as (app, pilot):
        app.view.scroll_position.following = False
        app.view.scroll_position.settle()
        before = app.lines()
        app.view.update((*rows(1, 50), Gap(50, 81, 30), *rows(81, 108)), has_older=False)
        await pilot.pause()
        assert app.lines()[-8:] == before[-8:]


async def test_newer_messages_are_asked_for_at_the_end_of_what_is_loaded() -> None:
    async with bench([*rows(1, 100), Gap(100, 5001, 4900)]) as (app, _):
        assert len(app.heard(NeedNewer)) == 1
        assert not app.heard(FillGap)


@pytest.mark.slow
async def test_moving_chooses_messages_and_keeps_them_in_sight() -> None:
    async with bench(rows(1, 200)) as (app, pilot):
        await pilot.press("k", "k", "k")
        assert app.view.current is app.view.rows.items[196]
        await pilot.press(*["up"] * 40)
        first, end = app.view.scroll_position.in_sight()
        assert app.view.current in app.view.rows.items[first:end]
        assert not app.view.scroll_position.following
        await pilot.press(*["j"] * 60)
        assert app.view.current is app.view.rows.items[-1]
        assert app.view.scroll_position.following


@pytest.mark.slow
@pytest.mark.parametrize("letter", ["j", "k", "g"])
async def test_letters_act_when_they_come_as_jamo(letter: str) -> None:
    async with bench(rows(1, 200)) as (app, pilot):
        await pilot.press("k", "k", letter)
        wanted = app.view.current
        app.view.go_to_newest()
        app.view.cursor.key = app.view.rows.items[-1].key  # type: ignore[union-attr]
        await pilot.press("k", "k", JAMO[letter])
        assert app.view.current is wanted


@pytest.mark.slow
async def test_a_message_longer_than_the_screen_is_paged_through() -> None:
    async with bench([*rows(1, 3), row(4, "b", "\n".join(f"line {i}" for i in range(30)), 9), *rows(30, 33)]) as (
        app,
        pilot,
    ):
        await pilot.press(*["k"] * 4)
        assert app.lines()[-1] == "   line 29"
        seen = set()
        for _ in range(6):
            seen.update(app.lines())
            await pilot.press("k")
        assert {f"   line {i}" for i in range(30)} <= seen


async def test_keys_act_on_the_message_under_the_cursor() -> None:
    async with bench(rows(1, 5)) as (app, pilot):
        await pilot.press("k", "r", "y", "ㅕ")
        assert app.commands == [("message.reply", 4), ("message.copy", 4), ("message.unread-from", 4)]


@pytest.mark.slow
async def test_on_a_failed_row_r_and_e_mean_retry_and_take_back() -> None:
    async with bench([*rows(1, 3), unsent("n", "lost", refused("No."))]) as (app, pilot):
        await pilot.press("k", "j", "r", "R", "e", "E", "x", "ㅌ")
        meant = []
        for id, _ in app.commands:
            command, row = BY_ID[id], app.view.current
            assert isinstance(row, Row)
            ctx = CommandContext(session=Mock(), ui=Mock(), now=0, rights=Mock(), channel=Mock(), row=row)
            meant.append(command.meant(ctx, "")[0].id.removeprefix("message."))
        assert meant == ["retry", "retry", "take-back", "take-back", "discard", "discard"]


async def test_escape_goes_back_to_the_composer() -> None:
    async with bench(rows(1, 3)) as (app, pilot):
        await pilot.press("escape", "i", "enter", "ㅑ")
        assert len(app.heard(LeaveTimeline)) == 4


async def test_names_that_become_known_show_at_once() -> None:
    async with bench([row(1, "z", "hi")]) as (app, pilot):
        assert " ?  10:02" in app.lines()
        app.view.set_context(render_context(name_of=lambda _: "zoe"))
        await pilot.pause()
        assert " zoe  10:02" in app.lines()


@pytest.mark.slow
@pytest.mark.parametrize("size", [(20, 5), (8, 1), (200, 60), (21, 3)])
async def test_any_size_is_drawn(size: tuple[int, int]) -> None:
    items: list[Item] = [
        *rows(1, 20),
        Gap(20, 31, 10),
        row(31, "k", "귤 먹으러 👩‍👩‍👧"),
        unsent("n", "x", refused("No.")),
    ]
    async with bench(items, size=size, new_after=15) as (app, pilot):
        await pilot.press("k", "k", "pageup", "g", "end")
        assert all(app.view.render_line(y).cell_length == app.view.size.width for y in range(size[1]))


async def test_an_empty_channel_says_so() -> None:
    async with bench([]) as (app, pilot):
        app.view.empty_text = "Nothing here yet."
        app.view.refresh()
        await pilot.press("k", "j", "pageup", "g", "y", "enter")
        assert app.lines()[-1] == "   Nothing here yet."


async def test_what_an_empty_channel_says_is_never_cut() -> None:
    async with bench([], size=(30, 8)) as (app, _):
        app.view.empty_text = "Not loaded: you are offline. It loads once you are connected again."
        said = [line.strip() for line in app.lines() if line.strip()]
        assert " ".join(said) == app.view.empty_text
        assert len(said) == 3


async def test_a_deleted_message_leaves_a_mark() -> None:
    held = rows(1, 5)
    async with bench(held) as (app, pilot):
        gone = Row("m5", message(5, "a", "", deleted_at="2026-11-20T11:00:00.000Z"), held[4].delivery, None)
        app.view.update((*held[:4], gone), has_older=False)
        await pilot.pause()
        assert app.lines()[-1] == "   message deleted"


async def test_the_cursor_bar_moves_no_text() -> None:
    items = [row(1), row(2, "b", "works", 1, reply_to=1), unsent("n", "see you", refused("you were muted"), minutes=2)]
    async with bench(items) as (app, pilot):
        plain = app.lines()
        await pilot.press("tab")
        for _ in items:
            shown = [app.view.render_line(y).text.rstrip() for y in range(app.view.size.height)]
            assert [line.replace("▌", " ", 1).rstrip()[:30] for line in shown] == [line[:30] for line in plain]
            assert any(line.startswith("▌") for line in shown)
            await pilot.press("k")


def tall(id: int, lines: int) -> Row:
    """A message of so many lines."""
    return row(id, "b", "\n".join(f"{id}: line {number}" for number in range(1, lines + 1)), id / 3)


async def test_enter_shows_all_of_a_long_message_where_it_stands() -> None:
    items = [*rows(1, 20), tall(21, 60), *rows(22, 60)]
    async with bench(items, size=(60, 50)) as (app, pilot):
        app.view.focus()
        app.view.go_to(21)
        await pilot.pause()
        before = app.lines()
        folded = next(line for line in before if "more lines" in line)
        assert folded == "   … 30 more lines · Enter to show"
        await pilot.press("enter")
        after = app.lines()
        stands = before.index(folded)
        assert (after[:stands], after[stands]) == (before[:stands], "   21: line 31")
        assert not app.heard(LeaveTimeline)
        app.view.update((*app.view.rows.items, *rows(61, 70)), has_older=False)
        await pilot.pause()
        assert app.lines()[:-1] == after[:-1]  # the last line counts what is new
        await pilot.press("enter")
        assert app.heard(LeaveTimeline)


async def test_a_click_shows_it_too_and_a_narrower_pane_keeps_it() -> None:
    async with bench([*rows(1, 3), tall(4, 45)], size=(60, 40)) as (app, pilot):
        y = next(y for y, line in enumerate(app.lines()) if "more lines" in line)
        await pilot.click(app.view, offset=(6, y))
        await pilot.pause()
        assert not any("more lines" in line for line in app.lines())
        await pilot.resize_terminal(40, 40)
        await pilot.pause()
        assert not any("more lines" in line for line in app.lines())
        assert sum("4: line" in line for line in app.lines()) > 30


async def test_the_time_of_the_row_under_the_cursor_covers_nothing_that_is_written() -> None:
    full = "x" * 57
    said = [row(1, "a", "first"), row(2, "a", f"{full} and a bit more"), row(3, "a", full), row(4, "a", "short")]
    async with bench(said, size=(60 + 1, 20)) as (app, _):
        app.view.focus()
        shown: dict[int, list[str]] = {}
        for index, item in enumerate(said):
            app.view.cursor.key = item.key
            top = app.view.rows.heights.top(index) + app.view.scroll_position.padding
            many = app.view.rows.heights[index]
            shown[item.message.id] = [app.view.render_line(top + n).text.rstrip() for n in range(many)]
        assert shown[2][0] == f"▌  {full}"
        assert shown[2][1].startswith("▌  and a bit more  ")  # it has the time, where there is room
        assert ":" in shown[2][1]
        assert shown[3] == [f"▌  {full}"]
        assert ":" in shown[4][0]


async def test_rows_that_come_when_it_has_the_focus_have_a_cursor_at_once() -> None:
    async with bench([]) as (app, pilot):
        app.view.focus()
        await pilot.pause()
        app.view.update(tuple(rows(1, 5)), has_older=False)
        assert app.view.current is not None
        assert app.view.current.message.id == 5
