"""Direct messages in the list: from the first message on, until one closes or leaves them."""

from __future__ import annotations

import pytest
from textual import events

from asnity_server.protocol import requests, routes
from asnity_tui.screens.dialogs.picker import Picker
from tests.slowly import mostly_slow

from .app_harness import AppHarness, RunningApp, populated_harness, run_app

WAYS = mostly_slow(["/close", "/part", "alt+m"], 1)


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in one of them mina has read everything."""
    return populated_harness()


def opened(harness: AppHarness, *others: str) -> str:
    """A direct channel that bob opened, and wrote in."""
    accounts = harness.server.world.accounts.values()
    people = tuple(each.id for each in accounts if each.username in ("mina", *others))
    asked = requests.OpenDirect(community_id=harness.lab, user_ids=people)
    made = harness.server.call(harness.server.token(harness.bob), routes.OPEN_DIRECT, asked)
    harness.server.post(made.id, harness.bob, "psst")
    return made.id


def listed(running: RunningApp, harness: AppHarness) -> list[str]:
    """The direct channels in the list."""
    channels = running.session.store.communities[harness.lab].channels.values()
    return [each.id for each in channels if each.channel.kind == "direct"]


async def write(running: RunningApp, text: str) -> None:
    composer = running.conversation.composer
    composer.focus()
    composer.put(text)
    running.conversation.completions.autocomplete.close()
    await running.pilot.press("enter")


@pytest.mark.parametrize("way", WAYS)
async def test_a_direct_message_is_closed_and_comes_back_with_the_next_message(harness: AppHarness, way: str) -> None:
    channel_id = opened(harness)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.navigation.go_to(channel_id)
        await running.shows("psst")
        if way.startswith("/"):
            await write(running, way)
        else:
            await running.pilot.press(way)
            await running.until(lambda: isinstance(running.app.screen, Picker))
            menu = running.app.screen
            assert isinstance(menu, Picker)
            assert "Leave this channel" not in [each.left[0].text for each in menu.list.entries if each.key]
            await running.pilot.press(*"close conv", "enter")
        await running.until(lambda: listed(running, harness) == [])
        await running.until(lambda: running.conversation.channel_id == harness.general)
        harness.server.post(channel_id, harness.bob, "are you there?")
        await running.until(lambda: listed(running, harness) == [channel_id])
        state = running.session.store.channel(channel_id)
        await running.until(lambda: state is not None and state.counts[0] == 1)
        running.chat.navigation.go_to(channel_id)
        await running.shows("are you there?")
        assert "psst" in running.text()


@pytest.mark.slow
async def test_closed_on_another_device_it_says_so_and_keeps_what_is_being_written(harness: AppHarness) -> None:
    channel_id = opened(harness)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.navigation.go_to(channel_id)
        await running.shows("psst")
        await running.pilot.press(*"half a")
        request = requests.PatchChannelMe(channel_id=channel_id, closed=True)
        harness.server.call(harness.server.token(harness.mina), routes.PATCH_CHANNEL_ME, request)
        await running.shows("bob was closed")
        assert running.conversation.composer.text == "half a"


@pytest.mark.slow
async def test_one_of_several_is_left_and_messages_dont_bring_it_back(harness: AppHarness) -> None:
    channel_id = opened(harness, "alice")
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.navigation.go_to(channel_id)
        await running.shows("psst")
        await write(running, "/leave")
        await running.shows("You no longer get what the others write.")
        await running.pilot.click("#yes")
        await running.until(lambda: listed(running, harness) == [])
        harness.server.post(channel_id, harness.bob, "are you there?")
        harness.server.post(harness.general, harness.bob, "anyone?")
        await running.shows("anyone?")
        assert listed(running, harness) == []


async def test_whom_one_opens_a_direct_message_to_shows_nothing_before_it_says_something(harness: AppHarness) -> None:
    asked = requests.OpenDirect(community_id=harness.lab, user_ids=(harness.mina.id,))
    async with run_app(harness) as running:
        await running.shows("hello 5")
        made = harness.server.call(harness.server.token(harness.bob), routes.OPEN_DIRECT, asked)
        harness.server.post(harness.general, harness.bob, "anyone?")
        await running.shows("anyone?")
        assert listed(running, harness) == []
        harness.server.post(made.id, harness.bob, "psst")
        await running.until(lambda: listed(running, harness) == [made.id])


@pytest.mark.slow
async def test_what_was_written_just_before_closing_is_sent_first(harness: AppHarness) -> None:
    channel_id = opened(harness)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.navigation.go_to(channel_id)
        await running.shows("psst")
        await running.pilot.press(*"bye", "enter")
        await write(running, "/close")
        await running.until(lambda: listed(running, harness) == [])
        assert [each.content for each in harness.server.world.channels[channel_id].messages] == ["psst", "bye"]
        assert list(running.session.outbox.entries()) == []


@pytest.mark.slow
async def test_a_conversation_with_a_message_that_cannot_be_sent_stays_open(harness: AppHarness) -> None:
    channel_id = opened(harness)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.navigation.go_to(channel_id)
        await running.shows("psst")
        harness.client.go_offline()
        await running.pilot.press(*"bye", "enter")
        await write(running, "/close")
        await running.shows("isn't sent yet")
        assert listed(running, harness) == [channel_id]


@pytest.mark.slow
async def test_a_closed_conversation_that_is_found_is_opened_again(harness: AppHarness) -> None:
    channel_id = opened(harness)
    request = requests.PatchChannelMe(channel_id=channel_id, closed=True)
    harness.server.call(harness.server.token(harness.mina), routes.PATCH_CHANNEL_ME, request)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+f", *"psst")
        await running.shows("· closed")
        await running.pilot.press("enter")
        await running.until(lambda: running.conversation.channel_id == channel_id)
        assert listed(running, harness) == [channel_id]


async def test_the_first_message_of_somebody_alerts_like_any_other(
    harness: AppHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        told: list[str] = []
        monkeypatch.setattr(running.chat.notifications, "_alert", told.append)
        running.app.post_message(events.AppBlur())
        await running.pilot.pause()
        opened(harness)
        await running.until(lambda: told)
        assert told == ["Direct message from bob (Mandarin Lab)"]
