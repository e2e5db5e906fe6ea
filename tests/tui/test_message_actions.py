"""Actions on messages by their keys: reactions, replies, edits, links, and copies of several."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence

import pytest

from asnity_server.protocol.models import Reaction
from asnity_server.protocol.requests import OfReaction
from asnity_server.protocol.routes import ADD_REACTION
from asnity_tui.screens.chat.compose_modes import Replying
from asnity_tui.screens.dialogs.emoji_picker import EmojiPicker
from asnity_tui.state.completion.emoji_names import EmojiNames
from asnity_tui.state.rows import Row
from asnity_tui.terminal import plain_view
from asnity_tui.widgets.timeline.layout import RowHeader, layout_row

from .app_harness import AppHarness, RunningApp, populated_harness, run_app
from .making import ME, render_context, row


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in one of them mina has read everything."""
    return populated_harness()


@pytest.fixture(autouse=True)
def _few_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emoji whose names load at once."""
    few = EmojiNames({"🎉": ("tada",), "👍": ("thumbsup", "+1"), "❤️": ("heart",), "😂": ("joy",)})
    monkeypatch.setattr(EmojiNames, "load", lambda: few)


def last(running: RunningApp) -> Row:
    """The newest message."""
    item = running.conversation.view.rows.items[-1]
    assert isinstance(item, Row)
    return item


@pytest.mark.slow
async def test_reactions_are_put_and_taken_back_by_a_picker_that_knows_mine(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("escape", "plus")
        await running.until(lambda: isinstance(running.app.screen, EmojiPicker))
        await running.pilot.press(*"tad", "enter")
        await running.until(lambda: last(running).message.reactions)
        await running.shows("🎉 1")
        held = harness.server.world.channels[harness.general].messages[-1]
        await running.until(lambda: "🎉" in harness.server.world.channels[harness.general].messages[-1].reactions)
        assert held.id == last(running).message.id
        await running.pilot.press("plus")
        await running.shows("yours")
        await running.pilot.press("enter")
        await running.until(lambda: not last(running).message.reactions)
        assert running.session.preferences.frequent_emoji(3) == ("🎉",)
        harness.server.call(
            harness.server.token(harness.bob),
            ADD_REACTION,
            OfReaction(channel_id=harness.general, chat_id=held.id, emoji="👍"),
        )
        await running.shows("👍 1")
        y = next(index for index, line in enumerate(running.lines()) if "👍" in line)
        await running.pilot.click("#timeline", offset=(running.lines()[y].index("👍"), y))
        await running.shows("👍 2")
        await running.pilot.press("plus", *"zzz")
        await running.shows("No matching emoji.")
        await running.pilot.press("escape")


@pytest.mark.slow
async def test_a_reply_quotes_and_leads_back(harness: AppHarness) -> None:
    async with run_app(harness, size=(100, 16)) as running:
        await running.shows("hello 5")
        await running.pilot.press("escape", "g", "r")
        await running.shows("> alice: hello 1")
        await running.pilot.press(*"first!", "enter")
        await running.until(lambda: last(running).message.reply_to == 1)
        assert not running.conversation.composing.status.mode_line.display
        for number in range(20):
            harness.server.post(harness.general, harness.bob, f"more {number}")
        await running.shows("more 19")
        await running.pilot.press("escape", *["k"] * 20, "p")
        await running.shows("hello 1")
        await running.until(lambda: running.conversation.view.current is running.conversation.view.rows.items[0])
        await running.pilot.press("p")  # it answers nothing


@pytest.mark.slow
async def test_an_answer_that_is_begun_stays_with_its_draft(harness: AppHarness) -> None:
    async with run_app(harness, size=(100, 16)) as running:
        await running.shows("hello 5")
        await running.pilot.press("escape", "g", "r", *"well")
        await running.shows("> alice: hello 1")
        await running.pilot.press("alt+down")
        await running.until(lambda: running.conversation.channel_id != harness.general)
        assert not running.conversation.composing.status.mode_line.display
        await running.pilot.press("alt+up")
        await running.shows("> alice: hello 1")
        running.conversation.unsent.edit_last()
        assert running.conversation.composing.status.mode_line.display
        harness.server.post(harness.general, harness.mina, "mine")
        await running.until(lambda: last(running).message.content == "mine")
        running.conversation.unsent.edit_last()
        await running.shows("Editing")
        await running.pilot.press("escape")
        await running.shows("> alice: hello 1")
        await running.pilot.press("enter")
        await running.until(lambda: last(running).message.reply_to == 1)
        await running.pilot.press("alt+down", "alt+up")
        await running.until(lambda: running.conversation.channel_id == harness.general)
        assert not running.conversation.composing.status.mode_line.display


async def test_v_shows_the_raw_text_and_back(harness: AppHarness) -> None:
    harness.server.post(harness.general, harness.bob, "**loud** and `code`")
    async with run_app(harness) as running:
        await running.shows("loud and code")
        await running.pilot.press("escape", "v")
        await running.shows("**loud** and `code`")
        await running.pilot.press("v")
        await running.shows("loud and code")


@pytest.mark.slow
async def test_a_range_is_marked_and_copied_as_text_or_as_quote(harness: AppHarness) -> None:
    harness.server.post(harness.general, harness.bob, "two\nlines")
    async with run_app(harness) as running:
        await running.shows("lines")
        await running.pilot.press("escape", "V", "k", "y")
        await running.shows("Copied through the terminal")
        assert running.app.clipboard == "alice 10:00\nhello 5\n\nbob 10:00\ntwo\nlines"
        assert not running.conversation.view.range.is_marking
        await running.pilot.press("j", "V", "k", "greater_than_sign")
        await running.until(lambda: running.app.clipboard.startswith(">"))
        assert running.app.clipboard == "> **alice** hello 5\n> **bob** two\n> lines"
        await running.pilot.press("V", "escape")
        assert not running.conversation.view.range.is_marking
        assert running.conversation.view.has_focus
        await running.pilot.press("escape")
        await running.until(lambda: running.conversation.composer.has_focus)


async def test_a_click_on_the_quote_leads_to_its_origin(harness: AppHarness) -> None:
    harness.server.post(harness.general, harness.bob, "indeed", reply_to=2)
    async with run_app(harness) as running:
        await running.shows("> alice: hello 2")
        y = next(index for index, line in enumerate(running.lines()) if "> alice" in line)
        await running.pilot.click("#timeline", offset=(10, y))
        await running.until(
            lambda: running.conversation.view.current is not None and running.conversation.view.cursor.key == "m2"
        )


@pytest.mark.slow
async def test_escape_takes_back_what_is_held(harness: AppHarness) -> None:
    async with run_app(harness, undo_seconds=10) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"oops", "enter")
        await running.shows("sending in a moment · Esc to undo")
        await running.shows("sending in 10 s · Esc to undo")
        await running.pilot.press(*"next", "escape")
        await running.until(lambda: running.conversation.composer.text == "oops\nnext")
        assert harness.server.world.channels[harness.general].messages[-1].content == "hello 5"
        assert last(running).message.content == "hello 5"
        assert running.conversation.composer.has_focus
        await running.pilot.press("escape", "escape")
        await running.until(lambda: running.conversation.view.has_focus)


def written(running: RunningApp) -> list[str]:
    """List the server's messages in the open channel."""
    return [each.content for each in running.harness.server.world.channels[running.harness.general].messages[5:]]


@pytest.mark.slow
async def test_what_is_held_goes_at_once_with_the_next_with_enter_and_on_leaving(harness: AppHarness) -> None:
    async with run_app(harness, undo_seconds=10) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"one", "enter")
        await running.shows("Esc to undo")
        assert written(running) == []
        await running.pilot.press(*"two", "enter")
        await running.until(lambda: written(running) == ["one"])
        await running.pilot.press("enter")
        await running.until(lambda: written(running) == ["one", "two"])
        await running.pilot.press(*"three", "enter")
        await running.shows("Esc to undo")
        await running.pilot.press("alt+down")
        await running.until(lambda: written(running) == ["one", "two", "three"])


@pytest.mark.slow
async def test_up_takes_back_what_is_held_instead_of_editing_what_is_older(harness: AppHarness) -> None:
    async with run_app(harness, undo_seconds=10) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"older", "enter", "enter")
        await running.until(lambda: written(running) == ["older"])
        await running.pilot.press(*"tpyo", "enter")
        await running.shows("Esc to undo")
        await running.pilot.press("up")
        await running.until(lambda: running.conversation.composer.text == "tpyo")
        assert running.conversation.composing.mode.current is None
        assert written(running) == ["older"]


async def in_a_thread(doing: Callable[[], object], end: Callable[[int], object]) -> object:
    return await asyncio.to_thread(doing)


@pytest.mark.slow
async def test_the_editor_gets_the_text_and_gives_it_back(harness: AppHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.write_text(p.read_text() + 'more')"
    async with run_app(harness) as running:
        await running.shows("hello 5")
        monkeypatch.setattr(running.app.terminal, "lend", in_a_thread)
        composer = running.conversation.composer
        await running.pilot.press(*"some")
        monkeypatch.setenv("VISUAL", f'{sys.executable} -c "{program}"')
        await running.pilot.press("ctrl+o")
        await running.until(lambda: composer.text == "some\nmore")
        assert running.session.drafts.get(harness.general) == "some\nmore"
        monkeypatch.setenv("VISUAL", "asnity-no-such-editor")
        await running.pilot.press("ctrl+o")
        await running.shows("can't be started")
        assert composer.text == "some\nmore"


async def test_the_bare_mode_gets_what_shows_as_text(harness: AppHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Sequence[str]] = []
    monkeypatch.setattr(plain_view, "show", lambda paragraphs, end: shown.append(paragraphs))
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("f9")
        await running.shows("No other program can be started")  # a terminal of tests is none
        monkeypatch.setattr(running.app.terminal, "lend", in_a_thread)
        await running.pilot.press("f9")
        await running.until(lambda: shown)
        assert shown[0] == ["alice 10:00", *(f"hello {number}" for number in range(1, 6))]


def test_my_reaction_stands_out() -> None:
    reactions = {"🎉": Reaction(count=2, users=(ME, "a")), "👍": Reaction(count=1, users=("a",))}
    line = layout_row(row(1, "a", "x", reactions=reactions), RowHeader(heading=False), render_context(), 60).lines[0]
    assert [(piece.text, piece.style) for piece in line if "reaction" in piece.style] == [
        ("🎉 2", "my-reaction"),
        ("👍 1", "reactions"),
    ]


@pytest.mark.slow
async def test_what_a_draft_answers_is_known_at_the_next_start(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.conversation.composing.reply(last(running).message)
        running.conversation.composer.focus()
        await running.pilot.press(*"half")
        await running.until(lambda: running.session.drafts.get(harness.general) == "half")
    async with run_app(harness) as running:
        await running.shows("> alice: hello 5")
        await running.pilot.press(*" done", "enter")
        await running.until(lambda: last(running).message.content == "half done")
        assert last(running).message.reply_to == 5
    async with run_app(harness) as running:
        await running.shows("half done")
        assert running.conversation.composing.mode.current is None


async def test_what_is_answered_shows_as_it_is_now(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.conversation.composing.mode.set(
            Replying(5, "", "an earlier message")
        )  # it wasn't loaded when the draft was
        harness.server.edit(harness.general, harness.alice, 5, "hello at last")
        await running.shows("> alice: hello at last")
        harness.server.delete(harness.general, harness.alice, 5)
        await running.shows("> a deleted message")
