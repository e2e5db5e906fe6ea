"""Measurements of one deployment: messages through it, what they cost each program, and what its connections cost."""

from __future__ import annotations

import asyncio
import time

from tests.benchmarks.delivery import generator
from tests.benchmarks.delivery.generator import Wire
from tests.benchmarks.server import one_by_one

from .deployments import Deployment

WARM_UP = 1.0
"""Seconds of writing first; see the benchmark of delivery."""
PATIENCE = 15.0
"""Seconds to wait for a quiet disk before a figure is measured on a busy one."""

Figures = dict[str, float]


async def crowd(deployment: Deployment, *, joined: bool, world: int = 0) -> list[Wire]:
    """Connect everyone of a community, in turn at each gateway."""
    there, ports = deployment.worlds[world], deployment.socket_ports
    wires: list[Wire | None] = [None] * len(there.tokens)
    for number, port in enumerate(ports):
        channel_id = there.channel_id if joined else None
        wires[number :: len(ports)] = await generator.crowd(
            port, there.namespace, there.tokens[number :: len(ports)], channel_id
        )
    return [wire for wire in wires if wire is not None]


def _close(wires: list[Wire]) -> None:
    for wire in wires:
        wire.close()


async def quiet_disk(deployment: Deployment, quiet: float) -> float:
    """Wait for a moment in which others leave the disk alone; returns the milliseconds of a sync."""
    patience = time.monotonic() + PATIENCE
    while (took := deployment.disk()) > quiet and time.monotonic() < patience:  # noqa: ASYNC110
        await asyncio.sleep(0.3)
    return took


async def acknowledged(deployment: Deployment, *, seconds: float, count: int, quiet: float) -> Figures:
    """Writers that nobody listens to: `count` messages one by one, then as many as 1, 32 and 256 people can write."""
    wires, channel_id = await crowd(deployment, joined=False), deployment.world.channel_id
    await generator.acknowledgements(wires[:32], channel_id, WARM_UP)
    found: Figures = {"sync": await quiet_disk(deployment, quiet)}
    single = sorted(await one_by_one(wires[0], deployment.world, count))
    found["acknowledgement p50"] = single[len(single) // 2]
    found["acknowledgement p99"] = single[len(single) * 99 // 100]
    for waiting in (1, 32, 256):
        await quiet_disk(deployment, quiet)
        before, begun = deployment.cpu(), time.perf_counter()
        rate = await generator.acknowledgements(wires[:waiting], channel_id, seconds)
        messages = rate * (time.perf_counter() - begun)
        found[f"acknowledged, {waiting} waiting"] = rate
        used = {name: (cpu - before[name]) / messages * 1e6 for name, cpu in deployment.cpu().items()}
        found[f"CPU a message, {waiting} waiting"] = sum(used.values())
        for name, each in used.items():
            found[f"CPU of {name}, {waiting} waiting"] = each
    _close(wires)
    return found


async def delivered(deployment: Deployment, *, seconds: float, quiet: float) -> Figures:
    """50 messages a second into a room of 200, and as many as one sender can write."""
    wires, channel_id = await crowd(deployment, joined=True), deployment.world.channel_id
    await generator.fan_out(wires, 32, channel_id, WARM_UP)
    await quiet_disk(deployment, quiet)
    latencies = await generator.latencies(wires, channel_id, 50, seconds * 2)
    found = {
        "delivery p50": latencies[len(latencies) // 2],
        "delivery p99": latencies[len(latencies) * 99 // 100],
        "fan-out, 1 sender": await generator.fan_out(wires, 1, channel_id, seconds),
        "fan-out, 8 senders": await generator.fan_out(wires, 8, channel_id, seconds),
    }
    _close(wires)
    return found


async def shared_cost(deployment: Deployment, *, seconds: float, quiet: float) -> Figures:
    """Microseconds of CPU of a message, of the API and of all gateways, with 32 waiting at all gateways together."""
    wires, channel_id = await crowd(deployment, joined=False), deployment.world.channel_id
    await generator.acknowledgements(wires[:32], channel_id, WARM_UP)
    await quiet_disk(deployment, quiet)
    before, begun = deployment.cpu(), time.perf_counter()
    rate = await generator.acknowledgements(wires[:32], channel_id, seconds)
    messages = rate * (time.perf_counter() - begun)
    used = {name: (cpu - before[name]) / messages * 1e6 for name, cpu in deployment.cpu().items()}
    _close(wires)
    return {"api": used["api"], "gateways": sum(used.values()) - used["api"], "rate": rate}


async def held(deployment: Deployment, program: str, *, few: int) -> Figures:
    """Measure connections and namespaces in a program: KB, and milliseconds of CPU to enter and join.

    Everyone connects and joins one community; then the first `few` people join all the further ones.
    """
    subject, world = deployment.programs[program], deployment.world
    port = deployment.socket_ports[0]
    warm = await generator.crowd(port, world.namespace, world.tokens[:20], world.channel_id)
    await asyncio.sleep(1)
    before = subject.memory()
    wires = await generator.crowd(port, world.namespace, world.tokens[20:], world.channel_id)
    await asyncio.sleep(3)
    held_by_one = (subject.memory() - before) / len(wires) / 1024
    before, used = subject.memory(), deployment.cpu()
    mine = (warm + wires)[:few]
    for community_id, channel_id in deployment.further:
        for wire, token in zip(mine, world.tokens, strict=False):
            await wire.move(token, community_id, channel_id)
    await asyncio.sleep(3)
    count = len(mine) * len(deployment.further)
    after = deployment.cpu()
    found = {
        "KB a connection": held_by_one,
        "KB a further namespace": (subject.memory() - before) / count / 1024,
        "CPU a further namespace": (after[program] - used[program]) / count * 1000,
        "CPU of all a further namespace": (sum(after.values()) - sum(used.values())) / count * 1000,
    }
    _close(warm + wires)
    return found
