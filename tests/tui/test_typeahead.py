"""Typing ahead after something that leads elsewhere, while the server hasn't answered yet."""

from __future__ import annotations

import pytest
from textual.events import Key

from asnity_server.protocol import requests, routes
from tests.slowly import mostly_slow

from .app_harness import URL, AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Two communities, and in the first one `plan` and `shed`, where mina isn't."""
    harness = populated_harness()
    for name in ("plan", "shed"):
        harness.server.channel(harness.lab, name, harness.alice)
    return harness


def written(harness: AppHarness) -> list[tuple[str, str]]:
    """List mina's messages in order, with the name of the channel."""
    channels = harness.server.world.channels.values()
    sent = [(each, channel.name or "@") for channel in channels for each in channel.messages]
    mine = [(each, name) for each, name in sent if each.sender_id == harness.mina.id and each.type == "TEXT"]
    return [(name, each.content) for each, name in sorted(mine, key=lambda pair: (pair[0].created_at, pair[0].id))]


def invite(harness: AppHarness) -> str:
    """An invite into a community that mina isn't in."""
    club = harness.server.community("Club", harness.dana)
    dana = harness.server.token(harness.dana)
    return harness.server.call(dana, routes.CREATE_INVITE, requests.CreateInvite(community_id=club)).code


WAYS = {
    "/dm @bob": "@",
    "/create #garden": "garden",
    "/join #plan": "plan",
    "/join an invite": "general",
    "/goto #random": "random",
}


async def held_back(running: RunningApp, *texts: str) -> None:
    """Type texts, each with an Enter behind it, and wait until they wait."""
    for text in texts:
        await running.pilot.press(*text, "enter")
    await running.shows("will go to the channel")


def burst(running: RunningApp, *keys: str) -> None:
    """Press keys faster than anything is done about them."""
    for key in keys:
        running.app.post_message(Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize("command", mostly_slow(WAYS, "/dm @bob"))
async def test_what_is_typed_behind_a_command_goes_where_it_leads(harness: AppHarness, command: str) -> None:
    there = WAYS[command]
    if command == "/join an invite":
        command = f"/join {URL}/invite/{invite(harness)}"
    async with run_app(harness) as running:
        await running.shows("hello 5")
        here = running.conversation.channel_id
        harness.client.faults.hold_answers()
        await running.pilot.press(*command, "enter")
        await running.pilot.press(*"secret", "enter", *"and", "enter", *"half a th")
        if "/goto" not in command:
            await running.shows("2 messages will go to the channel")
            assert running.conversation.channel_id == here
        harness.client.faults.release()
        await running.until(lambda: [text for _, text in written(harness)] == ["secret", "and"], what="sent")
        assert {name for name, _ in written(harness)} == {there}
        assert running.conversation.channel_id != here
        assert running.conversation.composer.text == "half a th"
        assert running.session.drafts.get(harness.general) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/dm @nobody", "There is no member called nobody."),
        pytest.param("/join #nowhere", "There is no channel #nowhere", marks=pytest.mark.slow),
    ],
)
async def test_where_a_command_fails_what_is_behind_it_comes_back_unsent(
    harness: AppHarness, command: str, said: str
) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.client.faults.hold_answers()
        await running.pilot.press(*command, "enter")
        await held_back(running, "secret")
        await running.pilot.press(*"more")
        harness.client.faults.release()
        await running.shows(said)
        assert running.conversation.composer.text == "secret\nmore"
        assert running.conversation.channel_id == harness.general
        assert written(harness) == []


@pytest.mark.slow
async def test_escape_stays_here_with_what_was_typed(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.client.faults.hold_answers()
        await running.pilot.press(*"/dm @bob", "enter")
        await held_back(running, "secret")
        await running.pilot.press("escape")
        assert running.conversation.composer.text == "secret"
        harness.client.faults.release()
        await running.shows("is ready: ctrl+k")
        assert running.conversation.channel_id == harness.general
        assert written(harness) == []


@pytest.mark.slow
async def test_who_goes_elsewhere_meanwhile_stays_there(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.client.faults.hold_answers()
        await running.pilot.press(*"/dm @bob", "enter")
        await held_back(running, "for bob")
        await running.pilot.press(*"unfinished", "alt+down")
        await running.until(lambda: running.conversation.channel_id == harness.random)
        assert running.conversation.composer.text == ""
        assert running.session.drafts.get(harness.general) == "for bob\nunfinished"
        harness.client.faults.release()
        await running.shows("is ready: ctrl+k")
        assert running.conversation.channel_id == harness.random
        assert written(harness) == []


@pytest.mark.slow
async def test_a_draft_that_was_there_before_stays(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"a draft of general")
        harness.client.faults.hold_answers()
        type_ahead = running.conversation.type_ahead
        running.chat.run_worker(
            type_ahead.lead(type_ahead.begin(), running.chat.navigation.write_to(harness.lab, [harness.bob.id]))
        )
        await running.until(lambda: running.conversation.type_ahead.current is not None)
        await running.pilot.press(*" and this is for bob", "enter")
        harness.client.faults.release()
        await running.until(lambda: written(harness))
        assert written(harness) == [("@", "and this is for bob")]
        assert running.session.drafts.get(harness.general) == "a draft of general"


@pytest.mark.slow
async def test_commands_behind_a_command_are_done_where_it_leads(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.client.faults.hold_answers()
        await running.pilot.press(*"/create #garden", "enter")
        await held_back(running, "/me waves", "/dm @bob", "hi bob")
        harness.client.faults.release()
        await running.until(lambda: len(written(harness)) == 2, what="sent")
        assert {name for name, text in written(harness) if "waves" in text} == {"garden"}
        assert ("@", "hi bob") in written(harness)


@pytest.mark.slow
async def test_a_command_is_done_where_it_was_written(harness: AppHarness) -> None:
    mine = harness.server.community("Mine", harness.mina, harness.bob, harness.dana)
    harness.server.channel(mine, "desk", harness.mina, harness.bob, harness.dana)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"/goto #desk", "enter")
        await running.shows("Message #desk")
        harness.client.faults.hold_answers(routes.MEMBERS)
        await running.pilot.press(*"/kick @bob", "enter", "alt+pagedown")
        await running.until(lambda: running.chat.navigation.community_id != mine)
        harness.client.faults.release()
        await running.shows("Kick bob?")
        await running.pilot.press("enter")
        await running.until(lambda: harness.bob.id not in harness.server.world.communities[mine].members)
        assert harness.bob.id in harness.server.world.communities[harness.lab].members


async def test_messages_in_one_burst_are_sent_one_by_one(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        burst(running, *"one", "enter", *"two", "enter")
        await running.until(lambda: len(written(harness)) == 2)
        assert written(harness) == [("general", "one"), ("general", "two")]


async def test_the_channel_of_the_enter_counts_not_that_of_a_moment_later(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        burst(running, *"hi", "enter", "alt+down")
        await running.until(lambda: running.conversation.channel_id == harness.random)
        await running.until(lambda: written(harness))
        assert written(harness) == [("general", "hi")]
