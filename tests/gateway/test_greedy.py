"""One connection that sends all it can: what the server takes of it has a bound, and everyone else has their turn."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from asnity_server.gateway import connections
from asnity_server.gateway.delivery import budget, frames
from asnity_server.gateway.delivery.budget import AT_ONCE, TURN, Budget
from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.delivery.socketio_server import ConnectionPolicy
from asnity_server.gateway.delivery.stock import StockDelivery
from asnity_server.protocol import limits
from asnity_server.protocol.ids import namespace_of
from tests.gateway.harness import PATIENCE, GatewayHarness

from .wire import PING, Wire, said

BOTH = pytest.mark.parametrize("delivery", [FastDelivery, pytest.param(StockDelivery, marks=pytest.mark.slow)])
FLOOD = 4_000
NEVER = 3600.0
"""Seconds for one more packet: what is over the budget isn't taken as long as a test runs."""


@asynccontextmanager
async def opened(path: Path, delivery: Any, allowed: Budget) -> AsyncIterator[GatewayHarness]:
    """A gateway whose connections have a budget."""
    harness = GatewayHarness(path / "asnity.db", delivery(ConnectionPolicy(budget=allowed)))
    await harness.open()
    yield harness
    await harness.close()


class Ticks:
    """Counts what is heard between two moments in which everybody else had a turn."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._number = 0
        self._over = False
        self.heard: Counter[int] = Counter()
        self._tick()

    def _tick(self) -> None:
        self._number += 1
        if not self._over:
            self._loop.call_soon(self._tick)

    def note(self) -> None:
        """Something was heard."""
        self.heard[self._number] += 1

    def stop(self) -> None:
        """Count no more."""
        self._over = True


def _id(number: int, length: int = 12) -> str:
    return f"{number:0{length}d}".translate(str.maketrans("0123456789", "abcdefghij"))


def _channel(community_id: str, number: int) -> str:
    return f"{community_id}-{_id(number, 8)}"


def _connects(count: int) -> bytes:
    return b"".join(said(f"40/socket/{number:012d},{{}}") for number in range(count))


@BOTH
async def test_of_a_flood_of_pings_no_more_is_taken_than_the_budget(tmp_path: Path, delivery: Any) -> None:
    async with opened(tmp_path, delivery, Budget(50, NEVER)) as harness:
        alice = await harness.person("alice")
        lab = await harness.community(alice)
        general = await harness.general(lab)
        hers, greedy = await harness.client(alice, lab), await Wire.open(harness)
        greedy.send(PING * FLOOD)
        await greedy.until(lambda: greedy.pongs() >= 20)
        for number in range(5):
            assert (await hers.say(general, f"still here {number}"))["written"] is True
        assert greedy.pongs() <= 50 + TURN
        assert not greedy.closed
        await greedy.close()


@BOTH
async def test_of_large_packets_fewer_are_taken(tmp_path: Path, delivery: Any) -> None:
    """A packet that takes long to read costs more than one."""
    async with opened(tmp_path, delivery, Budget(50, NEVER)) as harness:
        alice = await harness.person("alice")
        lab = await harness.community(alice)
        hers, greedy = await harness.client(alice, lab), await Wire.open(harness)
        await greedy.enter(namespace_of(lab), alice.token)
        nonsense = json.dumps(["chat", {"content": "x" * 60_000}])
        greedy.send(b"".join(said(f"42{namespace_of(lab)},{number}{nonsense}") for number in range(40)))
        await greedy.until(lambda: bool(greedy.answered()))
        for number in range(5):
            assert (await hers.say(await harness.general(lab), f"still here {number}"))["written"] is True
        assert len(greedy.answered()) <= 8  # its budget of 4 KB each, and what is read at once
        await greedy.close()


@pytest.mark.slow
@pytest.mark.parametrize("attackers", [1, 12])
@pytest.mark.parametrize("kind", ["pings", "pongs", "connects", "joins"])
async def test_between_a_few_packets_everyone_else_has_a_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, attackers: int
) -> None:
    """Without any budget too, as where whoever hosts the server switched it off."""
    monkeypatch.setattr(connections, "OFFENCES", FLOOD * 2)
    async with opened(tmp_path, FastDelivery, Budget()) as harness:
        alice = await harness.person("alice")
        lab = await harness.community(alice)
        wires = [await Wire.open(harness) for _ in range(attackers)]
        for wire in wires:
            await wire.enter(namespace_of(lab), alice.token)
        ticks, count = Ticks(), FLOOD // attackers
        taken = frames.Parser._take

        def noted(parser: frames.Parser, first: int, payload: bytes) -> Any:
            ticks.note()
            return taken(parser, first, payload)

        monkeypatch.setattr(frames.Parser, "_take", noted)
        ids = [_channel(lab, number) for number in range(100)]
        join = f'42{namespace_of(lab)},1["join",{json.dumps({"channels": ids})}]'
        flood = {
            "pings": PING * count,
            "pongs": said("3") * count,
            "connects": _connects(count),
            "joins": said(join) * (count // 40),
        }
        for wire in wires:
            wire.send(flood[kind])
            wire.send(said(f'42{namespace_of(lab)},77["typing",{{}}]'))  # behind it all
        for wire in wires:
            await wire.until(lambda wire=wire: 77 in wire.answered())
        ticks.stop()
        # each that has something new is looked at once; of those who have more to say, a few
        assert max(ticks.heard.values()) <= TURN * (AT_ONCE + attackers)
        assert len(ticks.heard) >= sum(ticks.heard.values()) // (TURN * (AT_ONCE + attackers))
        for wire in wires:
            await wire.close()


@BOTH
@pytest.mark.parametrize(
    "packet",
    [
        "40/socket/000000000000,{}",
        "40/nowhere,{}",
        '42/socket/000000000000,1["chat",{}]',
        '42/nowhere,["chat",{}]',
    ],
)
async def test_who_keeps_asking_for_what_nobody_has_is_closed(tmp_path: Path, delivery: Any, packet: str) -> None:
    async with opened(tmp_path, delivery, Budget()) as harness:
        alice = await harness.person("alice")
        lab = await harness.community(alice)
        stranger, hers = await Wire.open(harness), await harness.client(alice, lab)
        stranger.send(said(packet) * (connections.OFFENCES - 1))
        stranger.send(said("40/nowhere/else,{}"))
        stranger.send(said(packet) * FLOOD)
        await stranger.until(lambda: stranger.closed)
        assert sum(harness.gateway.refusals.values()) <= connections.OFFENCES + 2 * TURN
        assert (await hers.say(await harness.general(lab), "in peace"))["written"] is True
        await stranger.close()


@BOTH
async def test_a_few_refusals_close_nobody(tmp_path: Path, delivery: Any) -> None:
    async with opened(tmp_path, delivery, Budget()) as harness:
        alice = await harness.person("alice")
        lab = await harness.community(alice)
        wire = await Wire.open(harness)
        wire.send(_connects(connections.OFFENCES - 1))
        await wire.until(lambda: sum(each.startswith(b"44") for each in wire.texts()) == connections.OFFENCES - 1)
        await wire.enter(namespace_of(lab), alice.token)
        await wire.close()


async def test_who_never_stops_wanting_more_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "PATIENCE", 0.0)
    async with opened(tmp_path, FastDelivery, Budget(20, 0.0001)) as harness:
        greedy = await Wire.open(harness)
        greedy.send(PING * FLOOD)
        await greedy.until(lambda: greedy.closed)
        assert (frames.CLOSE, frames.POLICY.to_bytes(2, "big")) in greedy.came
        assert greedy.pongs() < FLOOD
        await greedy.close()


@pytest.mark.slow
async def test_who_never_stops_wanting_more_is_closed_by_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "PATIENCE", 0.0)
    async with opened(tmp_path, StockDelivery, Budget(20, 0.0001)) as harness:
        greedy = await Wire.open(harness)
        greedy.send(PING * FLOOD)
        await greedy.until(lambda: greedy.closed)
        assert greedy.pongs() < FLOOD
        await greedy.close()


@asynccontextmanager
async def writer_held(harness: GatewayHarness) -> AsyncIterator[None]:
    """While the writer does one long piece of work."""
    gate = threading.Event()
    held = asyncio.ensure_future(harness.database.write(lambda tx: gate.wait(PATIENCE)))
    try:
        yield
    finally:
        gate.set()
        await held


async def _until_much_waits(harness: GatewayHarness) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if harness.gateway.waiting >= connections.HELD:
                return
            await asyncio.sleep(0)


@BOTH
@pytest.mark.parametrize(("event", "most"), [("read", connections.HELD + 1), ("join", 2)])
async def test_no_more_of_a_connection_waits_for_the_writer_than_a_little(
    tmp_path: Path, delivery: Any, event: str, most: int
) -> None:
    """Everything that it sends is done, in order, but not at once: what others ask comes in between."""
    async with opened(tmp_path, delivery, Budget()) as harness:
        alice, bob = await harness.person("alice"), await harness.person("bob")
        lab = await harness.community(alice, bob)
        general = await harness.general(lab)
        greedy, his = await Wire.open(harness), await harness.client(bob, lab)
        await greedy.enter(namespace_of(lab), alice.token)
        count = 400
        ids = [_channel(lab, number) for number in range(limits.IDS)]
        request = {"read": {"channelId": general, "readId": 0}, "join": {"channels": ids}}[event]
        packets = (f"42{namespace_of(lab)},{number}{json.dumps([event, request])}" for number in range(count))
        async with writer_held(harness):
            greedy.send(b"".join(said(each) for each in packets))
            said_by_him = asyncio.ensure_future(his.say(general, "in between"))
            await _until_much_waits(harness)
            for _ in range(200):
                await asyncio.sleep(0)
                assert harness.database.load().waiting <= most + 2  # his, and the one that holds the writer
        assert (await said_by_him)["written"] is True
        await greedy.until(lambda: len(greedy.answered()) == count)
        assert greedy.answered() == list(range(count))
        assert harness.gateway.waiting == 0
        await greedy.close()


@BOTH
async def test_namespaces_asked_for_wait_no_more_than_requests_do(tmp_path: Path, delivery: Any) -> None:
    """Nobody knows yet who asks: what is outstanding before that has the same bound."""
    async with opened(tmp_path, delivery, Budget()) as harness:
        alice = await harness.person("alice")
        stranger = await Wire.open(harness)
        token = json.dumps({"token": alice.token})
        async with writer_held(harness):
            stranger.send(b"".join(said(f"40{namespace_of(_id(number))},{token}") for number in range(FLOOD)))
            await _until_much_waits(harness)
            for _ in range(200):
                await asyncio.sleep(0)
                assert harness.database.load().waiting <= connections.HELD + 2
        await stranger.until(lambda: stranger.closed)
        await stranger.close()


@BOTH
async def test_a_namespace_has_a_length(tmp_path: Path, delivery: Any) -> None:
    """A refusal tells the name back, so its length has a bound."""
    async with opened(tmp_path, delivery, Budget()) as harness:
        for packet in ("40/{},{{}}", '42/{},1["chat",{{}}]', '42/{},["chat",{{}}]', "41/{},"):
            wire = await Wire.open(harness)
            wire.send(said(packet.format("x" * 5_000)))
            await wire.until(lambda wire=wire: wire.closed)
            assert sum(len(payload) for _, payload in wire.came) < 1_000
            await wire.close()
