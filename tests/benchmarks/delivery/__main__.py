"""One command that measures the delivery path beside its peers: `python -m tests.benchmarks.delivery`."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from . import generator
from .subjects import Node, Ours, Plain, Subject, node_modules

GENERATOR_CORE = 1
PATIENCE = 15.0
"""Seconds to wait for a quiet disk before a figure is measured on a busy one."""
WARM_UP = 1.0
"""Seconds of writing before what depends on the disk is measured: enough for the databases' logs to have been around
once. As long as a log grows, each sync takes one for the file system's journal, too."""
Figures = dict[str, dict[str, list[float]]]
"""figure -> subject -> one value a round"""

UNITS = {
    "fan-out, 1 sender": "deliveries/s",
    "fan-out, 8 senders": "deliveries/s",
    "disk, while the next three were measured": "ms a sync",
    "acknowledged, 1 waiting": "messages/s",
    "acknowledged, 32 waiting": "messages/s",
    "acknowledged, 256 waiting": "messages/s",
    "disk, while the next three were measured ": "ms a sync",
    "delivery p50": "ms",
    "delivery p99": "ms",
    "cores busy": "cores",
    "memory per connection": "KB",
    "connections": "1/s",
    "connect + leave, 10 communities": "ms",
    "connect + leave, many communities": "ms",
}
PEERS = ("stock", "plain", "node")
LOWER_IS_BETTER = {"delivery p50", "delivery p99", "cores busy", "memory per connection"}


class Run:
    """All rounds of all figures."""

    def __init__(self, modules: Path | str, options: argparse.Namespace) -> None:
        self._modules = modules
        self._options = options
        self.figures: Figures = {}

    def subjects(self) -> list[Subject]:
        """New servers, in the order of the table."""
        found: list[Subject] = [Ours("fast"), Ours("stock"), Plain()]
        if isinstance(self._modules, Path):
            found.append(Node(self._modules))
        return [each for each in found if each.name in self._options.subjects]

    def note(self, figure: str, subject: Subject, value: float) -> None:
        """Keep a value."""
        self.figures.setdefault(figure, {}).setdefault(subject.name, []).append(value)

    async def with_each(self, people: int, measure: Callable[[Subject], Awaitable[None]]) -> None:
        """Start, measure and stop one subject after the other: a round."""
        for subject in self.subjects():
            await subject.start(people)
            try:
                await measure(subject)
            finally:
                subject.stop()

    async def fan_out(self, subject: Subject) -> None:
        """A room of 1,000."""
        world = subject.world
        wires = await generator.crowd(subject.port, world.namespace, world.tokens, world.channel_id)
        seconds = self._options.seconds
        self.note("fan-out, 1 sender", subject, await generator.fan_out(wires, 1, world.channel_id, seconds))
        self.note("fan-out, 8 senders", subject, await generator.fan_out(wires, 8, world.channel_id, seconds))
        for wire in wires:
            wire.close()

    async def acknowledged(self, subject: Subject) -> None:
        """Writers that nobody listens to."""
        world = subject.world
        wires = await generator.crowd(subject.port, world.namespace, world.tokens, None)
        await generator.acknowledgements(wires[:32], world.channel_id, WARM_UP)
        for count in (1, 32, 256):
            self.note("disk, while the next three were measured", subject, await self.disk(subject))
            rate = await generator.acknowledgements(wires[:count], world.channel_id, self._options.seconds)
            self.note(f"acknowledged, {count} waiting", subject, rate)
        for wire in wires:
            wire.close()

    async def disk(self, subject: Subject) -> float:
        """Measure a sync of the disk, in a moment in which others leave it alone."""
        patience = time.monotonic() + PATIENCE
        while (took := subject.disk()) > self._options.quiet and time.monotonic() < patience:  # noqa: ASYNC110
            await asyncio.sleep(0.3)
        return took

    async def latency(self, subject: Subject) -> None:
        """50 messages a second into 200 members."""
        world = subject.world
        wires = await generator.crowd(subject.port, world.namespace, world.tokens, world.channel_id)
        await generator.fan_out(wires, 32, world.channel_id, WARM_UP)
        self.note("disk, while the next three were measured ", subject, await self.disk(subject))
        cpu, begun = subject.cpu(), time.perf_counter()
        found = await generator.latencies(wires, world.channel_id, 50, self._options.seconds * 2)
        busy = (subject.cpu() - cpu) / (time.perf_counter() - begun)
        self.note("delivery p50", subject, found[len(found) // 2])
        self.note("delivery p99", subject, found[len(found) * 99 // 100])
        self.note("cores busy", subject, busy)
        for wire in wires:
            wire.close()

    async def connections(self, subject: Subject) -> None:
        """2,000 clients that come and say nothing."""
        world = subject.world
        warm = await generator.crowd(subject.port, world.namespace, world.tokens[:20], world.channel_id)
        await asyncio.sleep(0.5)
        before, begun = subject.memory(), time.perf_counter()
        tokens = world.tokens[20:]
        wires = await generator.crowd(subject.port, world.namespace, tokens, world.channel_id)
        self.note("connections", subject, len(tokens) / (time.perf_counter() - begun))
        await asyncio.sleep(3)
        self.note("memory per connection", subject, (subject.memory() - before) / len(tokens) / 1024)
        for wire in warm + wires:
            wire.close()

    async def leaving(self) -> None:
        """Measure coming and going, by how many communities others are in."""
        for figure, others in (("connect + leave, 10 communities", 9), ("connect + leave, many communities", 9_999)):
            subject = Ours("fast")
            await subject.start(2, others)
            try:
                await self._come_and_go(subject, figure)
            finally:
                subject.stop()

    async def _come_and_go(self, subject: Subject, figure: str) -> None:
        world, loop = subject.world, asyncio.get_running_loop()
        resident = generator.Wire(loop, world.namespace)
        await resident.connect(subject.port)
        for community_id in subject.others:
            await resident.enter(world.tokens[0], f"/socket/commu-{community_id}")
        rounds, begun = 200, 0.0
        for number in range(rounds + 20):
            if number == 20:
                begun = time.perf_counter()
            wire = generator.Wire(loop, world.namespace)
            await wire.connect(subject.port)
            await wire.enter(world.tokens[1])
            await wire.join(world.channel_id)
            wire.close()
        self.note(figure, subject, (time.perf_counter() - begun) / rounds * 1000)
        resident.close()

    async def all(self) -> None:
        """Everything, round by round."""
        wanted = self._options.only.split(",") if self._options.only else []
        steps: dict[str, Callable[[], Awaitable[None]]] = {
            "fan-out": lambda: self.with_each(1_000, self.fan_out),
            "acknowledged": lambda: self.with_each(256, self.acknowledged),
            "latency": lambda: self.with_each(200, self.latency),
            "connections": lambda: self.with_each(2_020, self.connections),
            "leaving": self.leaving,
        }
        for number in range(self._options.rounds):
            if number:
                await asyncio.sleep(self._options.rest)
            for name, step in steps.items():
                if not wanted or name in wanted:
                    print(f"round {number + 1} of {self._options.rounds}: {name}", file=sys.stderr)
                    await step()


def table(figures: Figures) -> str:
    """Medians with their spread, and ours beside the others'."""
    lines = [
        "| figure | asnity | stock | plain | Node | ours / stock | ours / plain | ours / Node |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for figure, unit in UNITS.items():
        values = figures.get(figure, {})
        if not values:
            continue
        medians = {name: statistics.median(found) for name, found in values.items()}
        cells = [_cell(values[name]) if name in values else "–" for name in ("asnity", *PEERS)]
        ratios = [
            f"{medians['asnity'] / medians[peer]:.2f}" if peer in medians and "asnity" in medians else "–"
            for peer in PEERS
        ]
        mark = " (lower is better)" if figure in LOWER_IS_BETTER else ""
        lines.append(f"| {figure}, {unit}{mark} | {' | '.join(cells + ratios)} |")
    few, many = figures.get("connect + leave, 10 communities"), figures.get("connect + leave, many communities")
    if few and many:
        ratio = statistics.median(many["asnity"]) / statistics.median(few["asnity"])
        lines.append(f"\nconnect + leave with 10,000 communities / with 10: {ratio:.2f}")
    return "\n".join(lines)


def _cell(values: list[float]) -> str:
    digits = 0 if statistics.median(values) >= 100 else 2
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def machine() -> str:
    """Describe the machine."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each figure is measured")
    parser.add_argument(
        "--quiet", type=float, default=0.3, help="milliseconds of a sync at which the disk counts as left alone"
    )
    parser.add_argument("--rest", type=float, default=0.0, help="seconds between two rounds")
    parser.add_argument("--only", default="", help="fan-out,acknowledged,latency,connections,leaving")
    parser.add_argument("--subjects", default=",".join(("asnity", *PEERS)))
    options = parser.parse_args()
    options.subjects = options.subjects.split(",")
    modules = node_modules() if "node" in options.subjects else "not asked for"
    os.sched_setaffinity(0, {GENERATOR_CORE})
    run = Run(modules, options)
    uvloop.run(run.all())
    print(f"{machine()}; server on one core, generator on the other; medians of {options.rounds} rounds (spread)\n")
    if isinstance(modules, str):
        print(f"Without Node: {modules}.\n")
    print(table(run.figures))


if __name__ == "__main__":
    main()
