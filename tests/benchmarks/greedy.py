"""How long others wait while one connection does its worst: `python -m tests.benchmarks.greedy`."""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event

import uvloop

from asnity_server.protocol.ids import namespace_of

from .delivery import generator
from .delivery.subjects import Subject, World, populate

PEOPLE, EVERY = 10, 0.25
"""How many write beside the attack, and how many seconds after the last answer each writes again."""

UPGRADE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
CHUNK = 64 * 1024
LETTERS = str.maketrans("0123456789", "abcdefghij")


class AsHosted(Subject):
    """asnity-server as it is without any setting."""

    def __init__(self, delivery: str) -> None:
        super().__init__(delivery)
        self._delivery = delivery

    async def start(self, people_count: int, others: int = 0) -> None:
        """See `Subject`."""
        self.world, self.others = await populate(self._folder / "asnity.db", people_count, others)
        command = [sys.executable, "-m", "asnity_server", "--port", "0", "--data", str(self._folder)]
        self._run([*command, "--delivery", self._delivery], r"listens on http://[^:]+:(\d+)")


def packet(text: str) -> bytes:
    """A client's frame, masked with zeros."""
    data = text.encode()
    header = bytes((0x81, 0x80 | len(data))) if len(data) < 126 else b"\x81\xfe" + len(data).to_bytes(2, "big")
    return header + generator.MASK + data


def pings(world: World) -> Iterator[bytes]:
    """Empty pings of the websocket protocol, without end."""
    chunk = b"\x89\x80\0\0\0\0" * (CHUNK // 6)
    while True:
        yield chunk


def _name(number: int, length: int) -> str:
    """A number as an id."""
    return f"{number:0{length}d}".translate(LETTERS)


def unknown_namespaces(world: World) -> Iterator[bytes]:
    """Asking for namespaces that don't exist."""
    number = 0
    while True:
        yield b"".join(packet(f"40/socket/{number + each:012d},{{}}") for each in range(500))
        number += 500


def foreign_communities(world: World) -> Iterator[bytes]:
    """The same, with a token that is good elsewhere: each has to be looked up."""
    number = 0
    while True:
        token = json.dumps({"token": world.tokens[0]})
        yield b"".join(packet(f"40{namespace_of(_name(number + each, 12))},{token}") for each in range(200))
        number += 200


def huge_joins(world: World) -> Iterator[bytes]:
    """Joins with 2,600 ids each, in a namespace that one may be in."""
    yield packet(f"40{world.namespace},{json.dumps({'token': world.tokens[0]})}")
    yield b""  # until it is in
    yield from _joins(world, 2_600)


def full_joins(world: World) -> Iterator[bytes]:
    """Joins with as many ids as a request may name."""
    yield packet(f"40{world.namespace},{json.dumps({'token': world.tokens[0]})}")
    yield b""
    yield from _joins(world, 100)


def _joins(world: World, count: int) -> Iterator[bytes]:
    ids = [f"{world.community_id}-{_name(number, 8)}" for number in range(count)]
    for number in range(1 << 40):
        request = json.dumps(["join", {"channels": ids}], separators=(",", ":"))
        yield packet(f"42{world.namespace},{number}{request}")


def requests_refused(world: World) -> Iterator[bytes]:
    """Requests in a namespace that one never entered."""
    number = 0
    while True:
        yield b"".join(packet(f'42/socket/x,{number + each}["chat",{{}}]') for each in range(500))
        number += 500


def heartbeats(world: World) -> Iterator[bytes]:
    """Engine.IO pongs that nobody asked for."""
    chunk = packet("3") * 5_000
    while True:
        yield chunk


def large_nonsense(world: World) -> Iterator[bytes]:
    """Events of 60 KB that say nothing."""
    yield packet(f"40{world.namespace},{json.dumps({'token': world.tokens[0]})}")
    yield b""
    for number in range(1 << 40):
        yield packet(f'42{world.namespace},{number}["chat",{{"content":"{"x" * 60_000}"}}]')


ATTACKS: dict[str, Callable[[World], Iterator[bytes]]] = {
    "empty pings": pings,
    "unknown namespaces": unknown_namespaces,
    "foreign communities": foreign_communities,
    "joins with 2,600 ids": huge_joins,
    "joins with 100 ids": full_joins,
    "requests without a place": requests_refused,
    "pongs": heartbeats,
    "large nonsense": large_nonsense,
}


class Attack(threading.Thread):
    """One websocket after the other that sends as fast as it is read, and reads whatever comes."""

    def __init__(self, port: int, name: str, world: World, over: Event) -> None:
        super().__init__(daemon=True)
        self._port, self._make, self._world = port, ATTACKS[name], world
        self._over = over
        self.sent = self.closed = 0

    def run(self) -> None:
        """Attack until `stop`; when it is closed, come back."""
        while not self._over.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=5) as wire:
                wire.sendall(UPGRADE)
                wire.recv(4096)
                self._flood(wire)
            self.closed += not self._over.is_set()
            self._over.wait(0.05)

    def _flood(self, wire: socket.socket) -> None:
        wire.setblocking(False)
        waiting, patient = memoryview(b""), 0.0
        source = self._make(self._world)
        while not self._over.is_set():
            if not waiting and time.monotonic() >= patient:
                data = next(source)
                patient = 0.0 if data else time.monotonic() + 0.5
                waiting = memoryview(data)
            readable, writable, _ = select.select([wire], [wire] if waiting else [], [], 0.05)
            if readable and not wire.recv(CHUNK):
                return
            if writable:
                count = wire.send(waiting[:CHUNK])
                self.sent += count
                waiting = waiting[count:]


class Attackers:
    """Attacks at once, in a process of their own: what they need of the interpreter doesn't count."""

    def __init__(self, port: int, name: str, world: World, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._over, self._told = context.Event(), context.SimpleQueue()
        given = (port, name, world, count, self._over, self._told)
        self._process = context.Process(target=_attack, args=given, daemon=True)
        self._process.start()

    def stop(self) -> tuple[int, int]:
        """Leave; the bytes that were sent, and how many times a connection was closed."""
        self._over.set()
        told: tuple[int, int] = self._told.get()
        self._process.join()
        return told


def _attack(port: int, name: str, world: World, count: int, over: Event, told: SimpleQueue[tuple[int, int]]) -> None:
    attacks = [Attack(port, name, world, over) for _ in range(count)]
    for each in attacks:
        each.start()
    for each in attacks:
        each.join()
    told.put((sum(each.sent for each in attacks), sum(each.closed for each in attacks)))


def _settle(written: asyncio.Future[None]) -> None:
    if not written.done():
        written.set_result(None)


async def waits(wires: list[generator.Wire], channel_id: str, seconds: float) -> list[float]:
    """Seconds from writing to the acknowledgement, of people who each write a few times a second."""
    loop, run, found = asyncio.get_running_loop(), os.urandom(6).hex(), []
    over = time.perf_counter() + seconds

    async def write(index: int, wire: generator.Wire) -> None:
        number = 0
        while time.perf_counter() < over:
            written = loop.create_future()
            wire.on_written = partial(_settle, written)
            begun = time.perf_counter()
            wire.say(channel_id, "Is anybody there?", f"{run}-{index}-{number}")
            with suppress(TimeoutError):  # who waits longer than a minute has waited a minute
                await asyncio.wait_for(written, 60)
            found.append(time.perf_counter() - begun)
            number += 1
            await asyncio.sleep(EVERY)

    await asyncio.gather(*(write(index, wire) for index, wire in enumerate(wires)))
    return sorted(found)


async def measure(options: argparse.Namespace) -> None:
    """The worst and the median for each attack."""
    print(f"delivery: {options.delivery}, {PEOPLE} people write, {options.attackers} attack at once")
    for name in ("nobody", *ATTACKS):
        if not re.search(options.only, name):
            continue
        subject = AsHosted(options.delivery)
        await subject.start(PEOPLE + 1)
        world = subject.world
        wires = await generator.crowd(subject.port, world.namespace, world.tokens[1:], world.channel_id)
        attackers = Attackers(subject.port, name, world, options.attackers) if name in ATTACKS else None
        await asyncio.sleep(2)
        cpu, begun = subject.cpu(), time.perf_counter()
        found = await waits(wires, world.channel_id, options.seconds)
        busy = (subject.cpu() - cpu) / (time.perf_counter() - begun)
        took = time.perf_counter() - begun
        sent, closed = await asyncio.to_thread(attackers.stop) if attackers is not None else (0, 0)
        print(
            f"{name:26} worst {found[-1] * 1000:7.0f} ms, median {found[len(found) // 2] * 1000:6.1f} ms, "
            f"{sent / took / 1e6:6.2f} MB/s taken, closed {closed} times, "
            f"{busy:4.0%} of a core, {subject.memory() / 1e6:.0f} MB",
            flush=True,
        )
        subject.stop()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delivery", choices=("fast", "stock"), default="fast")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each attack")
    parser.add_argument("--attackers", type=int, default=1, help="connections that attack at once")
    parser.add_argument("--only", default="", help="attacks whose names match this")
    uvloop.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
