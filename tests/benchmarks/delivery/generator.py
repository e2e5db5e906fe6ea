"""A load generator that is not the bottleneck: raw websockets on uvloop that count bytes instead of parsing."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable

from asnity_server.protocol.ids import namespace_of

NEW, WRITTEN, ACK = b'"new-chat"', b'"written":true', b"43/socket/"
PING = b"\x81\x012"
"""Engine.IO's ping as a frame; its first byte doesn't occur in what else is sent here."""
MASK = b"\x00\x00\x00\x00"
"""A mask of zeros is a valid one, and costs nothing."""


class Wire(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop, namespace: str) -> None:
        self._loop = loop
        self._namespace = namespace
        self._tail = b""
        self._wanted: tuple[bytes, asyncio.Future[bytes]] | None = None
        self._open = False
        self._number = 0
        self.received = 0
        """Messages of others."""
        self.on_written: Callable[[], None] | None = None
        self.on_data: Callable[[bytes], None] | None = None
        self.instead: Callable[[bytes], None] | None = None
        """Gets what comes, and nothing is counted: where moments matter, one more of these must not come late."""

    async def connect(self, port: int) -> None:
        """Open the websocket and take Engine.IO's greeting."""
        self._transport, _ = await self._loop.create_connection(lambda: self, "127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        hello = self._want(b'"sid"')
        self._transport.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await hello

    async def enter(self, token: str, namespace: str | None = None) -> None:
        """Connect the namespace."""
        place = namespace or self._namespace
        entered = self._want(f"40{place},".encode())
        self._send(f"40{place},{json.dumps({'token': token})}")
        await entered

    async def join(self, channel_id: str) -> None:
        """Enter a room."""
        joined = self._want(ACK)
        self._request("join", {"channels": [channel_id]})
        await joined

    async def move(self, token: str, community_id: str, channel_id: str) -> None:
        """Enter another community with one of its channels, and speak there from here on."""
        self._namespace = namespace_of(community_id)
        await self.enter(token)
        await self.join(channel_id)

    def say(self, channel_id: str, content: str, nonce: str) -> None:
        """Write a message."""
        self._request("chat", {"chatType": "new", "channelId": channel_id, "content": content, "nonce": nonce})

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def _request(self, event: str, payload: dict[str, object]) -> None:
        self._number += 1
        self._send(f"42{self._namespace},{self._number}{json.dumps([event, payload], separators=(',', ':'))}")

    def _send(self, text: str) -> None:
        data = text.encode()
        length = len(data)
        header = bytes((0x81, 0x80 | length)) if length < 126 else b"\x81\xfe" + length.to_bytes(2, "big")
        self._transport.write(header + MASK + data)

    def _want(self, sign: bytes) -> asyncio.Future[bytes]:
        future: asyncio.Future[bytes] = self._loop.create_future()
        self._wanted = (sign, future)
        return future

    def data_received(self, data: bytes) -> None:
        """Count what came; a sign may be cut in two, so the end of the last read is looked at again."""
        if self.instead is not None:
            self.instead(data)
            if PING in data:
                self._send("3")
            return
        tail = self._tail
        self._tail = data[-13:]
        if self._wanted is not None:
            sign, future = self._wanted
            if sign in tail + data:
                self._wanted = None
                if not future.done():
                    future.set_result(data)
        self.received += _count(NEW, tail, data)
        if self.on_written is not None:
            for _ in range(_count(WRITTEN, tail, data)):
                self.on_written()
        if self.on_data is not None:
            self.on_data(data)
        if PING in data:
            self._send("3")


def _count(sign: bytes, tail: bytes, data: bytes) -> int:
    edge = tail[-(len(sign) - 1) :] + data[: len(sign) - 1]
    return data.count(sign) + edge.count(sign)


async def crowd(
    port: int, namespace: str, tokens: list[str], channel_id: str | None, *, at_once: int = 50
) -> list[Wire]:
    """Many connected clients, in the channel's room if one is named."""
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(at_once)

    async def one(token: str) -> Wire:
        async with gate:
            wire = Wire(loop, namespace)
            await wire.connect(port)
            await wire.enter(token)
            if channel_id is not None:
                await wire.join(channel_id)
            return wire

    return list(await asyncio.gather(*(one(token) for token in tokens)))


TEXT = "The quick brown fox jumps over the lazy dog while {} watches."


async def fan_out(wires: list[Wire], senders: int, channel_id: str, seconds: float) -> float:
    """Deliveries a second, with some of the room's members writing as fast as they are acknowledged."""
    loop, run = asyncio.get_running_loop(), os.urandom(6).hex()
    count = 0
    going = True
    start_counts = sum(wire.received for wire in wires)
    idle = loop.create_future()
    waiting = 0

    def sender(wire: Wire, index: int) -> Callable[[], None]:
        def next_one() -> None:
            nonlocal count, waiting
            if going:
                count += 1
                wire.say(channel_id, TEXT.format(count), f"{run}-{index}-{count}")
            else:
                waiting -= 1
                if not waiting and not idle.done():
                    idle.set_result(None)

        return next_one

    begun = time.perf_counter()
    for index, wire in enumerate(wires[:senders]):
        waiting += 1
        wire.on_written = sender(wire, index)
        wire.on_written()
    await asyncio.sleep(seconds)
    going = False
    await idle
    expected = start_counts + count * (len(wires) - 1)
    while sum(wire.received for wire in wires) < expected:  # noqa: ASYNC110  # an event for each would cost too much
        await asyncio.sleep(0.001)
    took = time.perf_counter() - begun
    for wire in wires[:senders]:
        wire.on_written = None
    return (expected - start_counts) / took


async def acknowledgements(wires: list[Wire], channel_id: str, seconds: float) -> float:
    """Acknowledged messages a second, each of `wires` waiting for its own before it writes the next."""
    count = done = 0
    stop = time.perf_counter() + seconds
    loop, run = asyncio.get_running_loop(), os.urandom(6).hex()
    idle = loop.create_future()
    waiting = len(wires)

    def again(wire: Wire, index: int) -> Callable[[], None]:
        def next_one() -> None:
            nonlocal count, done, waiting
            done += 1
            if time.perf_counter() < stop:
                count += 1
                wire.say(channel_id, TEXT.format(count), f"{run}-{index}-{count}")
            else:
                waiting -= 1
                if not waiting:
                    idle.set_result(None)

        return next_one

    begun = time.perf_counter()
    for index, wire in enumerate(wires):
        wire.on_written = again(wire, index)
        wire.on_written()
    done = 0
    await idle
    took = time.perf_counter() - begun
    for wire in wires:
        wire.on_written = None
    return done / took


async def latencies(wires: list[Wire], channel_id: str, rate: float, seconds: float) -> list[float]:
    """Milliseconds from writing to each delivery, at a steady rate, ascending."""
    found: list[float] = []
    sent: dict[bytes, float] = {}
    run = os.urandom(6).hex()

    def look(data: bytes) -> None:
        now = time.perf_counter()
        position = data.find(b"while #")
        while position >= 0:
            begun = sent.get(data[position + 7 : position + 13])
            if begun is not None:
                found.append(now - begun)
            position = data.find(b"while #", position + 13)

    for wire in wires[1:]:
        wire.instead = look
    begun = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        key = f"{number:06d}"
        sent[key.encode()] = time.perf_counter()
        wires[0].say(channel_id, TEXT.format("#" + key), f"{run}-{key}")
    await asyncio.sleep(0.5)
    for wire in wires[1:]:
        wire.instead = None
    return sorted(seconds * 1000 for seconds in found)
