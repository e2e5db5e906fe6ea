"""Unsent messages: their keys from the composer, the list of all of it, and discarding that can be undone."""

from __future__ import annotations

import pytest

from asnity_server.protocol import requests, routes

from .app_harness import AppHarness, RunningApp, populated_harness, run_app

YEARS = 50 * 365 * 24 * 3600 * 1000
WHATEVER_THE_CLOCK = pytest.mark.parametrize("ahead", [0, YEARS, -YEARS])
"""The machine's clock is set in between."""


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in the first one mina is muted."""
    harness = populated_harness()
    mute(harness, 600)
    return harness


def mute(harness: AppHarness, seconds: int) -> None:
    request = requests.PatchMember(community_id=harness.lab, user_id=harness.mina.id, muted_for=seconds, reason="")
    harness.server.call(harness.server.token(harness.alice), routes.PATCH_MEMBER, request)


def kick(harness: AppHarness) -> None:
    request = requests.RemoveMember(community_id=harness.lab, user_id=harness.mina.id, ban=False, reason="")
    harness.server.call(harness.server.token(harness.alice), routes.REMOVE_MEMBER, request)


async def failed(running: RunningApp, *texts: str) -> None:
    """Write messages that are refused."""
    await running.shows("hello 5")
    for count, text in enumerate(texts, 1):
        await running.session.messages.send(running.harness.general, text)
        await running.until(lambda count=count: len(running.session.outbox.failed) == count)  # type: ignore[misc]
    await running.shows("alt+r retry")


async def test_retry_from_the_composer_sends_it_again(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await failed(running, "is this on")
        mute(harness, 0)
        await running.pilot.press("alt+r")
        await running.until(lambda: not running.session.outbox.entries())
        assert harness.server.world.channels[harness.general].messages[-1].content == "is this on"
        assert running.conversation.composer.text == ""


@pytest.mark.slow
async def test_edit_from_the_composer_brings_it_back(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await failed(running, "is this on")
        await running.pilot.press("alt+e")
        await running.until(lambda: running.conversation.composer.text == "is this on")
        assert not running.session.outbox.entries()


@pytest.mark.slow
@WHATEVER_THE_CLOCK
async def test_discarding_from_the_composer_can_be_undone(harness: AppHarness, ahead: int) -> None:
    async with run_app(harness) as running:
        await failed(running, "one", "two")
        await running.pilot.press("alt+x")
        await running.until(lambda: [each.content for each in running.session.outbox.failed] == ["one"])
        harness.clock.ahead = ahead
        await running.pilot.press("ctrl+z")
        await running.until(lambda: {each.content for each in running.session.outbox.failed} == {"one", "two"})
        await running.until(lambda: len(harness.storage.outbox) == 2)


@pytest.mark.slow
@WHATEVER_THE_CLOCK
async def test_what_was_discarded_long_ago_stays_away(harness: AppHarness, ahead: int) -> None:
    async with run_app(harness) as running:
        await failed(running, "one")
        await running.pilot.press("alt+x")
        await running.until(lambda: not running.session.outbox.failed)
        harness.server.clock.advance(seconds=11)
        harness.clock.ahead = ahead
        await running.pilot.press("ctrl+z")
        assert not running.session.outbox.failed


@pytest.mark.slow
async def test_after_discarding_in_the_list_of_messages_its_neighbour_is_selected(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await failed(running, "one", "two")
        await running.pilot.press("escape")
        await running.until(lambda: running.conversation.view.has_focus)
        await running.pilot.press("X")
        await running.until(lambda: len(running.session.outbox.failed) == 1)
        await running.until(lambda: running.conversation.view.current is not None)
        current = running.conversation.view.current
        assert current is not None
        assert current is running.conversation.view.rows.items[-1]
        await running.pilot.press("ctrl+z")
        await running.until(lambda: len(running.session.outbox.failed) == 2)


@pytest.mark.slow
async def test_what_failed_in_a_channel_that_is_lost_is_listed_copied_and_discarded(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await failed(running, "for the lab")
        kick(harness)
        await running.shows("You were removed from Mandarin Lab.")
        await running.pilot.press("alt+o")
        await running.shows("#general  for the lab")
        await running.pilot.press("enter")
        await running.shows("Not sent to #general")
        await running.pilot.press("enter")
        await running.until(lambda: running.app.clipboard == "for the lab")
        await running.pilot.press("alt+o")
        await running.shows("#general  for the lab")
        await running.pilot.press("enter")
        await running.shows("Not sent to #general")
        await running.pilot.press("down", "enter")
        await running.until(lambda: not running.session.outbox.entries())


@pytest.mark.slow
async def test_the_list_leads_to_what_failed_elsewhere(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await failed(running, "is this on")
        await running.pilot.press("alt+pagedown")
        await running.until(lambda: running.conversation.channel_id == harness.source)
        line = running.text().splitlines()[-1]
        await running.pilot.click("#status", offset=(line.index("not sent"), 0))
        await running.shows("#general  is this on")
        await running.pilot.press("enter")
        await running.until(lambda: running.conversation.channel_id == harness.general)
        await running.until(lambda: running.conversation.view.has_focus)
        key = f"n{running.session.outbox.failed[0].nonce}"
        await running.until(lambda: running.conversation.view.cursor.key == key)


@pytest.mark.slow
async def test_a_text_that_cannot_be_sent_is_copied_and_discarded_and_brought_back(harness: AppHarness) -> None:
    mute(harness, 0)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"half a")
        kick(harness)
        await running.shows("You were removed from Mandarin Lab.")
        await running.pilot.press("alt+c")
        await running.until(lambda: running.app.clipboard == "half a")
        await running.pilot.press("alt+x")
        await running.until(lambda: running.conversation.composer.text == "")
        await running.pilot.press("ctrl+z")
        await running.until(lambda: running.conversation.composer.text == "half a")
