"""Moments of a deployment: a session that ends, and a gateway that does, with all who sit there."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import time
from dataclasses import dataclass, field

import aiohttp

from tests.benchmarks.delivery import generator
from tests.benchmarks.delivery.generator import TEXT, Wire
from tests.benchmarks.delivery.subjects import World

from .deployments import Deployment

EVERY = 10.0
"""Seconds between two messages of somebody whose gateway ends."""
GRACE = 15.0
"""Seconds for what was sent to be answered once the gateway is gone."""


class NoticingWire(Wire):
    """A connection that notices when it is expelled, or closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop, namespace: str) -> None:
        super().__init__(loop, namespace)
        self.lost: asyncio.Future[float] = loop.create_future()

    def data_received(self, data: bytes) -> None:
        """See `Wire`."""
        if b"41/socket/" in data:
            self._note()
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._note()

    def _note(self) -> None:
        if not self.lost.done():
            self.lost.set_result(time.perf_counter())


async def revocation(deployment: Deployment, count: int) -> list[float]:
    """Milliseconds from a request to sign out until the session's socket is expelled, over all gateways in turn."""
    loop, world, found = asyncio.get_running_loop(), deployment.world, []
    url = f"http://127.0.0.1:{deployment.http_port}/api/auth/sign-out"
    async with aiohttp.ClientSession() as http:
        for token, port in zip(world.tokens[1 : count + 1], itertools.cycle(deployment.socket_ports), strict=False):
            wire = NoticingWire(loop, world.namespace)
            await wire.connect(port)
            await wire.enter(token)
            await wire.join(world.channel_id)
            begun = time.perf_counter()
            async with http.post(url, json={}, headers={"Authorization": f"Bearer {token}"}) as response:
                response.raise_for_status()
            found.append((await asyncio.wait_for(wire.lost, 10) - begun) * 1000)
            wire.close()
    return sorted(found)


@dataclass
class Drained:
    """Sights of those whose gateway ended, and others meanwhile."""

    written: int = 0
    failed: int = 0
    """Messages that were refused, or never acknowledged."""
    resent: int = 0
    """Messages that were under way when their connection ended."""
    slowest: float = 0.0
    """Milliseconds until a message was acknowledged, where it took longest."""
    took: float = 0.0
    """Seconds until the gateway had ended."""
    latencies: list[float] = field(default_factory=list)
    """Of messages among others, in milliseconds, ascending."""


class Roamer:
    """A person who writes now and then, and goes to the other gateway when theirs ends."""

    def __init__(self, world: World, token: str, ports: tuple[int, int], drained: Drained) -> None:
        self._world = world
        self._token = token
        self._ports = ports
        self._drained = drained
        self._answered = asyncio.Event()
        self._wire: NoticingWire
        self._task: asyncio.Task[None]
        self._writing = True
        self._waits = False

    async def start(self) -> None:
        """Sit down at the first gateway, and begin."""
        await self._connect(self._ports[0])
        self._task = asyncio.get_running_loop().create_task(self._write())

    async def _connect(self, port: int) -> None:
        self._wire = NoticingWire(asyncio.get_running_loop(), self._world.namespace)
        await self._wire.connect(port)
        await self._wire.enter(self._token)
        await self._wire.join(self._world.channel_id)
        self._wire.on_written = self._answered.set

    async def _write(self) -> None:
        pause = random.uniform(0, EVERY)
        while self._writing:
            await asyncio.wait((self._wire.lost,), timeout=pause)
            if self._wire.lost.done():
                await self._come_back()
            elif self._writing:
                await self._say()
                pause = EVERY

    async def _say(self) -> None:
        """Write a message, as often as it takes until it is acknowledged."""
        self._waits = True
        nonce, begun = os.urandom(10).hex(), time.perf_counter()
        self._drained.written += 1
        self._drained.failed += 1  # until it is acknowledged
        self._answered.clear()
        while not self._answered.is_set():
            self._wire.say(self._world.channel_id, TEXT.format("somebody"), nonce)
            answer = asyncio.ensure_future(self._answered.wait())
            await asyncio.wait((answer, self._wire.lost), return_when=asyncio.FIRST_COMPLETED)
            if not self._answered.is_set():
                answer.cancel()
                self._drained.resent += 1
                await self._come_back()
        self._waits = False
        self._drained.failed -= 1
        self._drained.slowest = max(self._drained.slowest, (time.perf_counter() - begun) * 1000)

    async def _come_back(self) -> None:
        await asyncio.sleep(random.uniform(0, 1))  # as clients do
        await self._connect(self._ports[1])

    def stop_writing(self) -> None:
        """Write no more; what waits for its acknowledgement still does."""
        self._writing = False
        if not self._waits:
            self._task.cancel()

    def leave(self) -> None:
        """Go."""
        self._task.cancel()
        self._wire.close()


async def drain(deployment: Deployment, seconds: float) -> Drained:
    """End the first of two gateways, with everybody but the first community at it; they go to the other one."""
    drained, ports = Drained(), (deployment.socket_ports[0], deployment.socket_ports[1])
    first, others = deployment.world, deployment.worlds[1:]
    room = await generator.crowd(ports[1], first.namespace, first.tokens, first.channel_id)
    roamers = [Roamer(world, token, ports, drained) for world in others for token in world.tokens]
    for start in range(0, len(roamers), 50):
        await asyncio.gather(*(each.start() for each in roamers[start : start + 50]))
    await asyncio.sleep(2)
    measured = asyncio.ensure_future(generator.latencies(room, first.channel_id, 50, seconds + 3))
    await asyncio.sleep(1)
    begun, gateway = time.perf_counter(), deployment.programs["g1"]
    gateway.terminate()
    while not gateway.has_ended():  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    drained.took = time.perf_counter() - begun
    drained.latencies = await measured
    await asyncio.sleep(2)
    for each in roamers:
        each.stop_writing()
    late = time.monotonic() + GRACE
    while drained.failed and time.monotonic() < late:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    for each in roamers:
        each.leave()
    for wire in room:
        wire.close()
    return drained
