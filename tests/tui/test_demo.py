"""The demo: a real server inside, people who talk, one channel with bad moments, and nothing left afterwards."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from asnity_server.protocol.errors import Forbidden
from asnity_server.protocol.models import Message, Wire
from asnity_server.protocol.requests import Empty, History, Join, NewChat, OfReaction, PostMessage
from asnity_server.protocol.routes import ADD_REACTION, CHAT_NEW, HISTORY, JOIN, OVERVIEW, POST_MESSAGE
from asnity_tui.app import AsnityApp
from asnity_tui.app_options import AppOptions
from asnity_tui.client.clock import SystemClock
from asnity_tui.client.transport.client import NoAnswer
from asnity_tui.demo import flaky_client, people
from asnity_tui.demo.flaky_client import FlakyClient
from asnity_tui.demo.script import ANSWERS, BEFORE, NAMES, PLACES, PRAISE, REACT_STEP, REPLY_STEP, SAID
from asnity_tui.demo.world import DemoWorld
from asnity_tui.run import make_demo
from asnity_tui.screens.chat.screen import ChatScreen
from tests.fakes import FakeClient, FakeServer

from .app_harness import AppHarness


def test_everything_that_is_said_has_a_place_and_a_speaker() -> None:
    for line in (*BEFORE, *SAID):
        assert line.channel in PLACES[line.community]
        assert line.who in NAMES
        assert line.text
    assert any("@you" in line.text and line.community != "Mandarin Lab" for line in SAID)


def test_nobody_says_anything_twice() -> None:
    texts = [line.text for line in (*BEFORE, *SAID)]
    assert len(texts) == len(set(texts))


def moment(message: Message) -> datetime:
    """When something was said."""
    return datetime.fromisoformat(message.created_at.replace("Z", "+00:00"))


def days_ago(message: Message) -> int:
    """On which day something was said, counted back from today."""
    return (datetime.now().astimezone().date() - moment(message).astimezone().date()).days


class Heard:
    """A listener who remembers what was said."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.more = asyncio.Event()

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """Remember it."""
        if isinstance(payload, Message):
            self.texts.add(payload.content)
            self.more.set()

    def namespace_lost(self, *told: object) -> None:
        """Nothing."""

    def connection_lost(self, *told: object) -> None:
        """Nothing."""


async def test_the_world_is_built_over_the_real_wire_and_leaves_nothing() -> None:
    world = DemoWorld()
    authenticator, you = await world.start()
    folder = world._folder
    try:
        client = await authenticator._dial(you.server)
        client.token = you.token
        overview = await client.call(OVERVIEW, Empty())
        assert [each.community.name for each in overview.communities] == list(PLACES)
        lab = {each.channel.name: each for each in overview.communities[0].channels}
        assert {"general", "welcome", "random", "release", "flaky", "secret", ""} == set(lab)
        assert lab["secret"].channel.kind == "private"
        history = await client.call(HISTORY, History(channel_id=lab["general"].channel.id))
        assert any("귤" in message.content for message in history.messages)
        days = {days_ago(message) for message in history.messages}
        assert 1 in days
        assert datetime.now(UTC) - moment(history.messages[-1]) < timedelta(hours=1), "today's, unless it just began"
        assert any(7 <= each <= 9 for each in days), "last week's, too"
        times = [message.created_at for message in history.messages]
        assert times == sorted(times)
        await client.close()
    finally:
        await world.stop()
    assert not await asyncio.to_thread(folder.exists)


@pytest.mark.slow
async def test_the_guide_sees_the_steps_that_are_done_and_bob_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "CALM", (3600.0, 3600.0))
    world = DemoWorld()
    authenticator, you = await world.start()
    assert world._people is not None
    heard = Heard()
    client = await authenticator._dial(you.server)
    client.token = you.token
    try:
        await client.open(heard)
        for community_id in world._people.communities.values():
            await client.enter(community_id)
        welcome = world._people.channels["Mandarin Lab", "welcome"]
        steps = (await client.call(HISTORY, History(channel_id=welcome))).messages
        assert "reply" in steps[REPLY_STEP - 1].content
        assert "react" in steps[REACT_STEP - 1].content
        lab = world._people.communities["Mandarin Lab"]
        await client.ask(lab, JOIN, Join())
        answer = PostMessage(channel_id=welcome, content="like this?", reply_to=REPLY_STEP)
        await client.call(POST_MESSAGE, answer)
        await client.call(ADD_REACTION, OfReaction(channel_id=welcome, chat_id=REACT_STEP, emoji="🍊"))
        await client.call(POST_MESSAGE, PostMessage(channel_id=world._people.direct, content="hello bob"))
        async with asyncio.timeout(30):
            while not {PRAISE["reply"], PRAISE["react"], ANSWERS[0]} <= heard.texts:
                await heard.more.wait()
                heard.more.clear()
    finally:
        await client.close()
        await world.stop()


async def test_the_app_begins_with_the_demo_and_ends_it() -> None:
    harness = AppHarness()
    app = AsnityApp(harness.authenticator(), AppOptions(make_demo=make_demo, demo=True), clock=SystemClock(), zone=None)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        for _ in range(500):
            if isinstance(app.screen, ChatScreen) and app.screen.conversation.view.rows.items:
                break
            await pilot.pause(0.02)
        assert isinstance(app.screen, ChatScreen)
        assert app.screen.navigation.community is not None
        world = app.account.demo
        assert isinstance(world, DemoWorld)
        await app.action_quit()
    assert not await asyncio.to_thread(world._folder.exists)


@pytest.fixture
def flaky(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeServer, FlakyClient, str, str]:
    """A line with its bad moments in one of two channels."""
    monkeypatch.setattr(flaky_client, "SILENCE", 0.0)
    server = FakeServer()
    alice = server.person("alice")
    community = server.community("Lab", alice)
    channel = server.channel(community, "flaky", alice)
    return server, FlakyClient(FakeClient(server, alice), channel), community, channel


class Deaf:
    """A listener who doesn't listen."""

    def event(self, *told: object) -> None:
        """Nothing."""

    def namespace_lost(self, *told: object) -> None:
        """Nothing."""

    def connection_lost(self, *told: object) -> None:
        """Nothing."""


async def test_every_third_answer_is_lost_and_every_fifth_message_refused_once(
    flaky: tuple[FakeServer, FlakyClient, str, str],
) -> None:
    _, client, community, channel = flaky
    await client.open(Deaf())
    await client.enter(community)

    async def say(number: int) -> str:
        try:
            await client.ask(community, CHAT_NEW, NewChat(channel_id=channel, content=f"{number}", nonce=f"n{number}"))
        except NoAnswer:
            return "lost"
        except Forbidden:
            return "refused"
        return "sent"

    assert [await say(number) for number in range(1, 7)] == ["sent", "sent", "lost", "sent", "refused", "lost"]
    assert [await say(number) for number in (3, 5, 6)] == ["sent", "sent", "sent"]
    stored = await client.call(HISTORY, History(channel_id=channel))
    assert sorted(message.content for message in stored.messages) == ["1", "2", "3", "4", "5", "6"]
    await client.close()


async def test_other_channels_have_no_bad_moments(flaky: tuple[FakeServer, FlakyClient, str, str]) -> None:
    server, client, community, _ = flaky
    await client.open(Deaf())
    await client.enter(community)
    general = server.general(community)
    for number in range(12):
        await client.ask(community, CHAT_NEW, NewChat(channel_id=general, content="x", nonce=f"n{number}"))
    await client.exit(community)
    await client.close()
    await asyncio.sleep(0)
