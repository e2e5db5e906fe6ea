"""A hostile server and hostile people, everywhere in the whole app: the driver writes no sequence but our own."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.routes import CHAT_NEW
from asnity_tui.screens.search import SearchScreen
from asnity_tui.state.rows import Failed

from .app_harness import AppHarness, RunningApp, populated_harness
from .recording import RecordingDriver
from .test_cell_width import texts
from .test_terminal_safety import EVERYTHING, NASTY, left_over


def poison(harness: AppHarness, text: str) -> None:
    """Put a text wherever somebody else decides what stands there."""
    world = harness.server.world
    for account in (harness.alice, harness.bob, harness.minji):
        account.display_name = account.status_text = text
    for community in world.communities.values():
        community.name = community.description = text
    for channel in world.channels.values():
        channel.topic = text
        channel.messages[:] = [replace(each, content=text) for each in channel.messages]
    world.channels[harness.random].name = text


async def written_with(text: str) -> str:
    """Collect the driver's output while somebody uses the app."""
    harness = populated_harness()
    harness.server.post(harness.random, harness.bob, "@mina hello", nonce=None)
    poison(harness, text)
    app = harness.app(driver_class=RecordingDriver)
    async with app.run_test(headless=False, size=(130, 30), notifications=True) as pilot:
        running = RunningApp(harness, app, pilot)
        await running.online()
        await running.until(lambda: running.conversation.view.rows.items)
        harness.client.faults.refuse_next(ErrorInfo(code="forbidden", message=text), CHAT_NEW)
        await pilot.press(*"lost", "enter")
        await running.until(lambda: isinstance(running.conversation.view.rows.items[-1].delivery, Failed))  # type: ignore[union-attr]
        await pilot.press("escape", "k", "r", "escape", "alt+down", "f8", "escape")
        for key in ("ctrl+k", "ctrl+p", "alt+i", "alt+m"):
            await pilot.press(key)
            await running.until(lambda: app.screen is not running.chat)
            await pilot.press("down", "escape")
            await running.until(lambda: app.screen is running.chat)
        await pilot.press("escape", "m")
        await running.until(lambda: app.screen is not running.chat)
        await pilot.press("escape")
        for id in ("channel.people", "channel.pins", "search"):
            running.chat.action_command(id)
            await running.until(lambda: app.screen is not running.chat)
            if isinstance(app.screen, SearchScreen):
                app.screen.field.value = text
                await pilot.pause(0.3)
            await pilot.press("escape", "escape")
            await running.until(lambda: app.screen is running.chat)
        for id in ("channel.browse", "community.leave"):
            running.chat.action_command(id)
            await running.until(lambda: app.screen is not running.chat)
            await pilot.press("escape")
        await pilot.resize_terminal(60, 12)
        await pilot.pause()
        driver = app._driver
        assert isinstance(driver, RecordingDriver)
        written = "".join(driver.written)
        assert app.session is not None
        await app.session.close()
    return written


@pytest.mark.slow
def test_nothing_that_others_write_controls_the_terminal() -> None:
    assert not left_over(asyncio.run(written_with(EVERYTHING)))


@pytest.mark.slow
@pytest.mark.timeout(240)
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(NASTY | texts, min_size=1, max_size=6).map("".join))
def test_whatever_others_write_controls_no_terminal(text: str) -> None:
    assert not left_over(asyncio.run(written_with(text)))
