"""Catching up with what was missed."""

from __future__ import annotations

import pytest

from asnity_server.protocol import routes
from asnity_server.protocol.requests import OpenDirect
from asnity_tui.screens.catch_up import CatchUp

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """A mention elsewhere, a direct message, and something unread."""
    harness = populated_harness()
    server = harness.server
    for number in range(1, 6):
        server.post(harness.random, harness.bob, f"news {number}")
    for number in range(1, 40):
        server.post(harness.source, harness.bob, "@mina can you look?" if number == 20 else f"review {number}")
    asked = OpenDirect(community_id=harness.lab, user_ids=(harness.minji.id,))
    direct = server.call(server.token(harness.mina), routes.OPEN_DIRECT, asked)
    server.post(direct.id, harness.minji, "점심 먹을래?")
    return harness


def open_list(running: RunningApp) -> CatchUp:
    assert isinstance(running.app.screen, CatchUp), running.text()
    return running.app.screen


def unread(running: RunningApp) -> list[int]:
    """How many messages are unread, channel by channel."""
    return [each.counts[0] for c in running.session.store.communities.values() for each in c.channels.values()]


@pytest.mark.slow
async def test_what_was_missed_is_listed_looked_into_marked_and_taken_back(harness: AppHarness) -> None:
    async with run_app(harness, size=(120, 30)) as running:
        await running.shows("hello 5")
        await running.pilot.press("alt+i")
        await running.shows("@mina can you look?")
        text = running.text()
        assert text.index("Mentions") < text.index("Direct messages") < text.index("Unread")
        assert text.index("민지") < text.index("점심")
        before = unread(running)
        await running.until(lambda: "review 2" in running.text(), what="the look into it")
        await running.pilot.press("down")
        await running.until(lambda: open_list(running).view.channel_id == open_list(running).list.cursor)
        await running.pilot.press("down", "space", "b")
        await running.until(lambda: running.text().count("news 5") == 1)
        assert unread(running) == before, "looking marks nothing as read"
        await running.pilot.press("m")
        await running.until(lambda: "news 1" not in running.text())
        await running.pilot.press("M")
        await running.shows("You're all caught up.")
        assert sum(unread(running)) == 0
        await running.pilot.press("z", "ㅋ")
        await running.until(lambda: unread(running) == before)
        await running.shows("news 1")
        await running.pilot.press("z")
        await running.shows("Nothing to undo")
        await running.pilot.press("home", "enter")
        await running.until(lambda: running.conversation.channel_id == harness.source)
        await running.until(lambda: "@mina can you look?" in running.text())
        item = running.conversation.view.current
        assert getattr(getattr(item, "message", None), "id", 0) == 20


@pytest.mark.slow
async def test_what_comes_in_meanwhile_joins_the_list(harness: AppHarness) -> None:
    async with run_app(harness, size=(80, 24)) as running:
        await running.shows("hello 5")
        await running.pilot.press("alt+i")
        await running.shows("Mentions")
        await running.pilot.press("M")
        await running.shows("You're all caught up.")
        harness.server.post(harness.random, harness.bob, "late news")
        await running.shows("late news")
        await running.pilot.press("escape")
        assert running.app.screen is running.chat
