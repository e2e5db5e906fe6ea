"""Warnings at the composer before something is sent: who won't read it, and why nothing can be written."""

from __future__ import annotations

import pytest

from asnity_server.protocol import requests, routes
from asnity_tui.widgets.list_pane import ListPane

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Alice's community with mina, bob, 민지 and dana."""
    return populated_harness()


@pytest.fixture
def secret(harness: AppHarness) -> str:
    """A private channel with alice, bob and mina. Its id."""
    return harness.server.channel(harness.lab, "secret", harness.alice, harness.bob, harness.mina, private=True)


def remark(running: RunningApp) -> str:
    """Read the line above the composer, if it is there."""
    line = running.conversation.composing.status.warnings
    return " ".join(line.render_line(y).text.strip() for y in range(line.size.height)) if line.display else ""


async def writes(running: RunningApp, text: str) -> None:
    """Put a text into the composer as a paste does, with nothing offered for it."""
    running.conversation.composer.focus()
    running.conversation.composer.put(text)
    await running.pilot.pause()


def mute(harness: AppHarness, seconds: int) -> None:
    """Alice lets mina read only."""
    request = requests.PatchMember(community_id=harness.lab, user_id=harness.mina.id, muted_for=seconds)
    harness.server.call(harness.server.token(harness.alice), routes.PATCH_MEMBER, request)


@pytest.mark.slow
async def test_who_is_called_and_cannot_read_is_named_before_it_is_sent(harness: AppHarness, secret: str) -> None:
    async with run_app(harness, size=(120, 30)) as running:
        running.chat.navigation.go_to(secret)
        await writes(running, "ask @dana and @bob")
        await running.until(lambda: remark(running) == "@dana isn't in #secret: won't see this · /invite @dana")
        await writes(running, "ask @minji가 or @dana")
        await running.until(lambda: remark(running) == "@minji and @dana aren't in #secret: won't see this")
        await running.pilot.resize_terminal(40, 20)
        await running.until(lambda: "@minji and @dana aren't in" in running.text() and "this" in remark(running))
        assert remark(running) == "@minji and @dana aren't in #secret: won't see this"
        await running.pilot.resize_terminal(120, 30)
        for nobody in ("ask @bob", "mail dana@dana.org", "`@dana`", "@nobody", "@mina", "@here"):
            await writes(running, nobody)
            await running.until(lambda: remark(running) == "", what=nobody)
        await writes(running, "@dana?")
        await running.until(lambda: remark(running).startswith("@dana isn't"))
        add = requests.OfChannelMember(channel_id=secret, user_id=harness.dana.id)
        harness.server.call(harness.server.token(harness.alice), routes.ADD_CHANNEL_MEMBER, add)
        await running.until(lambda: remark(running) == "")


@pytest.mark.slow
async def test_who_left_who_is_disabled_and_who_is_elsewhere_are_told_apart(harness: AppHarness) -> None:
    harness.server.post(harness.general, harness.dana, "bye")
    random = harness.server.channel(harness.lab, "few", harness.alice, harness.mina)
    async with run_app(harness, size=(120, 30)) as running:
        running.chat.navigation.go_to(random)
        await writes(running, "@bob")
        await running.until(lambda: remark(running) == "@bob isn't in #few: won't be notified · /invite @bob")
        harness.server.kick(harness.lab, harness.dana)
        await writes(running, "@dana")
        await running.until(lambda: remark(running) == "@dana left Mandarin Lab: won't see this")
        asked = requests.OpenDirect(community_id=harness.lab, user_ids=(harness.bob.id,))
        direct = harness.server.call(harness.server.token(harness.mina), routes.OPEN_DIRECT, asked)
        await running.until(lambda: running.session.store.channel(direct.id))
        running.chat.navigation.go_to(direct.id)
        await writes(running, "@alice?")
        await running.until(lambda: remark(running) == "@alice isn't in this conversation: won't see this")
        harness.server.kick(harness.lab, harness.bob)
        await writes(running, "still there?")
        await running.until(lambda: remark(running) == "bob has left: no one else can read this.")


@pytest.mark.slow
async def test_completion_says_who_is_not_here_and_offers_them_last(harness: AppHarness, secret: str) -> None:
    async with run_app(harness, size=(120, 30)) as running:
        running.chat.navigation.go_to(secret)
        await running.pilot.press("@")
        offers = running.conversation.query_one("#offers", ListPane)

        def offered() -> list[str]:
            return ["".join(word.text for word in (*each.left, *each.right)).strip() for each in offers.entries]

        await running.until(lambda: any("not here" in each for each in offered()))
        absent = ["not here" in each for each in offered()]
        assert absent == sorted(absent)
        assert [each.partition("@")[2] for each in offered() if "not here" in each] == [
            "dana · not here",
            "minji · not here",
        ]


@pytest.mark.slow
async def test_a_muted_person_reads_why_and_writes_again_when_it_is_over(harness: AppHarness) -> None:
    async with run_app(harness, size=(100, 20)) as running:
        await running.shows("Message #general")
        mute(harness, 1800)
        await running.shows("You are muted until 10:30: you can read, but not write.")
        composer = running.conversation.composer
        await running.pilot.press(*"hi")
        assert (composer.read_only, composer.text) == (True, "")
        harness.server.clock.advance(minutes=29)
        running.chat.tick()
        assert composer.read_only
        harness.server.clock.advance(minutes=1)
        running.chat.tick()
        await running.shows("Message #general")
        await running.pilot.press(*"hi")
        assert composer.text == "hi"


@pytest.mark.slow
async def test_what_is_being_written_stays_where_writing_ends(harness: AppHarness) -> None:
    async with run_app(harness, size=(100, 20)) as running:
        await running.shows("Message #general")
        await running.pilot.press(*"half a")
        mute(harness, 24 * 3600)
        await running.until(lambda: remark(running) == "You are muted until 21 Nov 10:00: you can read, but not write.")
        await running.pilot.press(*" word", "enter")
        assert running.conversation.composer.text == "half a word"
        assert len(running.session.outbox) == 0
        mute(harness, 0)
        await running.until(lambda: remark(running) == "")
        await running.pilot.press("enter")
        await running.until(
            lambda: harness.server.world.channels[harness.general].messages[-1].content == "half a word"
        )


@pytest.mark.slow
async def test_an_archived_channel_says_so_in_the_composer(harness: AppHarness) -> None:
    async with run_app(harness, size=(100, 20)) as running:
        running.chat.navigation.go_to(harness.random)
        await running.shows("Message #random")
        for archived, told in ((True, "This channel is archived: you can read it"), (False, "Message #random")):
            request = requests.PatchChannel(channel_id=harness.random, archived=archived)
            harness.server.call(harness.server.token(harness.alice), routes.PATCH_CHANNEL, request)
            await running.shows(told)
            assert running.conversation.composer.read_only is archived
