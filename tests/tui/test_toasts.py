"""Toasts show once, and never over what is written."""

from __future__ import annotations

import pytest
from textual.widgets._toast import Toast

from asnity_tui.screens.dialogs.text import TextDialog
from asnity_tui.toasts import TOASTS_MAX

from .app_harness import RunningApp, populated_harness, run_app

SIZES = [(120, 36), (80, 24), (60, 20), (40, 12)]


def toasts(running: RunningApp) -> list[Toast]:
    """All that show, on whatever screen."""
    return [
        each
        for screen in running.app.screen_stack
        for each in screen.query(Toast)
        if each.region and all(parent.display for parent in each.ancestors_with_self if hasattr(parent, "display"))
    ]


def over_the_composer(running: RunningApp) -> list[Toast]:
    """Those of which something shows where the composer is."""
    composer = running.conversation.composer.region
    regions = ((each, running.chat.find_widget(each).visible_region) for each in toasts(running))
    return [each for each, region in regions if region.overlaps(composer)]


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lines", [1, 12])
async def test_no_toast_lies_over_the_composer(size: tuple[int, int], lines: int) -> None:
    async with run_app(populated_harness(), size=size) as running:
        running.conversation.composer.put("\n".join(["written"] * lines))
        for number in range(3):
            running.app.notify(f"Toast {number} with a sentence that is as long as they are.")
        await running.until(lambda: len(toasts(running)) == 3)
        await running.until(lambda: over_the_composer(running) == [])


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
async def test_under_a_dialog_no_toast_shows_a_second_time(size: tuple[int, int]) -> None:
    async with run_app(populated_harness(), size=size) as running:
        running.app.notify("Only once")
        await running.until(lambda: len(toasts(running)) == 1)
        running.app.push_screen(TextDialog("One", "over the messages"))
        await running.shows("over the messages")
        await running.until(lambda: [each.screen for each in toasts(running)] == [running.app.screen])
        running.app.push_screen(TextDialog("Two", "over the first"))
        await running.shows("over the first")
        await running.until(lambda: [each.screen for each in toasts(running)] == [running.app.screen])
        await running.pilot.press("escape")
        await running.pilot.press("escape")
        await running.until(lambda: running.app.screen is running.chat)
        await running.until(lambda: [each.screen for each in toasts(running)] == [running.chat])


async def test_toasts_are_few_and_what_went_wrong_is_among_them() -> None:
    async with run_app(populated_harness()) as running:
        for number in range(TOASTS_MAX * 5):
            running.app.notify(f"You were added to #channel-{number}.", timeout=60)
        running.app.notify("This went wrong.", severity="error", timeout=60)
        for number in range(TOASTS_MAX * 5):
            running.app.notify(f"You were added to #channel-{number}.", timeout=60)
        await running.until(lambda: any("went wrong" in each.message for each in running.app._notifications))
        await running.until(lambda: len(running.app._notifications) == TOASTS_MAX)
        for number in range(TOASTS_MAX * 2):
            running.app.notify(f"Worse {number}.", severity="error", timeout=60)
        await running.until(lambda: [each.message for each in running.app._notifications][-1] == "Worse 39.")
        assert len(running.app._notifications) == TOASTS_MAX
