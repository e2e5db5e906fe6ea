"""Whole sessions while everything goes wrong at random; when it is over, all of them show what the server has."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable

import pytest

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import AsnityError, ErrorInfo
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.state.rows import Gap, Row
from tests.fakes import channels
from tests.fakes.storage import InMemoryStorage

from .session_harness import CountingClient, Middle, SessionHarness, SteppedClock, quiet

REFUSALS = [
    ErrorInfo(code="rate-limited", message="Slow down.", retry_after=1),
    ErrorInfo(code="unavailable", message="Busy."),
    ErrorInfo(code="internal", message="Oops."),
    ErrorInfo(code="forbidden", message="No."),
]


class Chaos:
    """Alice on two devices and bob elsewhere; `dice` decides what happens next."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.harness = SessionHarness()
        self.server = self.harness.server
        self.clock: SteppedClock = self.harness.clock
        phone = CountingClient(self.server, self.harness.alice)
        self.phone = Session(phone, InMemoryStorage(), clock=self.clock, random=Middle())
        self.clients = [self.harness.client, phone]
        self.sent: dict[str, str] = {}
        self.loading: list[asyncio.Future[None]] = []

    @property
    def sessions(self) -> list[Session]:
        return [self.harness.session, self.phone]

    async def begin(self) -> None:
        for session in self.sessions:
            session.start()
        await quiet()
        for session in self.sessions:
            session.open_channel(self.harness.general)

    async def step(self) -> None:
        often = [self.others, self.others, self.write, self.change, self.read, self.load, self.fault]
        doing = self.dice.choice([*often, *often, self.move, self.restart])
        await doing()
        if self.dice.random() < 0.7:
            await self.clock.advance(self.dice.choice([0, 0, 0.1, 0.6, 2]))

    def channel_id(self) -> str:
        return self.dice.choice([self.harness.general, self.harness.general, self.harness.random])

    async def others(self) -> None:
        channel_id, bob = self.channel_id(), self.harness.bob
        bobs = [
            each.id
            for each in self.server.world.channels[channel_id].messages
            if each.sender_id == bob.id and each.deleted_at is None
        ]
        what = self.dice.random()
        if what < 0.6 or not bobs:
            for _ in range(self.dice.randint(1, 4)):
                self.server.post(channel_id, bob, self.dice.choice(["hi", "hi @alice"]))
        elif what < 0.8:
            self.server.edit(channel_id, bob, self.dice.choice(bobs), self.dice.choice(["better", "oh @alice"]))
        else:
            self.server.delete(channel_id, bob, self.dice.choice(bobs))

    async def write(self) -> None:
        content = f"text {len(self.sent)}"
        session, channel_id = self.dice.choice(self.sessions), self.channel_id()
        if session.store.channel(channel_id) is not None:
            self.sent[await session.messages.send(channel_id, content)] = content

    async def change(self) -> None:
        session, channel_id = self.dice.choice(self.sessions), self.channel_id()
        mine = [each for each in rows(session, channel_id) if each.message.id and each.message.nonce in self.sent]
        if mine:
            message_id = self.dice.choice(mine).message.id
            if self.dice.random() < 0.7:
                await session.messages.edit(channel_id, message_id, "changed")
            else:
                await session.messages.delete(channel_id, message_id)

    async def read(self) -> None:
        session, channel_id = self.dice.choice(self.sessions), self.channel_id()
        channel = session.store.channel(channel_id)
        if channel is not None:
            session.read_markers.read_up_to(channel_id, channel.counters.last_id - self.dice.randint(0, 5))

    async def load(self) -> None:
        session, channel_id = self.dice.choice(self.sessions), self.channel_id()
        session.open_channel(channel_id)
        channel = session.store.channel(channel_id)
        wanted = self.dice.randint(1, max(channel.counters.last_id, 1)) if channel is not None else 1
        loads = [
            session.history.jump_to_newest,
            session.history.load_older,
            session.history.load_newer,
            lambda id: session.history.jump_to(id, wanted),
        ]
        self.loading.append(asyncio.ensure_future(self.loaded(self.dice.choice(loads)(channel_id))))

    async def loaded(self, load: Awaitable[object]) -> None:
        try:
            await load
        except (AsnityError, NoAnswer, Unreachable):
            return  # a person would see it in words, and try again

    async def move(self) -> None:
        """Alice is taken out of `random`, or put back into it; and out of the community, and back."""
        world, alice = self.server.world, self.harness.alice
        channel = world.channels[self.harness.random]
        if alice.id not in world.communities[self.harness.lab].members:
            self.server.add_member(self.harness.lab, alice)
        elif self.dice.random() < 0.2:
            self.server.kick(self.harness.lab, alice)
        elif alice.id in channel.seats:
            request = requests.OfChannelMember(channel_id=channel.id, user_id=alice.id)
            channels.remove_member(world, self.harness.bob, request)
        else:
            channels.seat(world, alice, channel)

    async def restart(self) -> None:
        """The program is closed and started again, or killed."""
        harness, kept = self.harness, dict(self.harness.storage.outbox)
        await harness.session.close()
        if self.dice.random() < 0.3:
            harness.storage.outbox = kept
        offline = harness.client.faults.offline
        harness.restart_program()
        harness.client.faults.offline = offline
        self.clients[0] = harness.client
        harness.session.start()
        harness.session.open_channel(self.channel_id())

    async def fault(self) -> None:
        client = self.dice.choice(self.clients)
        match self.dice.randint(0, 9):
            case 0:
                client.cut()
            case 1:
                client.go_offline()
            case 2:
                client.go_online()
            case 3:
                client.faults.drop_events(self.dice.randint(1, 3))
            case 4:
                client.faults.duplicate_events(self.dice.randint(1, 3), name="new-chat")
            case 5:
                client.faults.lose_next_answer(routes.CHAT_NEW)
            case 6:
                client.faults.lose_next_request()
            case 7:
                client.faults.refuse_next(self.dice.choice(REFUSALS), routes.CHAT_NEW, routes.CHAT_MODIFY)
            case 8:
                client.faults.hold_answers(routes.HISTORY, routes.CHANGES)
                await self.others()
                await quiet()
                client.faults.release()
            case 9:
                client.faults.hold_events()
                await self.clock.advance(0.2)
                self.dice.shuffle(client.faults.held_events)
                client.release_events()

    async def calm_down(self) -> None:
        """The lines hold, everything is compared once more, and time passes."""
        for client in self.clients:
            client.faults.__init__()  # type: ignore[misc]
            client.cut()
        await self.clock.advance(240)
        await asyncio.gather(*self.loading)

    def check(self, session: Session) -> None:
        assert session.connection.status == "online"
        assert {each.state for each in session.outbox.entries()} <= {"failed"}
        for channel_id in (self.harness.general, self.harness.random):
            record = self.server.world.channels[channel_id]
            channel = session.store.channel(channel_id)
            assert (channel is not None) == (self.harness.alice.id in record.seats)
            if channel is None:
                continue
            assert channel.behind is None
            assert channel.counters == self.server.world.counters(self.harness.alice, record)
            assert channel.read_id == channel.counters.read_id
            if channel.timeline is None:
                continue
            shown = [each.message for each in rows(session, channel_id) if each.message.id and each.entry is None]
            assert shown == [record.messages[each.id - 1] for each in shown]
            gaps = sum(each.count for each in channel.timeline.items() if isinstance(each, Gap))
            first = channel.timeline.oldest_id or 1
            held = [each for each in rows(session, channel_id) if each.message.id]
            assert first - 1 + gaps + len(held) == record.last_id, "everything is shown, or said to be missing"


def rows(session: Session, channel_id: str) -> list[Row]:
    channel = session.store.channel(channel_id)
    if channel is None or channel.timeline is None:
        return []
    return [each for each in channel.timeline.items() if isinstance(each, Row)]


@pytest.mark.parametrize("seed", range(12))
async def test_in_the_end_everybody_sees_the_same(seed: int) -> None:
    chaos = Chaos(seed)
    await chaos.begin()
    for _ in range(50):
        await chaos.step()
    await chaos.calm_down()
    for session in chaos.sessions:
        chaos.check(session)
    stored = [each.nonce for channel in chaos.server.world.channels.values() for each in channel.messages if each.nonce]
    failed = {each.nonce for session in chaos.sessions for each in session.outbox.failed}
    assert len(stored) == len(set(stored)), "nothing twice"
    assert set(chaos.sent) <= set(stored) | failed, "nothing lost"
    await chaos.phone.close()
    await chaos.harness.end()
