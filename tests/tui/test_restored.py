"""The screen when the server is put back to a backup."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.confirm import Confirm

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """In `general` mina has read everything."""
    return populated_harness()


@asynccontextmanager
async def lost(harness: AppHarness) -> AsyncIterator[tuple[RunningApp, Callable[[], Awaitable[None]]]]:
    """Mina sees two messages of hers that are in no backup; calling what comes with it puts the backup back."""
    server, general = harness.server, harness.general
    async with run_app(harness) as running:
        backup = server.world.backup()
        for number in (1, 2):
            server.post(general, harness.mina, f"lost {number}")
        await running.shows("lost 2")

        async def restore() -> None:
            server.world.restore(backup)
            for number in (1, 2, 3):
                server.post(general, harness.bob, f"after {number}")
            running.session.connection.connect_now()
            await running.until(lambda: "after 3" in "\n".join(running.lines()))

        yield running, restore
        contents = "\n".join(running.lines())
        assert "lost 1" not in contents


@pytest.mark.slow
async def test_an_edit_under_way_becomes_a_text_of_its_own(harness: AppHarness) -> None:
    async with lost(harness) as (running, restore):
        await running.pilot.press("up", *" more")
        await restore()
        assert running.conversation.composing.mode.current is None
        assert running.conversation.composer.text == "lost 2 more"
        await running.shows("This server was restored from a backup")
        assert running.session.drafts.get(harness.general) == "lost 2 more"
        assert not any("more" in each.content for each in harness.server.world.channels[harness.general].messages)


@pytest.mark.slow
async def test_what_is_answered_is_let_go_of(harness: AppHarness) -> None:
    async with lost(harness) as (running, restore):
        await running.pilot.press("escape", "r", *"well")
        await running.until(lambda: running.conversation.composing.mode.current is not None)
        await restore()
        assert running.conversation.composing.mode.current is None
        assert running.conversation.composer.text == "well"
        running.conversation.composer.submit()
        await running.until(lambda: "well" in harness.server.world.channels[harness.general].messages[-1].content)
        assert harness.server.world.channels[harness.general].messages[-1].reply_to is None


@pytest.mark.slow
async def test_a_question_about_a_message_is_gone(harness: AppHarness) -> None:
    async with lost(harness) as (running, restore):
        await running.pilot.press("escape", "d")
        await running.until(lambda: isinstance(running.app.screen, Confirm))
        await restore()
        assert isinstance(running.app.screen, ChatScreen)
        assert all(each.deleted_at is None for each in harness.server.world.channels[harness.general].messages)
