"""The fake client's switches do what they say."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.protocol import errors, requests, routes
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.responses import Written
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from tests.contract.harness import Recorder
from tests.fakes import FakeClient, FakeServer


class TwoClients:
    """Alice and bob in one community, both connected."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.people = [self.server.person(each) for each in ("alice", "bob")]
        self.here = self.server.community("Lab", *self.people)
        self.general = self.server.general(self.here)
        self.alice, self.bob = (FakeClient(self.server, each) for each in self.people)
        self.heard = Recorder()
        self.bob_heard = Recorder()

    async def start(self) -> TwoClients:
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
async def clients() -> TwoClients:
    return await TwoClients().start()


async def settle() -> None:
    """Let everything that can happen without time passing happen."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_held_requests_take_effect_when_released(clients: TwoClients) -> None:
    clients.alice.faults.hold_requests(routes.CHAT_NEW)
    saying = asyncio.ensure_future(clients.say("later"))
    await settle()
    assert (clients.stored, clients.alice.faults.held_requests) == ([], 1)
    clients.alice.faults.release()
    assert (await saying).chat_info.id == 1


async def test_held_answers_have_taken_effect(clients: TwoClients) -> None:
    clients.alice.faults.hold_answers(routes.CHAT_NEW)
    saying = asyncio.ensure_future(clients.say("now"))
    await clients.bob_hears(1)
    assert not saying.done()
    clients.alice.faults.release()
    assert (await saying).chat_info.id == 1


async def test_a_lost_answer_was_stored_and_a_lost_request_was_not(clients: TwoClients) -> None:
    clients.alice.faults.lose_next_answer(routes.CHAT_NEW)
    with pytest.raises(NoAnswer):
        await clients.say("stored")
    clients.alice.faults.lose_next_request()
    with pytest.raises(NoAnswer):
        await clients.say("not stored")
    assert clients.stored == ["stored"]
    assert (await clients.say("stored")).chat_info.id == 1


async def test_the_next_request_is_refused_as_told(clients: TwoClients) -> None:
    clients.alice.faults.refuse_next(ErrorInfo(code="rate-limited", message="Slowly.", retry_after=3), routes.CHAT_NEW)
    await clients.alice.call(routes.ME, requests.Empty())
    with pytest.raises(errors.RateLimited) as refused:
        await clients.say("refused")
    assert refused.value.info.retry_after == 3
    assert (await clients.say("taken")).chat_info.id == 1


async def test_a_cut_line_loses_what_is_under_way(clients: TwoClients) -> None:
    clients.alice.faults.hold_answers()
    saying = asyncio.ensure_future(clients.say("cut"))
    await settle()
    clients.alice.cut("Cable pulled.")
    with pytest.raises(NoAnswer):
        await saying
    assert clients.heard.lost == ["Cable pulled."]
    assert clients.stored == ["cut"]
    with pytest.raises(Unreachable):
        await clients.say("nobody there")


async def test_offline_reaches_nothing_until_online(clients: TwoClients) -> None:
    clients.alice.go_offline()
    with pytest.raises(Unreachable):
        await clients.alice.open(clients.heard)
    with pytest.raises(Unreachable):
        await clients.alice.call(routes.ME, requests.Empty())
    clients.alice.go_online()
    await clients.alice.open(clients.heard)
    await clients.alice.enter(clients.here)
    assert (await clients.say("back")).chat_info.id == 1


async def test_events_are_dropped_doubled_and_reordered(clients: TwoClients) -> None:
    clients.bob.faults.drop_events(name="new-chat")
    await clients.say("1")
    await clients.say("2")
    await clients.bob_hears(2)
    clients.bob.faults.duplicate_events()
    await clients.say("3")
    await clients.bob_hears(2, 3, 3)
    clients.bob.faults.hold_events()
    await clients.say("4")
    await clients.say("5")
    await settle()
    await clients.bob_hears(2, 3, 3)
    clients.bob.faults.held_events.reverse()
    clients.bob.release_events()
    await clients.bob_hears(2, 3, 3, 5, 4)


async def test_what_was_told_before_the_answer_arrives_before_it(clients: TwoClients) -> None:
    bob = clients.people[1]
    for number in range(5):
        clients.server.post(clients.general, bob, f"{number}")
    await clients.say("mine")
    assert len(clients.heard.payloads("new-chat")) == 5
