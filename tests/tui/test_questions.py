"""Questions that are answered with Enter and Esc alone; no letter answers one, and who types changes nothing."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.widgets import Button

from asnity_tui.screens.dialogs.confirm import Confirm

from .app_harness import populated_harness, run_app


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], True),
        (["escape"], None),
        (["left", "enter"], False),
        (["tab", "enter"], False),
        (["right", "left", "enter"], True),
        (["y", "enter"], False),
        ([*"oday", "enter"], False),
        (["ㅛ", "enter"], False),
        (["네", "enter"], False),
        (["space", "enter"], False),
        (["y", "right", "enter"], True),
    ],
)
async def test_a_question_is_answered_with_enter_and_escape_and_no_letter(keys: list[str], answer: bool | None) -> None:
    app: App[None] = App()
    answers: list[bool | None] = []
    async with app.run_test() as pilot:
        app.push_screen(Confirm("Sure?", "It can be undone.", yes="Do it"), answers.append)
        await pilot.pause()
        assert isinstance(app.focused, Button)
        assert app.focused.id == "yes"
        await pilot.press(*keys[:-1])
        assert not answers
        await pilot.press(keys[-1])
        assert answers == [answer]


async def test_what_nothing_brings_back_is_not_done_by_enter_alone() -> None:
    app: App[None] = App()
    answers: list[bool | None] = []
    async with app.run_test() as pilot:
        for keys, answer in ((["enter"], False), (["right", "enter"], True)):
            app.push_screen(Confirm("Sure?", "There is no way back.", yes="Do it", grave=True), answers.append)
            await pilot.pause()
            await pilot.press(*keys)
            assert answers.pop() is answer, keys


@pytest.mark.slow
async def test_the_button_with_the_focus_is_marked_by_a_sign() -> None:
    async with run_app(populated_harness()) as running:
        await running.shows("hello 5")
        running.app.push_screen(Confirm("Sure?", "It can be undone.", yes="Do it"))
        await running.shows("Cancel   ▸Do it◂")
        await running.pilot.press("left")
        await running.shows("▸Cancel◂   Do it")


@pytest.mark.slow
async def test_a_deletion_can_be_undone_and_holds_nothing_up() -> None:
    harness = populated_harness()
    mine = harness.server.post(harness.general, harness.mina, "oops")
    channel = harness.server.world.channels[harness.general]
    async with run_app(harness) as running:
        await running.shows("oops")
        await running.pilot.press("escape", "d")
        await running.shows("Delete this message?")
        await running.pilot.press("enter")
        await running.shows("message deleted  ctrl+z undo (10 s)")
        await running.pilot.press(*"hi", "enter")
        await running.until(lambda: channel.messages[-1].content == "hi")  # it didn't wait for the deletion
        assert channel.messages[mine - 1].deleted_at is None
        await running.pilot.press("ctrl+z")
        await running.shows("oops")
        assert not running.session.outbox.entries()
    assert channel.messages[mine - 1].deleted_at is None


@pytest.mark.slow
async def test_a_deletion_goes_out_when_the_program_is_left() -> None:
    harness = populated_harness()
    mine = harness.server.post(harness.general, harness.mina, "oops")
    channel = harness.server.world.channels[harness.general]
    async with run_app(harness) as running:
        await running.shows("oops")
        await running.pilot.press("escape", "d")
        await running.shows("Delete this message?")
        await running.pilot.press("enter")
        await running.shows("ctrl+z undo")
        assert channel.messages[mine - 1].deleted_at is None
    assert channel.messages[mine - 1].deleted_at is not None
