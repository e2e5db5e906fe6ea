"""One command that measures what is asked over HTTP: `python -m tests.benchmarks.api`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from asnity_server.api.search.search_index import Indexer
from tests.api.harness import ApiHarness, Person
from tests.benchmarks.delivery.__main__ import machine

from . import secrecy
from .world import World, build, index, measured, served

ROUNDS = 200
TURNS = 31


async def ask(session: aiohttp.ClientSession, path: str, **query: str) -> Any:
    """One request, its answer read whole."""
    async with session.get(path, params=query) as response:
        body = await response.read()
        assert response.status == 200, body
        return json.loads(body)


async def report(name: str, session: aiohttp.ClientSession, path: str, **query: str) -> None:
    """Measure one question and print it."""

    async def once() -> None:
        async with session.get(path, params=query) as response:
            await response.read()

    print(f"{name:<46}{await measured(once, ROUNDS)}", flush=True)


async def search(session: aiohttp.ClientSession, world: World) -> None:
    """Words that are rare and frequent, everywhere and in one place."""
    here = {"channelId": world.channels[7]}
    there = {"communityId": world.channels[7][:12]}
    for name, query in {
        "search, frequent word": {"q": world.frequent},
        "search, rare word": {"q": world.rare},
        "search, frequent Korean word": {"q": world.frequent_korean},
        "search, rare Korean word": {"q": world.rare_korean},
        "search, two syllables": {"q": world.frequent_korean[:2]},
        "search, one syllable": {"q": world.frequent_korean[0]},
        "search, frequent and rare word": {"q": f"{world.frequent} {world.rare}"},
        "search, frequent word in a community": {"q": world.frequent, **there},
        "search, rare word in a community": {"q": world.rare, **there},
        "search, frequent word in a channel": {"q": world.frequent, **here},
        "search, rare word in a channel": {"q": world.rare, **here},
        "search, frequent word before a time": {"q": world.frequent, "before": "2023-11-15T00:00:00Z"},
        "search, no such word": {"q": "wordthatisnotthere"},
        "search, one letter": {"q": world.frequent[:1]},
        "search, two letters": {"q": world.frequent[:2]},
        "search, three letters": {"q": world.frequent[:3]},
        "search, the beginning of a rare word": {"q": world.rare[:4]},
        "search, one letter and another": {"q": f"{world.frequent[:1]} {world.rare[:1]}"},
        "search, one letter in a channel": {"q": world.frequent[:1], **here},
        "search, a channel alone": here,
        "search, a community alone": there,
        "search, a time alone": {"before": "2023-11-15T00:00:00Z"},
    }.items():
        found = await ask(session, "/api/search", **query)
        await report(f"{name} ({len(found['results'])} found)", session, "/api/search", **query)


async def overview(session: aiohttp.ClientSession, world: World) -> None:
    """The whole sidebar, everything unread."""
    found = await ask(session, "/api/me/overview")
    entries = [entry for each in found["communities"] for entry in each["channels"]]
    unread = [entry["counters"]["unread"] for entry in entries]
    name = f"overview, {len(found['communities'])} x {len(entries) // 20}, {min(unread)}+ unread each"
    await report(name, session, "/api/me/overview")


async def history(session: aiohttp.ClientSession, world: World) -> None:
    """Pages of a long channel, at any depth."""
    path = f"/api/channels/{world.channels[0]}/messages"
    newest = (await ask(session, path))["messages"][-1]["id"]
    await report(f"history, newest of {newest:,}", session, path)
    await report("history, in the middle", session, path, before=str(newest // 2))
    await report("history, the oldest", session, path, after="0")
    await report("history, around a message, 100 of them", session, path, around=str(newest // 3), limit="100")
    await report("history, at a time", session, path, at="2023-11-15T12:00:00Z")
    await report("changes since the last 50", session, path.replace("messages", "changes"), since=str(newest - 50))


class Writing:
    """Somebody who writes as fast as it goes, with or without an index that is kept meanwhile."""

    def __init__(self, harness: ApiHarness, author: Person, channel_id: str, indexer: Indexer | None) -> None:
        self._house = harness
        self._author = author
        self._channel_id = channel_id
        self._indexer = indexer

    @classmethod
    async def begin(cls, path: Path, *, indexed: bool) -> Writing:
        """On a new file."""
        harness = await ApiHarness(path).open()
        alice, bob = await harness.people("alice", "bob")
        general = await harness.general(await harness.community(alice, bob))
        return cls(harness, alice, general, Indexer(harness.database) if indexed else None)

    async def rate(self, count: int, waiting: int) -> float:
        """Messages a second, while so many wait for their answer."""
        numbers = iter(range(count))
        indexing = asyncio.create_task(self._indexer.keep_up()) if self._indexer is not None else None
        begun = time.perf_counter()

        async def write() -> None:
            for number in numbers:
                content = f"message {number} of twelve words, more or less, as they are written"
                await self._house.post(self._author, self._channel_id, content)

        await asyncio.gather(*(write() for _ in range(waiting)))
        rate = count / (time.perf_counter() - begun)
        self._house.forget()
        if indexing is not None:
            indexing.cancel()
        return rate

    async def end(self) -> None:
        """Close the file."""
        await self._house.close()


async def writing(folder: Path) -> None:
    """Messages through the writer, in turn with and without the index."""
    plain = await Writing.begin(folder / "plain.db", indexed=False)
    indexed = await Writing.begin(folder / "indexed.db", indexed=True)
    for waiting, count in ((1, 500), (32, 3_000), (256, 5_000)):
        turns = [(await plain.rate(count, waiting), await indexed.rate(count, waiting)) for _ in range(TURNS)]
        for how, found in zip(("", ", indexed meanwhile"), zip(*turns, strict=True), strict=True):
            name = f"writing, {waiting} waiting{how}"
            spread = f"({min(found):,.0f}-{max(found):,.0f})"
            print(f"{name:<46}{statistics.median(found):8,.0f} messages/s {spread}", flush=True)
        ratio = statistics.median(with_index / without for without, with_index in turns)
        print(f"{'':<46}{ratio:8.0%} of the rate without, turn by turn", flush=True)
    await plain.end()
    await indexed.end()


def prepare(folder: Path, messages: int) -> World:
    """The world of an earlier run in the same folder, or a new one."""
    described = folder / "world.json"
    if described.exists():
        found = json.loads(described.read_text())
        return World(**{**found, "channels": tuple(found["channels"])})
    begun = time.perf_counter()
    world = build(folder / "asnity.db", messages)
    print(f"{messages:,} messages made in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    took = index(folder / "asnity.db")
    with sqlite3.connect(folder / "asnity.db") as connection:
        size = connection.execute("SELECT sum(length(block)) FROM search_data").fetchone()[0]
    print(
        f"{'indexing, a piece':<46}{statistics.median(took):8.2f} ms median {max(took):8.2f} ms at most;"
        f" {sum(took) * 1000 / messages:.0f} us a message, {size / messages:.0f} bytes a message"
    )
    described.write_text(json.dumps(asdict(world)))
    return world


async def run(options: argparse.Namespace, folder: Path) -> None:
    """Everything that was asked for."""
    parts: dict[str, Callable[[aiohttp.ClientSession, World], Awaitable[None]]] = {
        "search": search,
        "overview": overview,
        "history": history,
    }
    wanted = options.only.split(",")
    if set(wanted) & set(parts):
        world = prepare(folder, options.messages)
        async with served(folder, world.token) as session:
            for name in wanted:
                if name in parts:
                    await parts[name](session, world)
    if "secrecy" in wanted:
        with tempfile.TemporaryDirectory() as hidden:
            await secrecy.measure(Path(hidden))
    if "writing" in wanted:
        await writing(folder)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--only", default="search,secrecy,overview,history,writing")
    parser.add_argument("--folder", type=Path, help="keep the file there, and use it again")
    options = parser.parse_args()
    print(f"{machine()}\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        uvloop.run(run(options, folder))


if __name__ == "__main__":
    main()
