"""A channel that closes under somebody who writes: the text stays, and goes nowhere by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asnity_server.protocol import requests, routes
from tests.slowly import mostly_slow

from .stage import Play, Stage, play, settled_stage


@pytest.fixture
def stage() -> Stage:
    """Two communities, and the private channel `plan`, where mina is."""
    stage = settled_stage()
    stage.server.channel(stage.lab, "plan", stage.alice, stage.mina, private=True)
    return stage


def plan(stage: Stage) -> str:
    return next(each.id for each in stage.server.world.channels.values() if each.name == "plan")


def delete_channel(stage: Stage) -> None:
    alice = stage.server.token(stage.alice)
    stage.server.call(alice, routes.DELETE_CHANNEL, requests.OfChannel(channel_id=plan(stage)))


def remove_from_channel(stage: Stage) -> None:
    request = requests.OfChannelMember(channel_id=plan(stage), user_id=stage.mina.id)
    stage.server.call(stage.server.token(stage.alice), routes.REMOVE_CHANNEL_MEMBER, request)


def leave_elsewhere(stage: Stage) -> None:
    request = requests.OfChannelMember(channel_id=plan(stage), user_id="me")
    stage.server.call(stage.server.token(stage.mina), routes.REMOVE_CHANNEL_MEMBER, request)


def kick(stage: Stage) -> None:
    request = requests.RemoveMember(community_id=stage.lab, user_id=stage.mina.id, ban=False, reason="")
    stage.server.call(stage.server.token(stage.alice), routes.REMOVE_MEMBER, request)


def ban(stage: Stage) -> None:
    request = requests.RemoveMember(community_id=stage.lab, user_id=stage.mina.id, ban=True, reason="no manners")
    stage.server.call(stage.server.token(stage.alice), routes.REMOVE_MEMBER, request)


def delete_community(stage: Stage) -> None:
    alice = stage.server.token(stage.alice)
    stage.server.call(alice, routes.DELETE_COMMUNITY, requests.OfCommunity(community_id=stage.lab))


def removed_while_away(stage: Stage) -> None:
    stage.client.go_offline()
    remove_from_channel(stage)
    stage.client.go_online()


CLOSINGS: dict[str, tuple[Callable[[Stage], None], str]] = {
    "deleted": (delete_channel, "#plan was deleted."),
    "removed": (remove_from_channel, "You were removed from #plan."),
    "left elsewhere": (leave_elsewhere, "You left #plan."),
    "kicked": (kick, "You were removed from Mandarin Lab."),
    "banned": (ban, "You were banned from Mandarin Lab (no manners)."),
    "community deleted": (delete_community, "Mandarin Lab was deleted."),
    "while away": (removed_while_away, "You are no longer in #plan."),
}


async def at_plan(running: Play) -> None:
    assert running.chat.go_to(plan(running.stage))
    await running.shows("Message ▪plan")


def written(stage: Stage) -> list[str]:
    """Everything that was sent anywhere in the model server, by mina."""
    channels = stage.server.world.channels.values()
    return [each.content for channel in channels for each in channel.messages if each.sender_id == stage.mina.id]


@pytest.mark.slow
@pytest.mark.parametrize("how", mostly_slow(CLOSINGS, "deleted", "kicked"))
async def test_half_a_sentence_stays_where_nothing_can_be_sent(stage: Stage, how: str) -> None:
    close, told = CLOSINGS[how]
    async with play(stage) as running:
        await at_plan(running)
        await running.pilot.press(*"the code is ")
        close(stage)
        if how == "while away":
            running.session.connect_now()
        await running.shows(told)
        assert running.conversation.channel_id is None
        await running.pilot.press(*"4711", "enter")
        await running.shows("Not sent: ")
        assert running.conversation.composer.text == "the code is 4711"
        assert running.conversation.composer.has_focus
        await running.pilot.press("alt+pagedown")
        await running.until(lambda: running.conversation.channel_id is not None)
        assert running.conversation.composer.text == ""
        await running.until(lambda: running.session.outbox.failed)
        (kept,) = running.session.outbox.failed
        assert (kept.content, kept.place) == ("the code is 4711", "#plan")
        assert written(stage) == []


@pytest.mark.parametrize("how", mostly_slow(("deleted", "kicked"), "deleted"))
async def test_keys_behind_a_closing_stay_there_when_nothing_was_written_yet(stage: Stage, how: str) -> None:
    close, told = CLOSINGS[how]
    async with play(stage) as running:
        await at_plan(running)
        close(stage)
        await running.shows(told)
        await running.pilot.press(*"hello?", "enter", "escape")
        assert running.conversation.composer.text == "hello?"
        assert written(stage) == []
        assert running.conversation.composer.has_focus


@pytest.mark.parametrize("how", mostly_slow(CLOSINGS, "deleted"))
async def test_what_was_offered_goes_with_the_channel(stage: Stage, how: str) -> None:
    close, told = CLOSINGS[how]
    async with play(stage) as running:
        await at_plan(running)
        await running.pilot.press(*"#ra")
        await running.until(lambda: running.conversation.offers.display, what="the offer of #random")
        close(stage)
        if how == "while away":
            running.session.connect_now()
        await running.shows(told)
        assert not running.conversation.offers.display
        await running.pilot.press("tab")
        assert running.conversation.composer.text == "#ra"


@pytest.mark.slow
async def test_an_edit_in_progress_stays_when_its_channel_closes(stage: Stage) -> None:
    async with play(stage) as running:
        stage.server.post(plan(stage), stage.mina, "four")
        await at_plan(running)
        await running.shows("four")
        await running.pilot.press("up", *" thousand")
        delete_channel(stage)
        await running.shows("#plan was deleted.")
        await running.pilot.press("enter")
        assert running.conversation.composer.text == "four thousand"


@pytest.mark.slow
async def test_an_edit_of_a_message_that_is_deleted_stays(stage: Stage) -> None:
    stage.server.post(stage.general, stage.mina, "mine")
    async with play(stage) as running:
        await running.shows("mine")
        await running.pilot.press("up", *" too")
        await running.shows("Editing")
        request = requests.OfMessage(channel_id=stage.general, chat_id=6)
        stage.server.call(stage.server.token(stage.alice), routes.DELETE_MESSAGE, request)
        await running.shows("The message that you are editing was deleted.")
        await running.pilot.press("enter")
        assert running.conversation.composer.text == "mine too"
        await running.pilot.press("escape")
        assert running.conversation.composer.text == "mine too"
        assert running.session.draft(stage.general) == "mine too"
        assert not running.session.outbox.entries()


@pytest.mark.slow
async def test_an_edit_waits_where_it_was_begun(stage: Stage) -> None:
    stage.server.post(stage.general, stage.mina, "mine")
    async with play(stage) as running:
        await running.shows("mine")
        await running.pilot.press("up", *" too", "alt+down")
        await running.until(lambda: running.conversation.channel_id != stage.general)
        assert running.conversation.composer.text == ""
        await running.pilot.press("alt+up")
        await running.shows("Editing")
        assert running.conversation.composer.text == "mine too"


@pytest.mark.slow
async def test_what_is_written_when_a_channel_is_archived_stays_and_can_be_finished(stage: Stage) -> None:
    async with play(stage) as running:
        await at_plan(running)
        await running.pilot.press(*"half")
        request = requests.PatchChannel(channel_id=plan(stage), archived=True)
        stage.server.call(stage.server.token(stage.alice), routes.PATCH_CHANNEL, request)
        await running.shows("This channel is archived")
        await running.pilot.press(*" and half", "enter")
        assert running.conversation.composer.text == "half and half"
        assert written(stage) == []
        request = requests.PatchChannel(channel_id=plan(stage), archived=False)
        stage.server.call(stage.server.token(stage.alice), routes.PATCH_CHANNEL, request)
        await running.until(lambda: "This channel is archived" not in running.text())
        await running.pilot.press("enter")
        await running.until(lambda: written(stage) == ["half and half"])


@pytest.mark.slow
async def test_a_draft_in_another_channel_is_kept_when_that_closes(stage: Stage) -> None:
    async with play(stage) as running:
        await at_plan(running)
        await running.pilot.press(*"later", "alt+up")
        await running.until(lambda: running.conversation.channel_id != plan(stage))
        delete_channel(stage)
        await running.until(lambda: running.session.outbox.failed)
        assert [each.content for each in running.session.outbox.failed] == ["later"]


@pytest.mark.slow
async def test_what_closed_is_left_at_once_by_who_leaves_it(stage: Stage) -> None:
    async with play(stage) as running:
        await at_plan(running)
        await running.pilot.press(*"/leave", "enter")
        await running.shows("Leave ▪plan?")
        await running.pilot.press("enter")
        await running.until(lambda: running.conversation.channel_id is not None, what="elsewhere")
        assert running.conversation.gone is None


@pytest.mark.slow
@pytest.mark.parametrize("written", [False, True], ids=["in-one-go", "paused-before"])
async def test_what_is_kept_is_there_after_a_restart(stage: Stage, written: bool) -> None:
    async with play(stage) as running:
        await at_plan(running)
        await running.pilot.press(*"the code is 4711")
        if written:
            await running.until(lambda: "the code is 4711" in str(stage.shelf.drafts))
        delete_channel(stage)
        await running.shows("#plan was deleted.")
    async with play(stage) as running:
        await running.until(lambda: running.session.outbox.failed)
        (kept,) = running.session.outbox.failed
        assert (kept.content, kept.place) == ("the code is 4711", "#plan")
        assert kept.error is not None
        assert kept.error.message == "#plan was deleted."
        await running.until(lambda: not stage.shelf.drafts)
        assert not [each for each in stage.shelf.choices if each.startswith("closed/")]


@pytest.mark.slow
async def test_being_signed_out_takes_no_letter_of_a_sentence_for_a_password(stage: Stage) -> None:
    async with play(stage) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"half a")
        mina = stage.server.token(stage.mina)
        stage.server.call(mina, routes.END_OTHER_SESSIONS, requests.Empty())
        await running.until(lambda: running.session.connection.status == "signed-out")
        await running.pilot.press(*" sentence")
        assert running.conversation.composer.text == "half a sentence"
        await running.pilot.press("enter")
        await running.shows("Password")
        assert [each.content for each in running.session.outbox.entries()] == ["half a sentence"]
