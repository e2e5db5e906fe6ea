"""A message that is to be shown and isn't loaded is asked for once there is a connection, not over and over."""

from __future__ import annotations

import pytest

from asnity_tui.client.sync.history import HistoryLoader

from .app_harness import AppHarness, populated_harness, run_app


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The messages that the server was asked for."""
    found: list[int] = []
    before = HistoryLoader.jump_to

    async def jump_to(history: HistoryLoader, channel_id: str, message_id: int) -> bool:
        found.append(message_id)
        return await before(history, channel_id, message_id)

    monkeypatch.setattr(HistoryLoader, "jump_to", jump_to)
    return found


@pytest.fixture
def harness() -> AppHarness:
    """A long channel, of which the end is loaded."""
    harness = populated_harness()
    last = [harness.server.post(harness.general, harness.alice, f"line {number}") for number in range(300)][-1]
    harness.server.read(harness.general, harness.mina, last)
    return harness


@pytest.mark.slow
async def test_without_a_connection_nothing_is_asked_and_with_one_it_is_shown(
    harness: AppHarness, asked: list[int]
) -> None:
    async with run_app(harness) as running:
        await running.shows("line 299")
        harness.client.go_offline()
        await running.until(lambda: running.session.connection.status == "offline")
        asked.clear()
        running.conversation.timeline.go_to_message(20)
        await running.shows("isn't loaded")
        for _ in range(20):  # whatever is drawn meanwhile asks nobody
            running.conversation.timeline.redraw()
            await running.pilot.pause()
        assert asked == []
        harness.client.go_online()
        await running.pilot.press("ctrl+r")
        await running.shows("line 14")
        assert asked == [20]


@pytest.mark.slow
async def test_what_the_server_does_not_have_is_asked_for_once(
    harness: AppHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def jump_to(history: HistoryLoader, channel_id: str, message_id: int) -> bool:
        asked.append(message_id)
        return False

    async with run_app(harness) as running:
        await running.shows("line 299")
        monkeypatch.setattr(HistoryLoader, "jump_to", jump_to)
        running.conversation.timeline.go_to_message(20)
        await running.shows("This message can't be shown.")
        for _ in range(20):
            running.conversation.timeline.redraw()
            await running.pilot.pause()
        assert asked == [20]
