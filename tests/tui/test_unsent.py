"""What isn't sent: its keys from the composer, the list of all of it, and discarding that can be undone."""

from __future__ import annotations

import pytest

from asnity_server.protocol import requests, routes

from .stage import Play, Stage, play, settled_stage

YEARS = 50 * 365 * 24 * 3600 * 1000
WHATEVER_THE_CLOCK = pytest.mark.parametrize("ahead", [0, YEARS, -YEARS])
"""The machine's clock is set in between."""


@pytest.fixture
def stage() -> Stage:
    """Two communities; in the first one mina is muted."""
    stage = settled_stage()
    mute(stage, 600)
    return stage


def mute(stage: Stage, seconds: int) -> None:
    request = requests.PatchMember(community_id=stage.lab, user_id=stage.mina.id, muted_for=seconds, reason="")
    stage.server.call(stage.server.token(stage.alice), routes.PATCH_MEMBER, request)


def kick(stage: Stage) -> None:
    request = requests.RemoveMember(community_id=stage.lab, user_id=stage.mina.id, ban=False, reason="")
    stage.server.call(stage.server.token(stage.alice), routes.REMOVE_MEMBER, request)


async def failed(running: Play, *texts: str) -> None:
    """Write messages that are refused."""
    await running.shows("hello 5")
    for count, text in enumerate(texts, 1):
        await running.session.send(running.stage.general, text)
        await running.until(lambda count=count: len(running.session.outbox.failed) == count)  # type: ignore[misc]
    await running.shows("alt+r retry")


async def test_retry_from_the_composer_sends_it_again(stage: Stage) -> None:
    async with play(stage) as running:
        await failed(running, "is this on")
        mute(stage, 0)
        await running.pilot.press("alt+r")
        await running.until(lambda: not running.session.outbox.entries())
        assert stage.server.world.channels[stage.general].messages[-1].content == "is this on"
        assert running.conversation.composer.text == ""


@pytest.mark.slow
async def test_edit_from_the_composer_brings_it_back(stage: Stage) -> None:
    async with play(stage) as running:
        await failed(running, "is this on")
        await running.pilot.press("alt+e")
        await running.until(lambda: running.conversation.composer.text == "is this on")
        assert not running.session.outbox.entries()


@pytest.mark.slow
@WHATEVER_THE_CLOCK
async def test_discarding_from_the_composer_can_be_undone(stage: Stage, ahead: int) -> None:
    async with play(stage) as running:
        await failed(running, "one", "two")
        await running.pilot.press("alt+x")
        await running.until(lambda: [each.content for each in running.session.outbox.failed] == ["one"])
        stage.clock.ahead = ahead
        await running.pilot.press("ctrl+z")
        await running.until(lambda: {each.content for each in running.session.outbox.failed} == {"one", "two"})
        await running.until(lambda: len(stage.shelf.outbox) == 2)


@pytest.mark.slow
@WHATEVER_THE_CLOCK
async def test_what_was_discarded_long_ago_stays_away(stage: Stage, ahead: int) -> None:
    async with play(stage) as running:
        await failed(running, "one")
        await running.pilot.press("alt+x")
        await running.until(lambda: not running.session.outbox.failed)
        stage.server.clock.advance(seconds=11)
        stage.clock.ahead = ahead
        await running.pilot.press("ctrl+z")
        assert not running.session.outbox.failed


@pytest.mark.slow
async def test_after_discarding_in_the_list_of_messages_its_neighbour_is_selected(stage: Stage) -> None:
    async with play(stage) as running:
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
async def test_what_failed_in_a_channel_that_is_lost_is_listed_copied_and_discarded(stage: Stage) -> None:
    async with play(stage) as running:
        await failed(running, "for the lab")
        kick(stage)
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
async def test_the_list_leads_to_what_failed_elsewhere(stage: Stage) -> None:
    async with play(stage) as running:
        await failed(running, "is this on")
        await running.pilot.press("alt+pagedown")
        await running.until(lambda: running.conversation.channel_id == stage.source)
        line = running.text().splitlines()[-1]
        await running.pilot.click("#status", offset=(line.index("not sent"), 0))
        await running.shows("#general  is this on")
        await running.pilot.press("enter")
        await running.until(lambda: running.conversation.channel_id == stage.general)
        await running.until(lambda: running.conversation.view.has_focus)
        await running.until(lambda: running.conversation.view.cursor == f"n{running.session.outbox.failed[0].nonce}")


@pytest.mark.slow
async def test_a_text_that_cannot_be_sent_is_copied_and_discarded_and_brought_back(stage: Stage) -> None:
    mute(stage, 0)
    async with play(stage) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"half a")
        kick(stage)
        await running.shows("You were removed from Mandarin Lab.")
        await running.pilot.press("alt+c")
        await running.until(lambda: running.app.clipboard == "half a")
        await running.pilot.press("alt+x")
        await running.until(lambda: running.conversation.composer.text == "")
        await running.pilot.press("ctrl+z")
        await running.until(lambda: running.conversation.composer.text == "half a")
