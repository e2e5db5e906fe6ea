"""Questions that are answered by keys alone; whatever isn't a clear yes changes nothing."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.widgets import Button

from asnity_tui.screens.dialog import Confirm

from .stage import play, settled_stage


@pytest.mark.slow
async def test_a_question_is_answered_by_keys_alone() -> None:
    app: App[None] = App()
    answers: list[bool | None] = []
    async with app.run_test() as pilot:
        for keys, answer in (
            (["enter"], False),
            (["n"], False),
            (["ㅜ"], False),
            (["escape"], None),
            (["y"], True),
            (["ㅛ"], True),
            (["tab", "enter"], True),
            (["right", "enter"], True),
            (["down", "up", "enter"], False),
            (["tab", "shift+tab", "enter"], False),
            (["tab", "tab", "space", "x", "enter"], False),
        ):
            app.push_screen(Confirm("Sure?", "There is no way back.", yes="Do it"), answers.append)
            await pilot.pause()
            assert isinstance(app.focused, Button)
            assert app.focused.id == "no"
            await pilot.press(*keys)
            assert answers.pop() is answer, keys
            assert not answers


@pytest.mark.slow
async def test_a_message_is_deleted_by_d_and_y_only() -> None:
    stage = settled_stage()
    mine = stage.server.post(stage.general, stage.mina, "oops")
    async with play(stage) as running:
        await running.shows("oops")
        await running.pilot.press("escape")
        for keys in (("enter",), ("n",), ("escape",)):
            await running.pilot.press("d")
            await running.shows("Delete this message?")
            await running.pilot.press(*keys)
            await running.until(lambda: running.app.screen is running.chat)
        channel = stage.server.world.channels[stage.general]
        assert channel.messages[mine - 1].deleted_at is None
        await running.pilot.press("d")
        await running.shows("Delete this message?")
        await running.pilot.press("y")
        await running.until(lambda: channel.messages[mine - 1].deleted_at is not None)
