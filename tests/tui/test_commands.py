"""One command, every way to it."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from .app_harness import AppHarness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Mina owns a community of four."""
    harness = AppHarness()
    server = harness.server
    harness.lab = server.community("Mandarin Lab", harness.mina, harness.alice, harness.bob, harness.dana)
    harness.general = server.general(harness.lab)
    server.post(harness.general, harness.alice, "hello 5")
    return harness


async def test_kick_is_one_command_by_slash_and_by_palette(harness: AppHarness) -> None:
    members = harness.server.world.communities[harness.lab].members
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.conversation.composer.put("/kick @bob no manners")
        await running.pilot.press("enter")
        await running.shows("Kick bob?")
        await running.shows("Invite links they made are revoked.")
        field = running.app.focused
        assert isinstance(field, Input)
        assert field.value == "no manners"
        await running.pilot.press("enter")
        await running.until(lambda: harness.bob.id not in members)
        await running.pilot.press("ctrl+p")
        await running.shows("Commands")
        await running.pilot.press(*"kick …", "enter")
        await running.shows("Kick whom?")
        assert "Mina" not in running.text().partition("Kick whom?")[2].partition("dana")[0]
        await running.pilot.press(*"dana", "enter")
        await running.shows("Kick dana?")
        await running.shows("Invite links they made are revoked.")
        await running.pilot.press("enter")
        await running.until(lambda: harness.dana.id not in members)
