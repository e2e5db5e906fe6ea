"""The whole topic can be read where the header has no room for it."""

from __future__ import annotations

import pytest

from asnity_server.protocol import requests, routes

from .app_harness import AppHarness, populated_harness, run_app

LONG = "everything about " + "many things, " * 15 + "and the end"


@pytest.fixture
def harness() -> AppHarness:
    """The open channel has a topic that no header has room for."""
    harness = populated_harness()
    request = requests.PatchChannel(channel_id=harness.general, topic=LONG)
    harness.server.call(harness.server.token(harness.alice), routes.PATCH_CHANNEL, request)
    return harness


@pytest.mark.slow
@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20), (40, 12)])
async def test_a_click_on_the_header_shows_the_whole_topic(harness: AppHarness, size: tuple[int, int]) -> None:
    async with run_app(harness, size=size) as running:
        assert "and the end" not in running.text()
        await running.pilot.click("#header")
        await running.shows("Topic of #general")
        await running.shows("end")
        await running.pilot.press("escape")
        await running.until(lambda: running.app.screen is running.chat)


@pytest.mark.slow
@pytest.mark.parametrize("focus", ["", "escape", "f2"])
async def test_its_key_shows_it_wherever_the_focus_is(harness: AppHarness, focus: str) -> None:
    async with run_app(harness) as running:
        await running.pilot.press(*filter(None, [focus]), "alt+t")
        await running.shows("and the end")
        await running.pilot.press("escape")
        await running.until(lambda: running.app.screen is running.chat)


@pytest.mark.slow
async def test_the_topic_command_shows_it_too(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.pilot.press(*"/topic", "enter")
        await running.shows("and the end")


@pytest.mark.slow
async def test_the_palette_finds_it_by_what_it_is(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.pilot.press("ctrl+p", *"description")
        await running.shows("Topic of this channel")
        await running.pilot.press("enter")
        await running.shows("and the end")


async def test_a_channel_without_a_topic_says_how_it_gets_one() -> None:
    async with run_app(populated_harness()) as running:
        await running.pilot.click("#header")
        await running.shows("No topic is set.")
