"""A channel that closes under somebody who writes: the text stays, and goes nowhere by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asnity_server.protocol import requests, routes
from tests.slowly import mostly_slow

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Two communities, and the private channel `plan`, where mina is."""
    harness = populated_harness()
    harness.server.channel(harness.lab, "plan", harness.alice, harness.mina, private=True)
    return harness


def plan(harness: AppHarness) -> str:
    return next(each.id for each in harness.server.world.channels.values() if each.name == "plan")


def delete_channel(harness: AppHarness) -> None:
    alice = harness.server.token(harness.alice)
    harness.server.call(alice, routes.DELETE_CHANNEL, requests.OfChannel(channel_id=plan(harness)))


def remove_from_channel(harness: AppHarness) -> None:
    request = requests.OfChannelMember(channel_id=plan(harness), user_id=harness.mina.id)
    harness.server.call(harness.server.token(harness.alice), routes.REMOVE_CHANNEL_MEMBER, request)


def leave_elsewhere(harness: AppHarness) -> None:
    request = requests.OfChannelMember(channel_id=plan(harness), user_id="me")
    harness.server.call(harness.server.token(harness.mina), routes.REMOVE_CHANNEL_MEMBER, request)


def kick(harness: AppHarness) -> None:
    request = requests.RemoveMember(community_id=harness.lab, user_id=harness.mina.id, ban=False, reason="")
    harness.server.call(harness.server.token(harness.alice), routes.REMOVE_MEMBER, request)


def ban(harness: AppHarness) -> None:
    request = requests.RemoveMember(community_id=harness.lab, user_id=harness.mina.id, ban=True, reason="no manners")
    harness.server.call(harness.server.token(harness.alice), routes.REMOVE_MEMBER, request)


def delete_community(harness: AppHarness) -> None:
    alice = harness.server.token(harness.alice)
    harness.server.call(alice, routes.DELETE_COMMUNITY, requests.OfCommunity(community_id=harness.lab))


def removed_while_away(harness: AppHarness) -> None:
    harness.client.go_offline()
    remove_from_channel(harness)
    harness.client.go_online()


CLOSINGS: dict[str, tuple[Callable[[AppHarness], None], str]] = {
    "deleted": (delete_channel, "#plan was deleted."),
    "removed": (remove_from_channel, "You were removed from #plan."),
    "left elsewhere": (leave_elsewhere, "You left #plan."),
    "kicked": (kick, "You were removed from Mandarin Lab."),
    "banned": (ban, "You were banned from Mandarin Lab (no manners)."),
    "community deleted": (delete_community, "Mandarin Lab was deleted."),
    "while away": (removed_while_away, "You are no longer in #plan."),
}


async def at_plan(running: RunningApp) -> None:
    assert running.chat.navigation.go_to(plan(running.harness))
    await running.shows("Message ▪plan")


def written(harness: AppHarness) -> list[str]:
    """Everything that was sent anywhere in the model server, by mina."""
    channels = harness.server.world.channels.values()
    return [each.content for channel in channels for each in channel.messages if each.sender_id == harness.mina.id]


@pytest.mark.slow
@pytest.mark.parametrize("how", mostly_slow(CLOSINGS, "deleted", "kicked"))
async def test_half_a_sentence_stays_where_nothing_can_be_sent(harness: AppHarness, how: str) -> None:
    close, told = CLOSINGS[how]
    async with run_app(harness) as running:
        await at_plan(running)
        await running.pilot.press(*"the code is ")
        close(harness)
        if how == "while away":
            running.session.connection.connect_now()
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
        assert written(harness) == []


@pytest.mark.parametrize("how", mostly_slow(("deleted", "kicked"), "deleted"))
async def test_keys_behind_a_closing_stay_there_when_nothing_was_written_yet(harness: AppHarness, how: str) -> None:
    close, told = CLOSINGS[how]
    async with run_app(harness) as running:
        await at_plan(running)
        close(harness)
        await running.shows(told)
        await running.pilot.press(*"hello?", "enter", "escape")
        assert running.conversation.composer.text == "hello?"
        assert written(harness) == []
        assert running.conversation.composer.has_focus


@pytest.mark.parametrize("how", mostly_slow(CLOSINGS, "deleted"))
async def test_what_was_offered_goes_with_the_channel(harness: AppHarness, how: str) -> None:
    close, told = CLOSINGS[how]
    async with run_app(harness) as running:
        await at_plan(running)
        await running.pilot.press(*"#ra")
        await running.until(lambda: running.conversation.completions.pane.display, what="the offer of #random")
        close(harness)
        if how == "while away":
            running.session.connection.connect_now()
        await running.shows(told)
        assert not running.conversation.completions.pane.display
        await running.pilot.press("tab")
        assert running.conversation.composer.text == "#ra"


@pytest.mark.slow
async def test_an_edit_in_progress_stays_when_its_channel_closes(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        harness.server.post(plan(harness), harness.mina, "four")
        await at_plan(running)
        await running.shows("four")
        await running.pilot.press("up", *" thousand")
        delete_channel(harness)
        await running.shows("#plan was deleted.")
        await running.pilot.press("enter")
        assert running.conversation.composer.text == "four thousand"


@pytest.mark.slow
async def test_an_edit_of_a_message_that_is_deleted_stays(harness: AppHarness) -> None:
    harness.server.post(harness.general, harness.mina, "mine")
    async with run_app(harness) as running:
        await running.shows("mine")
        await running.pilot.press("up", *" too")
        await running.shows("Editing")
        request = requests.OfMessage(channel_id=harness.general, chat_id=6)
        harness.server.call(harness.server.token(harness.alice), routes.DELETE_MESSAGE, request)
        await running.shows("The message that you are editing was deleted.")
        await running.pilot.press("enter")
        assert running.conversation.composer.text == "mine too"
        await running.pilot.press("escape")
        assert running.conversation.composer.text == "mine too"
        assert running.session.drafts.get(harness.general) == "mine too"
        assert not running.session.outbox.entries()


@pytest.mark.slow
async def test_an_edit_waits_where_it_was_begun(harness: AppHarness) -> None:
    harness.server.post(harness.general, harness.mina, "mine")
    async with run_app(harness) as running:
        await running.shows("mine")
        await running.pilot.press("up", *" too", "alt+down")
        await running.until(lambda: running.conversation.channel_id != harness.general)
        assert running.conversation.composer.text == ""
        await running.pilot.press("alt+up")
        await running.shows("Editing")
        assert running.conversation.composer.text == "mine too"


@pytest.mark.slow
async def test_what_is_written_when_a_channel_is_archived_stays_and_can_be_finished(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await at_plan(running)
        await running.pilot.press(*"half")
        request = requests.PatchChannel(channel_id=plan(harness), archived=True)
        harness.server.call(harness.server.token(harness.alice), routes.PATCH_CHANNEL, request)
        await running.shows("This channel is archived")
        await running.pilot.press(*" and half", "enter")
        assert running.conversation.composer.text == "half and half"
        assert written(harness) == []
        request = requests.PatchChannel(channel_id=plan(harness), archived=False)
        harness.server.call(harness.server.token(harness.alice), routes.PATCH_CHANNEL, request)
        await running.until(lambda: "This channel is archived" not in running.text())
        await running.pilot.press("enter")
        await running.until(lambda: written(harness) == ["half and half"])


@pytest.mark.slow
async def test_a_draft_in_another_channel_is_kept_when_that_closes(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await at_plan(running)
        await running.pilot.press(*"later", "alt+up")
        await running.until(lambda: running.conversation.channel_id != plan(harness))
        delete_channel(harness)
        await running.until(lambda: running.session.outbox.failed)
        assert [each.content for each in running.session.outbox.failed] == ["later"]


@pytest.mark.slow
async def test_what_closed_is_left_at_once_by_who_leaves_it(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await at_plan(running)
        await running.pilot.press(*"/leave", "enter")
        await running.shows("Leave ▪plan?")
        await running.pilot.press("enter")
        await running.until(lambda: running.conversation.channel_id is not None, what="elsewhere")
        assert running.conversation.closed is None


@pytest.mark.slow
@pytest.mark.parametrize("written", [False, True], ids=["in-one-go", "paused-before"])
async def test_what_is_kept_is_there_after_a_restart(harness: AppHarness, written: bool) -> None:
    async with run_app(harness) as running:
        await at_plan(running)
        await running.pilot.press(*"the code is 4711")
        if written:
            await running.until(lambda: "the code is 4711" in str(harness.storage.drafts))
        delete_channel(harness)
        await running.shows("#plan was deleted.")
    async with run_app(harness) as running:
        await running.until(lambda: running.session.outbox.failed)
        (kept,) = running.session.outbox.failed
        assert (kept.content, kept.place) == ("the code is 4711", "#plan")
        assert kept.error is not None
        assert kept.error.message == "#plan was deleted."
        await running.until(lambda: not harness.storage.drafts)
        assert not [each for each in harness.storage.choices if each.startswith("closed/")]


@pytest.mark.slow
async def test_being_signed_out_takes_no_letter_of_a_sentence_for_a_password(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"half a")
        mina = harness.server.token(harness.mina)
        harness.server.call(mina, routes.END_OTHER_SESSIONS, requests.Empty())
        await running.until(lambda: running.session.connection.status == "signed-out")
        await running.pilot.press(*" sentence")
        assert running.conversation.composer.text == "half a sentence"
        await running.pilot.press("enter")
        await running.shows("Password")
        assert [each.content for each in running.session.outbox.entries()] == ["half a sentence"]
