"""One command that measures what several programs cost beside one: `python -m tests.benchmarks.reach`."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from tests.benchmarks.delivery.__main__ import GENERATOR_CORE, machine
from tests.benchmarks.delivery.subjects import node_modules

from . import deployments, measures, moments
from .deployments import EMBEDDED, NODE, SPLIT, Deployment, People

GATEWAYS = (1, 2, 4)


@dataclass(frozen=True)
class Row:
    """A figure of the table, and what is wanted of it."""

    figure: str
    unit: str
    wanted: str = ""


COMPARED = (
    Row("sync", "ms, of the disk meanwhile"),
    Row("acknowledged, 1 waiting", "messages/s", "≥ 2 × Node"),
    Row("acknowledged, 32 waiting", "messages/s", "≥ 0.8 × embedded, ≥ 10 × Node"),
    Row("acknowledged, 256 waiting", "messages/s", "≥ 0.9 × embedded, ≥ 10 × Node"),
    Row("acknowledgement p50", "ms", "≤ embedded + 0.2"),
    Row("acknowledgement p99", "ms"),
    Row("CPU a message, 1 waiting", "µs, all programs"),
    Row("CPU a message, 32 waiting", "µs, all programs", "≤ 1.3 × embedded"),
    Row("CPU a message, 256 waiting", "µs, all programs"),
    Row("CPU of api, 32 waiting", "µs a message", "≤ 50"),
    Row("CPU of g1, 32 waiting", "µs a message"),
    Row("CPU of api, 256 waiting", "µs a message"),
    Row("CPU of g1, 256 waiting", "µs a message"),
    Row("delivery p50", "ms, 50/s into 200"),
    Row("delivery p99", "ms, 50/s into 200"),
    Row("fan-out, 1 sender", "deliveries/s, room of 200"),
    Row("fan-out, 8 senders", "deliveries/s, room of 200"),
    Row("KB a connection", "with one community", "≤ 6"),
    Row("KB a further namespace", "with one channel", "≤ 1.7"),
    Row("CPU a further namespace", "ms, of the program with the sockets"),
    Row("CPU of all a further namespace", "ms, all programs"),
)
ALONE = (
    *(Row(f"CPU of the API a message, {count} gateways", "µs, 32 waiting", "≤ 50") for count in GATEWAYS),
    *(Row(f"CPU of {count} gateways together a message", "µs, 32 waiting") for count in GATEWAYS),
    Row("more CPU of the API for each further gateway", "µs a message, most of both steps", "≤ 5"),
    Row("revocation, median", "ms"),
    Row("revocation, slowest", "ms", "≤ 1,000"),
    Row("drain, clients", ""),
    Row("drain, seconds", "s until the gateway had ended"),
    Row("drain, messages written meanwhile", ""),
    Row("drain, messages that failed", "", "0"),
    Row("drain, messages sent again", "which were under way when their connection ended"),
    Row("drain, slowest acknowledgement", "ms, of those who moved"),
    Row("drain, others' p50", "ms, 50/s into 200"),
    Row("drain, others' p99", "ms, 50/s into 200", "≤ 50"),
)


class Run:
    """All rounds of all figures."""

    def __init__(self, modules: Path | str, options: argparse.Namespace) -> None:
        self._modules = modules
        self._options = options
        self.figures: dict[str, dict[str, list[float]]] = {}
        """figure -> deployment -> one value a round"""

    def note(self, name: str, figures: measures.Figures) -> None:
        """Keep the values of a round."""
        for figure, value in figures.items():
            self.figures.setdefault(figure, {}).setdefault(name, []).append(value)

    @asynccontextmanager
    async def _running(self, name: str, people: People) -> AsyncIterator[Deployment]:
        """Run a deployment on one core."""
        if name == EMBEDDED:
            deployment = await deployments.embedded(people)
        elif name == SPLIT:
            deployment = await deployments.split(people)
        else:
            assert isinstance(self._modules, Path)
            deployment = await deployments.node_over_http(people, self._modules)
        try:
            yield deployment
        finally:
            deployment.stop()

    def _names(self, *names: str) -> list[str]:
        usable = {EMBEDDED, SPLIT} | ({NODE} if isinstance(self._modules, Path) else set())
        return [each for each in names if each in usable and each in self._options.subjects]

    async def messages(self) -> None:
        """Acknowledgements, of all that are compared."""
        for name in self._names(EMBEDDED, SPLIT, NODE):
            async with self._running(name, People((256,))) as deployment:
                seconds, count, quiet = self._options.seconds, self._options.count, self._options.quiet
                self.note(name, await measures.acknowledged(deployment, seconds=seconds, count=count, quiet=quiet))

    async def delivery(self) -> None:
        """Deliveries, of all that are compared."""
        for name in self._names(EMBEDDED, SPLIT, NODE):
            async with self._running(name, People((200,))) as deployment:
                found = await measures.delivered(deployment, seconds=self._options.seconds, quiet=self._options.quiet)
                self.note(name, found)

    async def gateways(self) -> None:
        """Measure the CPU of the API for a message with several gateways, which share the generator's core."""
        costs = []
        for count in GATEWAYS:
            deployment = await deployments.split(People((256,)), gateways=count, gateway_core=GENERATOR_CORE)
            try:
                found = await measures.shared_cost(deployment, seconds=self._options.seconds, quiet=self._options.quiet)
            finally:
                deployment.stop()
            costs.append(found["api"])
            self.note(SPLIT, {f"CPU of the API a message, {count} gateways": found["api"]})
            self.note(SPLIT, {f"CPU of {count} gateways together a message": found["gateways"]})
        steps = [
            (later - earlier) / (more - fewer)
            for earlier, later, fewer, more in zip(costs, costs[1:], GATEWAYS, GATEWAYS[1:], strict=False)
        ]
        self.note(SPLIT, {"more CPU of the API for each further gateway": max(steps)})

    async def memory(self) -> None:
        """Measure connections and namespaces."""
        clients, few, further = self._options.clients, 200, 49
        people = People((clients,), further=further, in_further=few)
        for name in self._names(EMBEDDED, SPLIT):
            async with self._running(name, people) as deployment:
                program = "server" if name == EMBEDDED else "g1"
                self.note(name, await measures.held(deployment, program, few=few))

    async def revocation(self) -> None:
        """Sessions that end, through two gateways."""
        deployment = await deployments.split(People((64,)), gateways=2)
        try:
            found = await moments.revocation(deployment, 40)
        finally:
            deployment.stop()
        self.note(SPLIT, {"revocation, median": statistics.median(found), "revocation, slowest": found[-1]})

    async def drain(self) -> None:
        """A gateway that ends in order, with many at it, in communities of twenty."""
        clients, seconds = self._options.clients, self._options.drain
        people = People((200, *(20 for _ in range(clients // 20))))
        deployment = await deployments.split(people, gateways=2, drain=seconds)
        try:
            found = await moments.drain(deployment, seconds)
        finally:
            deployment.stop()
        latencies = found.latencies
        self.note(
            SPLIT,
            {
                "drain, clients": clients // 20 * 20,
                "drain, seconds": found.took,
                "drain, messages written meanwhile": found.written,
                "drain, messages that failed": found.failed,
                "drain, messages sent again": found.resent,
                "drain, slowest acknowledgement": found.slowest,
                "drain, others' p50": latencies[len(latencies) // 2],
                "drain, others' p99": latencies[len(latencies) * 99 // 100],
            },
        )

    async def all(self) -> None:
        """Everything, round by round."""
        wanted = self._options.only.split(",") if self._options.only else []
        steps: dict[str, Callable[[], Awaitable[None]]] = {
            "messages": self.messages,
            "delivery": self.delivery,
            "gateways": self.gateways,
            "memory": self.memory,
            "revocation": self.revocation,
            "drain": self.drain,
        }
        for number in range(self._options.rounds):
            if number:
                await asyncio.sleep(self._options.rest)
            for name, step in steps.items():
                if not wanted or name in wanted:
                    print(f"round {number + 1} of {self._options.rounds}: {name}", file=sys.stderr, flush=True)
                    await step()


def compared(figures: dict[str, dict[str, list[float]]]) -> str:
    """Medians with their spread, and the medians of each round's ratios."""
    lines = [
        "| figure | embedded | split | Node over HTTP | split / embedded | split / Node | wanted |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in COMPARED:
        values = figures.get(row.figure)
        if values:
            cells = [_cell(values.get(name)) for name in (EMBEDDED, SPLIT, NODE)]
            ratios = [_ratio(values.get(SPLIT), values.get(peer)) for peer in (EMBEDDED, NODE)]
            lines.append(f"| {row.figure}, {row.unit} | {' | '.join(cells + ratios)} | {row.wanted} |")
    return "\n".join(lines)


def alone(figures: dict[str, dict[str, list[float]]]) -> str:
    """Medians with their spread, of what only several programs have."""
    lines = ["| figure | split | wanted |", "|---|---|---|"]
    for row in ALONE:
        values = figures.get(row.figure)
        if values:
            what = f"{row.figure}, {row.unit}" if row.unit else row.figure
            lines.append(f"| {what} | {_cell(values[SPLIT])} | {row.wanted} |")
    return "\n".join(lines)


def _cell(values: list[float] | None) -> str:
    if not values:
        return "–"
    digits = 0 if statistics.median(values) >= 100 else 2
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def _ratio(ours: list[float] | None, others: list[float] | None) -> str:
    if not ours or not others:
        return "–"
    return f"{statistics.median(a / b for a, b in zip(ours, others, strict=False)):.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each figure is measured")
    parser.add_argument("--count", type=int, default=1_000, help="messages, one after the other")
    parser.add_argument("--clients", type=int, default=2_000, help="for memory and drain")
    parser.add_argument("--drain", type=float, default=30.0, help="seconds over which a gateway ends")
    parser.add_argument(
        "--quiet", type=float, default=0.3, help="milliseconds of a sync at which the disk counts as left alone"
    )
    parser.add_argument("--rest", type=float, default=0.0, help="seconds between two rounds")
    parser.add_argument("--only", default="", help="messages,delivery,gateways,memory,revocation,drain")
    parser.add_argument("--subjects", default=f"{EMBEDDED},{SPLIT},{NODE}")
    options = parser.parse_args()
    options.subjects = options.subjects.split(",")
    modules = node_modules() if NODE in options.subjects else "not asked for"
    os.sched_setaffinity(0, {GENERATOR_CORE})
    run = Run(modules, options)
    uvloop.run(run.all())
    print(f"{machine()}; programs on one core, generator on the other; medians of {options.rounds} rounds (spread)\n")
    if isinstance(modules, str):
        print(f"Without Node: {modules}.\n")
    print(compared(run.figures))
    print()
    print(alone(run.figures))


if __name__ == "__main__":
    main()
