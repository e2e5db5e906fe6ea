"""The list of people who reacted to a message, however many they are."""

from __future__ import annotations

import pytest

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.errors import ErrorInfo
from asnity_tui.screens.dialogs.picker import Picker

from .app_harness import AppHarness, RunningApp, populated_harness, run_app

MANY = limits.REACTION_USERS + 5


@pytest.fixture
def harness() -> AppHarness:
    """The last message of `general` has a crowd under it, and one heart of bob's."""
    harness = populated_harness()
    for number in range(MANY):
        person = harness.server.person(f"person{number}")
        harness.server.add_member(harness.lab, person)
        about = requests.OfReaction(channel_id=harness.general, chat_id=5, emoji="👍")
        harness.server.call(harness.server.token(person), routes.ADD_REACTION, about)
    heart = requests.OfReaction(channel_id=harness.general, chat_id=5, emoji="❤️")
    harness.server.call(harness.server.token(harness.bob), routes.ADD_REACTION, heart)
    return harness


async def ask_who(running: RunningApp) -> Picker:
    """Press the key on the newest message."""
    await running.shows("hello 5")
    running.conversation.view.focus()
    await running.pilot.press("G", "w")
    await running.until(lambda: isinstance(running.app.screen, Picker), what="the list")
    assert isinstance(running.app.screen, Picker)
    return running.app.screen


@pytest.mark.slow
async def test_everybody_who_reacted_is_listed_and_found_by_name(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        dialog = await ask_who(running)
        assert f"Reactions: 👍 {MANY}  ❤️ 1" in running.text()
        shown = ["".join(word.text for word in each.left) for each in dialog.list.entries]
        assert shown[:2] == ["👍  person0  @person0", "👍  person1  @person1"]
        assert shown[-1] == "❤️  bob  @bob"
        assert len(shown) == MANY + 1
        await running.pilot.press(*"bob")
        await running.until(lambda: len(dialog.list.entries) == 1)
        await running.pilot.press("enter")
        await running.shows("bob · @bob · offline")  # and what may be done with him


async def test_who_is_not_told_is_counted(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        harness.client.faults.refuse_next(ErrorInfo(code="internal", message="It broke."), routes.REACTORS)
        dialog = await ask_who(running)
        assert "".join(word.text for word in dialog.list.entries[-1].left) == "and 5 more"
        await running.shows("It broke.")


@pytest.mark.slow
async def test_it_stands_in_the_menu_where_somebody_reacted(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.conversation.view.focus()
        await running.pilot.press("G", "m")
        await running.shows("Who reacted")
        await running.pilot.press("escape", "k", "w")
        await running.shows("Nobody has reacted to this message.")
