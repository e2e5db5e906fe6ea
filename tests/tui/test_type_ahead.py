"""What is typed behind something that leads elsewhere, while the server hasn't answered yet."""

from __future__ import annotations

import pytest
from textual.events import Key

from asnity_server.protocol import requests, routes
from tests.slowly import mostly_slow

from .stage import URL, Play, Stage, play, settled_stage


@pytest.fixture
def stage() -> Stage:
    """Two communities, and in the first one `plan` and `shed`, where mina isn't."""
    stage = settled_stage()
    for name in ("plan", "shed"):
        stage.server.channel(stage.lab, name, stage.alice)
    return stage


def written(stage: Stage) -> list[tuple[str, str]]:
    """What mina sent, in order, with the name of the channel."""
    channels = stage.server.world.channels.values()
    sent = [(each, channel.name or "@") for channel in channels for each in channel.messages]
    mine = [(each, name) for each, name in sent if each.sender_id == stage.mina.id and each.type == "TEXT"]
    return [(name, each.content) for each, name in sorted(mine, key=lambda pair: (pair[0].created_at, pair[0].id))]


def invite(stage: Stage) -> str:
    """An invite into a community that mina isn't in."""
    club = stage.server.community("Club", stage.dana)
    dana = stage.server.token(stage.dana)
    return stage.server.call(dana, routes.CREATE_INVITE, requests.CreateInvite(community_id=club)).code


WAYS = {
    "/dm @bob": "@",
    "/create #garden": "garden",
    "/join #plan": "plan",
    "/join an invite": "general",
    "/goto #random": "random",
}


async def held_back(running: Play, *texts: str) -> None:
    """Type texts, each with an Enter behind it, and wait until they wait."""
    for text in texts:
        await running.pilot.press(*text, "enter")
    await running.shows("will go to the channel")


def burst(running: Play, *keys: str) -> None:
    """Press keys faster than anything is done about them."""
    for key in keys:
        running.app.post_message(Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize("command", mostly_slow(WAYS, "/dm @bob"))
async def test_what_is_typed_behind_a_command_goes_where_it_leads(stage: Stage, command: str) -> None:
    there = WAYS[command]
    if command == "/join an invite":
        command = f"/join {URL}/invite/{invite(stage)}"
    async with play(stage) as running:
        await running.shows("hello 5")
        here = running.conversation.channel_id
        stage.client.faults.hold_answers()
        await running.pilot.press(*command, "enter")
        await running.pilot.press(*"secret", "enter", *"and", "enter", *"half a th")
        if "/goto" not in command:
            await running.shows("2 messages will go to the channel")
            assert running.conversation.channel_id == here
        stage.client.faults.release()
        await running.until(lambda: [text for _, text in written(stage)] == ["secret", "and"], what="sent")
        assert {name for name, _ in written(stage)} == {there}
        assert running.conversation.channel_id != here
        assert running.conversation.composer.text == "half a th"
        assert running.session.draft(stage.general) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/dm @nobody", "There is no member called nobody."),
        pytest.param("/join #nowhere", "There is no channel #nowhere", marks=pytest.mark.slow),
    ],
)
async def test_where_a_command_fails_what_is_behind_it_comes_back_unsent(stage: Stage, command: str, said: str) -> None:
    async with play(stage) as running:
        await running.shows("hello 5")
        stage.client.faults.hold_answers()
        await running.pilot.press(*command, "enter")
        await held_back(running, "secret")
        await running.pilot.press(*"more")
        stage.client.faults.release()
        await running.shows(said)
        assert running.conversation.composer.text == "secret\nmore"
        assert running.conversation.channel_id == stage.general
        assert written(stage) == []


@pytest.mark.slow
async def test_escape_stays_here_with_what_was_typed(stage: Stage) -> None:
    async with play(stage) as running:
        await running.shows("hello 5")
        stage.client.faults.hold_answers()
        await running.pilot.press(*"/dm @bob", "enter")
        await held_back(running, "secret")
        await running.pilot.press("escape")
        assert running.conversation.composer.text == "secret"
        stage.client.faults.release()
        await running.shows("is ready: ctrl+k")
        assert running.conversation.channel_id == stage.general
        assert written(stage) == []


@pytest.mark.slow
async def test_who_goes_elsewhere_meanwhile_stays_there(stage: Stage) -> None:
    async with play(stage) as running:
        await running.shows("hello 5")
        stage.client.faults.hold_answers()
        await running.pilot.press(*"/dm @bob", "enter")
        await held_back(running, "for bob")
        await running.pilot.press(*"unfinished", "alt+down")
        await running.until(lambda: running.conversation.channel_id == stage.random)
        assert running.conversation.composer.text == ""
        assert running.session.draft(stage.general) == "for bob\nunfinished"
        stage.client.faults.release()
        await running.shows("is ready: ctrl+k")
        assert running.conversation.channel_id == stage.random
        assert written(stage) == []


@pytest.mark.slow
async def test_a_draft_that_was_there_before_stays(stage: Stage) -> None:
    async with play(stage) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"a draft of general")
        stage.client.faults.hold_answers()
        running.chat.write_to_member(stage.lab, stage.bob.id)
        await running.until(lambda: running.conversation.ahead is not None)
        await running.pilot.press(*" and this is for bob", "enter")
        stage.client.faults.release()
        await running.until(lambda: written(stage))
        assert written(stage) == [("@", "and this is for bob")]
        assert running.session.draft(stage.general) == "a draft of general"


@pytest.mark.slow
async def test_commands_behind_a_command_are_done_where_it_leads(stage: Stage) -> None:
    async with play(stage) as running:
        await running.shows("hello 5")
        stage.client.faults.hold_answers()
        await running.pilot.press(*"/create #garden", "enter")
        await held_back(running, "/me waves", "/dm @bob", "hi bob")
        stage.client.faults.release()
        await running.until(lambda: len(written(stage)) == 2, what="sent")
        assert {name for name, text in written(stage) if "waves" in text} == {"garden"}
        assert ("@", "hi bob") in written(stage)


@pytest.mark.slow
async def test_a_command_is_done_where_it_was_written(stage: Stage) -> None:
    mine = stage.server.community("Mine", stage.mina, stage.bob, stage.dana)
    stage.server.channel(mine, "desk", stage.mina, stage.bob, stage.dana)
    async with play(stage) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"/goto #desk", "enter")
        await running.shows("Message #desk")
        stage.client.faults.hold_answers(routes.MEMBERS)
        await running.pilot.press(*"/kick @bob", "enter", "alt+pagedown")
        await running.until(lambda: running.chat.community_id != mine)
        stage.client.faults.release()
        await running.until(lambda: stage.bob.id not in stage.server.world.communities[mine].members)
        assert stage.bob.id in stage.server.world.communities[stage.lab].members


async def test_messages_in_one_burst_are_sent_one_by_one(stage: Stage) -> None:
    async with play(stage) as running:
        await running.shows("hello 5")
        burst(running, *"one", "enter", *"two", "enter")
        await running.until(lambda: len(written(stage)) == 2)
        assert written(stage) == [("general", "one"), ("general", "two")]


async def test_the_channel_of_the_enter_counts_not_that_of_a_moment_later(stage: Stage) -> None:
    async with play(stage) as running:
        await running.shows("hello 5")
        burst(running, *"hi", "enter", "alt+down")
        await running.until(lambda: running.conversation.channel_id == stage.random)
        await running.until(lambda: written(stage))
        assert written(stage) == [("general", "hi")]
