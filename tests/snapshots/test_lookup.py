"""Pictures of finding one's way: the quick switch, catching up, searching, members, pins and menus."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.widgets import Input

from asnity_server.protocol import routes
from asnity_server.protocol.requests import OfMessage, SetPresence
from asnity_server.protocol.routes import PRESENCE
from tests.tui.app_harness import AppHarness, RunningApp

from .pictures import morning

Picture = Callable[..., None]


@pytest.fixture
def harness() -> AppHarness:
    """The morning of the pictures in the documents, with more to find."""
    harness = morning()
    server = harness.server
    for text in ("How do I build it without the network?", "My **compiler** is old: `cc 4.2`"):
        server.post(harness.source, harness.bob, text)
    server.call(server.token(harness.alice), routes.PIN, OfMessage(channel_id=harness.general, chat_id=2))
    server.call(server.token(harness.alice), routes.PIN, OfMessage(channel_id=harness.general, chat_id=4))
    return harness


def test_switch_finds_people_by_their_first_consonants(harness: AppHarness, picture: Picture) -> None:
    async def switch(running: RunningApp) -> None:
        await running.pilot.press("ctrl+k", "ㅁ", "ㅈ")
        await running.shows("write to")

    picture(harness, switch)


@pytest.mark.slow
def test_switch_narrow_and_light(harness: AppHarness, picture: Picture) -> None:
    async def switch(running: RunningApp) -> None:
        await running.pilot.press("ctrl+k", "r")
        await running.shows("release")

    picture(harness, switch, size=(60, 20), theme="asnity-light")


async def _catch_up(running: RunningApp) -> None:
    await running.pilot.press("alt+i")
    await running.shows("never mind, found them")


@pytest.mark.slow
def test_catch_up_80_columns(harness: AppHarness, picture: Picture) -> None:
    async def catch_up(running: RunningApp) -> None:
        await _catch_up(running)
        await running.pilot.press("down")
        await running.until(lambda: running.text().count("question 3") == 2)

    picture(harness, catch_up, size=(80, 30))


@pytest.mark.slow
def test_catch_up_light_120_columns(harness: AppHarness, picture: Picture) -> None:
    async def catch_up(running: RunningApp) -> None:
        await _catch_up(running)
        await running.until(lambda: running.text().count("never mind") == 2)

    picture(harness, catch_up, size=(120, 32), theme="asnity-light")


@pytest.mark.slow
def test_catch_up_with_nothing_left(harness: AppHarness, picture: Picture) -> None:
    async def catch_up(running: RunningApp) -> None:
        await _catch_up(running)
        await running.pilot.press("M")
        await running.shows("You're all caught up.")
        await running.shows("z undoes it")

    picture(harness, catch_up)


@pytest.mark.slow
def test_search_says_what_it_takes(harness: AppHarness, picture: Picture) -> None:
    async def search(running: RunningApp) -> None:
        await running.pilot.press("ctrl+f")
        await running.shows("who wrote it")

    picture(harness, search, size=(80, 24))


@pytest.mark.slow
def test_search_found(harness: AppHarness, picture: Picture) -> None:
    async def search(running: RunningApp) -> None:
        await running.pilot.press("ctrl+f", *"question")
        await running.shows("3 messages")
        await running.pilot.press("down")

    picture(harness, search, size=(120, 32))


@pytest.mark.slow
def test_search_completes_a_filter(harness: AppHarness, picture: Picture) -> None:
    async def search(running: RunningApp) -> None:
        await running.pilot.press("ctrl+f")
        await running.shows("who wrote it")
        running.app.screen.query_one(Input).insert_text_at_cursor("it in:r")
        await running.shows("#random")
        await running.shows("Tab or Enter completes.")

    picture(harness, search, theme="asnity-light")


@pytest.mark.slow
def test_search_leads_to_the_message(harness: AppHarness, picture: Picture) -> None:
    for number in range(1, 200):
        harness.server.post(harness.source, harness.bob, f"word {number}" if number != 60 else "a needle")

    async def search(running: RunningApp) -> None:
        await running.pilot.press("ctrl+f", *"needle")
        await running.shows("1 message.")
        await running.pilot.press("enter")
        await running.until(lambda: any("a needle" in line for line in running.lines()))
        await running.until(lambda: running.conversation.view.current is not None)

    picture(harness, search, size=(80, 24))


@pytest.mark.slow
def test_pins(harness: AppHarness, picture: Picture) -> None:
    async def pins(running: RunningApp) -> None:
        running.chat.action_command("channel.pins")
        await running.shows("Pinned in #general")

    picture(harness, pins, size=(80, 24))


@pytest.mark.slow
def test_menu_of_a_message_narrow(harness: AppHarness, picture: Picture) -> None:
    async def menu(running: RunningApp) -> None:
        await running.pilot.press("escape", "k", "m")
        await running.shows("Copy link")

    picture(harness, menu, size=(60, 24))


@pytest.mark.slow
def test_menu_of_a_channel(harness: AppHarness, picture: Picture) -> None:
    async def menu(running: RunningApp) -> None:
        await running.pilot.press("alt+m")
        await running.shows("Pinned messages")

    picture(harness, menu)


@pytest.mark.slow
def test_members_with_the_focus(harness: AppHarness, picture: Picture) -> None:
    async def members(running: RunningApp) -> None:
        await running.shows("owner")
        await running.harness.client.ask(None, PRESENCE, SetPresence(status="away"))
        await running.shows("◐")
        await running.pilot.press("f8", "down")

    picture(harness, members, size=(120, 32))


@pytest.mark.slow
def test_going_to_a_day_that_is_none(harness: AppHarness, picture: Picture) -> None:
    async def day(running: RunningApp) -> None:
        await running.pilot.press("alt+g", *"soon", "enter")
        await running.shows("That isn't a day.")

    picture(harness, day, size=(80, 24))


@pytest.mark.slow
def test_muted_channels_and_do_not_disturb(harness: AppHarness, picture: Picture) -> None:
    async def mute(running: RunningApp) -> None:
        await running.session.channels.mute(harness.random, True)
        await running.pilot.press("alt+z")
        await running.shows("do not disturb")
        await running.until(lambda: "random        4" not in running.text())

    picture(harness, mute, theme="asnity-light")
