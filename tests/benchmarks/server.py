"""How long a message takes through the real server, and what an idle one costs: `python -m tests.benchmarks.server`."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time

import uvloop

from .delivery import generator
from .delivery.subjects import Ours, World

WARM_UP = 1.0
"""Seconds of writing first: a log that still grows costs a sync for the file system's journal with each of its own."""


async def one_by_one(wire: generator.Wire, world: World, count: int) -> list[float]:
    """Milliseconds from writing to the acknowledgement, one message after the other."""
    loop, run, found = asyncio.get_running_loop(), os.urandom(6).hex(), []
    for number in range(count):
        written = loop.create_future()
        wire.on_written = lambda written=written: written.set_result(None)
        begun = time.perf_counter()
        wire.say(world.channel_id, generator.TEXT.format(number), f"{run}-{number}")
        await written
        found.append((time.perf_counter() - begun) * 1000)
    wire.on_written = None
    return found


async def measure(options: argparse.Namespace) -> None:
    """All figures."""
    subject = Ours("fast")
    await subject.start(256)
    world = subject.world
    wires = await generator.crowd(subject.port, world.namespace, world.tokens, None)
    await asyncio.sleep(2)
    cpu, begun = subject.cpu(), time.perf_counter()
    await asyncio.sleep(options.idle)
    print(f"idle with 256 connections: {(subject.cpu() - cpu) / (time.perf_counter() - begun):.2%} of a core")
    await generator.acknowledgements(wires[:32], world.channel_id, WARM_UP)
    single = await one_by_one(wires[0], world, options.count)
    slow = sorted(single)[len(single) * 99 // 100]
    print(f"acknowledgement, 1 sender: median {statistics.median(single):.2f} ms, p99 {slow:.2f} ms")
    alone = await generator.acknowledgements(wires[:1], world.channel_id, options.seconds)
    many = await generator.acknowledgements(wires, world.channel_id, options.seconds)
    print(f"acknowledged per second: 1 sender {alone:,.0f}, 256 senders {many:,.0f}, ratio {many / alone:.1f}")
    print(f"a sync of the disk takes {subject.disk():.2f} ms at this moment")
    subject.stop()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000, help="messages, one after the other")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each throughput")
    parser.add_argument("--idle", type=float, default=30.0, help="seconds of doing nothing")
    options = parser.parse_args()
    os.sched_setaffinity(0, {1})
    uvloop.run(measure(options))


if __name__ == "__main__":
    main()
