"""The fake client's switches do what they say."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.protocol import errors, requests, routes
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.responses import Written
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from tests.contract.stage import Recorder
from tests.fakes import FakeClient, FakeServer


class Scene:
    """Alice and bob in one community, both connected."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.people = [self.server.person(each) for each in ("alice", "bob")]
        self.here = self.server.community("Lab", *self.people)
        self.general = self.server.general(self.here)
        self.alice, self.bob = (FakeClient(self.server, each) for each in self.people)
        self.heard = Recorder()
        self.bob_heard = Recorder()

    async def start(self) -> Scene:
        for client, heard in ((self.alice, self.heard), (self.bob, self.bob_heard)):
            await client.open(heard)
            await client.enter(self.here)
            await client.ask(self.here, routes.JOIN, requests.Join())
        return self

    async def say(self, content: str) -> Written:
        request = requests.NewChat(channel_id=self.general, content=content, nonce=content)
        return await self.alice.ask(self.here, routes.CHAT_NEW, request)

    @property
    def stored(self) -> list[str]:
        return [each.content for each in self.server.world.channels[self.general].messages]

    async def bob_hears(self, *ids: int) -> None:
        await self.bob_heard.until(lambda: len(self.bob_heard.payloads("new-chat")) >= len(ids), f"messages {ids}")
        assert [each.id for each in self.bob_heard.payloads("new-chat")] == list(ids)  # type: ignore[attr-defined]


@pytest.fixture
async def scene() -> Scene:
    return await Scene().start()


async def settle() -> None:
    """Let everything that can happen without time passing happen."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_held_requests_take_effect_when_released(scene: Scene) -> None:
    scene.alice.faults.hold_requests(routes.CHAT_NEW)
    saying = asyncio.ensure_future(scene.say("later"))
    await settle()
    assert (scene.stored, scene.alice.faults.held_requests) == ([], 1)
    scene.alice.faults.release()
    assert (await saying).chat_info.id == 1


async def test_held_answers_have_taken_effect(scene: Scene) -> None:
    scene.alice.faults.hold_answers(routes.CHAT_NEW)
    saying = asyncio.ensure_future(scene.say("now"))
    await scene.bob_hears(1)
    assert not saying.done()
    scene.alice.faults.release()
    assert (await saying).chat_info.id == 1


async def test_a_lost_answer_was_stored_and_a_lost_request_was_not(scene: Scene) -> None:
    scene.alice.faults.lose_next_answer(routes.CHAT_NEW)
    with pytest.raises(NoAnswer):
        await scene.say("stored")
    scene.alice.faults.lose_next_request()
    with pytest.raises(NoAnswer):
        await scene.say("not stored")
    assert scene.stored == ["stored"]
    assert (await scene.say("stored")).chat_info.id == 1


async def test_the_next_request_is_refused_as_told(scene: Scene) -> None:
    scene.alice.faults.refuse_next(ErrorInfo(code="rate-limited", message="Slowly.", retry_after=3), routes.CHAT_NEW)
    await scene.alice.call(routes.ME, requests.Empty())
    with pytest.raises(errors.RateLimited) as refused:
        await scene.say("refused")
    assert refused.value.info.retry_after == 3
    assert (await scene.say("taken")).chat_info.id == 1


async def test_a_cut_line_loses_what_is_under_way(scene: Scene) -> None:
    scene.alice.faults.hold_answers()
    saying = asyncio.ensure_future(scene.say("cut"))
    await settle()
    scene.alice.cut("Cable pulled.")
    with pytest.raises(NoAnswer):
        await saying
    assert scene.heard.lost == ["Cable pulled."]
    assert scene.stored == ["cut"]
    with pytest.raises(Unreachable):
        await scene.say("nobody there")


async def test_offline_reaches_nothing_until_online(scene: Scene) -> None:
    scene.alice.go_offline()
    with pytest.raises(Unreachable):
        await scene.alice.open(scene.heard)
    with pytest.raises(Unreachable):
        await scene.alice.call(routes.ME, requests.Empty())
    scene.alice.go_online()
    await scene.alice.open(scene.heard)
    await scene.alice.enter(scene.here)
    assert (await scene.say("back")).chat_info.id == 1


async def test_events_are_dropped_doubled_and_reordered(scene: Scene) -> None:
    scene.bob.faults.drop_events(name="new-chat")
    await scene.say("1")
    await scene.say("2")
    await scene.bob_hears(2)
    scene.bob.faults.duplicate_events()
    await scene.say("3")
    await scene.bob_hears(2, 3, 3)
    scene.bob.faults.hold_events()
    await scene.say("4")
    await scene.say("5")
    await settle()
    await scene.bob_hears(2, 3, 3)
    scene.bob.faults.held_events.reverse()
    scene.bob.release_events()
    await scene.bob_hears(2, 3, 3, 5, 4)


async def test_what_was_told_before_the_answer_arrives_before_it(scene: Scene) -> None:
    bob = scene.people[1]
    for number in range(5):
        scene.server.post(scene.general, bob, f"{number}")
    await scene.say("mine")
    assert len(scene.heard.payloads("new-chat")) == 5
