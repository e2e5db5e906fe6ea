"""Terminals that change their size under a reader: what is read stays, and what has no room gives way."""

from __future__ import annotations

import pytest

from asnity_tui.state.rows import Row
from asnity_tui.widgets.timeline.messages import NeedOlder

from .app_harness import RunningApp, populated_harness, run_app


def bottom(running: RunningApp) -> int:
    """The message that the last line belongs to."""
    view = running.conversation.view
    row = view.rows.items[view.scroll_position.in_sight()[1] - 1]
    assert isinstance(row, Row)
    return row.message.id


@pytest.mark.slow
async def test_what_is_read_stays_while_the_size_changes_and_history_loads() -> None:
    harness = populated_harness()
    for number in range(300):
        last = harness.server.post(
            harness.general, harness.alice, f"a message of some length that has the number {number}"
        )
    harness.server.read(harness.general, harness.mina, last)
    async with run_app(harness, size=(120, 30)) as running:
        await running.until(lambda: running.conversation.view.rows.items)
        view = running.conversation.view
        await running.pilot.press("escape", "pageup", "pageup", "pageup")
        await running.pilot.pause()
        held = len(view.rows.items)
        reading = bottom(running)
        for size in ((70, 30), (50, 12), (120, 40), (120, 30)):
            await running.pilot.resize_terminal(*size)
            await running.pilot.pause()
            assert bottom(running) == reading, size
        while len(view.rows.items) == held:
            await running.pilot.press("pageup")
        await running.pilot.pause()
        reading = bottom(running)
        held = len(view.rows.items)
        running.conversation.timeline.load_messages(NeedOlder(harness.general))
        await running.until(lambda: len(view.rows.items) > held)
        assert bottom(running) == reading


async def test_the_place_gives_way_to_the_channel_in_a_narrow_terminal() -> None:
    async with run_app(populated_harness(), size=(60, 12)) as running:
        await running.until(lambda: running.conversation.view.rows.items)
        assert "Mandarin Lab" in running.text().splitlines()[0]
        await running.pilot.resize_terminal(24, 12)
        await running.until(lambda: "Mandarin Lab" not in running.text().splitlines()[0])
        assert "# general" in running.text().splitlines()[0]
