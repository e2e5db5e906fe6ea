"""Finding one's way where there is next to no room."""

from __future__ import annotations

import pytest

from .app_harness import populated_harness, run_app


@pytest.mark.slow
async def test_what_one_looks_for_shows_in_twenty_by_five() -> None:
    harness = populated_harness()
    harness.server.post(harness.source, harness.bob, "@mina look")
    async with run_app(harness, size=(20, 5)) as running:
        for key, text in (("ctrl+k", "# general    @1"), ("alt+i", "Mentions"), ("ctrl+f", "Search"), ("alt+g", "Day")):
            await running.pilot.press(key)
            await running.shows(text)
            await running.pilot.press("escape")
            await running.until(lambda: running.app.screen is running.chat)
