"""A file with a million messages, made the quick way, and a server on it."""

from __future__ import annotations

import bisect
import contextlib
import gc
import itertools
import random
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from asnity_server.api import communities
from asnity_server.api.access import Caller
from asnity_server.api.accounts import sessions, users
from asnity_server.api.accounts.passwords import HashCost
from asnity_server.api.search import search_index
from asnity_server.app import Server
from asnity_server.config import ServerSettings
from asnity_server.db.connection import connect
from asnity_server.db.migrations import migrate
from asnity_server.db.transaction import WriteTx
from asnity_server.protocol import requests
from asnity_server.protocol.ids import new_channel_id

COMMUNITIES, CHANNELS = 20, 50
VOCABULARY = 50_000
SENDERS = 40
START = 1_700_000_000_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class World:
    """The communities, channels and people that are asked about."""

    token: str
    channels: tuple[str, ...]
    frequent: str
    rare: str
    frequent_korean: str
    rare_korean: str


class Words:
    """Words of two languages, as often as words are: the nth is n times as rare as the first (Zipf)."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        syllables = [chr(0xAC00 + chance.randrange(11_172)) for _ in range(1_500)]
        self.all = [
            "".join(chance.choices(LETTERS, k=chance.randint(3, 9)))
            if number % 5
            else "".join(chance.choices(syllables, k=chance.randint(2, 4)))
            for number in range(VOCABULARY)
        ]
        self._weights = list(itertools.accumulate(1 / (number + 1) for number in range(VOCABULARY)))

    def text(self) -> str:
        """A message."""
        highest = self._weights[-1]
        return " ".join(
            self.all[bisect.bisect(self._weights, self._chance.random() * highest)]
            for _ in range(self._chance.choice((2, 4, 8, 12, 25)))
        )

    def near(self, rank: int, korean: bool) -> str:
        """A word of about this rank."""
        return next(word for word in self.all[rank:] if word.isascii() != korean)


def build(path: Path, messages: int) -> World:
    """Fill a new file."""
    migrate(path)
    chance = random.Random(4)
    words = Words(chance)
    connection = connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    with contextlib.closing(connection):
        connection.execute("BEGIN IMMEDIATE")
        tx = WriteTx(connection, START)
        reader = users.make_account(tx, "reader", "Reader", "no password")
        token = sessions.new_session(tx, reader, "benchmark")
        senders = [users.make_account(tx, f"sender{number}", "", "no password") for number in range(SENDERS)]
        channels = _places(tx, reader, senders)
        _messages(tx, channels, senders, words, messages, chance)
        connection.execute("COMMIT")
    return World(
        token,
        tuple(channels),
        words.near(20, korean=False),
        words.near(40_000, korean=False),
        words.near(20, korean=True),
        words.near(40_000, korean=True),
    )


def _places(tx: WriteTx, reader: str, senders: list[str]) -> list[str]:
    """Communities with everyone in them, and channels with everyone in them."""
    channels: list[str] = []
    for number in range(COMMUNITIES):
        request = requests.CreateCommunity(name=f"Community {number}")
        made = communities.create_community(tx, Caller(senders[0], ""), request)
        for user_id in (reader, *senders[1:]):
            tx.run("INSERT INTO memberships VALUES (?, ?, 'member', ?, 0)", (made.id, user_id, START))
        for name in range(CHANNELS - 1):
            tx.run(
                "INSERT INTO channels (id, community_id, kind, name, name_key, created_at) VALUES (?, ?, ?, ?, ?, ?)",
                (new_channel_id(made.id), made.id, "private" if name % 5 else "public", f"c{name}", f"c{name}", START),
            )
        found = [row[0] for row in tx.all("SELECT id FROM channels WHERE community_id = ?", (made.id,))]
        tx.run_many(
            "INSERT OR IGNORE INTO channel_members (channel_id, user_id, joined_at) VALUES (?, ?, ?)",
            [(channel_id, user_id, START) for channel_id in found for user_id in (reader, *senders)],
        )
        channels += found
    return channels


def _messages(
    tx: WriteTx, channels: list[str], senders: list[str], words: Words, count: int, chance: random.Random
) -> None:
    """A fifth of them in one channel, the others spread evenly, in the order in which they would have come."""
    last = dict.fromkeys(channels, 0)
    rows: list[tuple[Any, ...]] = []
    for number in range(count):
        channel_id = channels[0] if chance.random() < 0.2 else channels[number % len(channels)]
        last[channel_id] += 1
        moment = START + number * 1000
        rows.append(
            (channel_id, last[channel_id], last[channel_id], chance.choice(senders), words.text(), moment, moment)
        )
        if len(rows) == 10_000 or number == count - 1:
            tx.run_many(
                "INSERT INTO messages (channel_id, id, rev, sender_id, type, content, created_at, updated_at)"
                " VALUES (?, ?, ?, ?, 'TEXT', ?, ?, ?)",
                rows,
            )
            rows.clear()
    tx.run_many(
        "UPDATE channels SET last_id = ?, rev = ?, last_at = ? WHERE id = ?",
        [(number, number, START + count * 1000, channel_id) for channel_id, number in last.items()],
    )


def index(path: Path) -> list[float]:
    """Take everything into the index, in the pieces in which a server does it; the milliseconds of each."""
    took: list[float] = []
    with contextlib.closing(connect(path)) as connection:
        for more in _pieces(connection):
            if not more:
                break
            took.append(more)
    return took


def _pieces(connection: sqlite3.Connection) -> Iterator[float]:
    works: list[Callable[[WriteTx], bool]] = [search_index.start_anew_if_outdated]
    works += itertools.repeat(lambda tx: search_index.add_some(tx, unindexed=search_index.UNINDEXED), 10**6)
    for work in works:
        begun = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        more = work(WriteTx(connection, START))
        connection.execute("COMMIT")
        yield (time.perf_counter() - begun) * 1000 if more else 0.0


@contextlib.asynccontextmanager
async def served(folder: Path, token: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A server on the file in `folder`, and a client that is signed in."""
    settings = ServerSettings(port=0, data=folder)
    async with Server(settings, hash_cost=HashCost(time=1, memory=8)) as server:
        headers = {"Authorization": f"Bearer {token}"}
        gc.collect()  # as the command does
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        async with aiohttp.ClientSession(server.url, headers=headers) as session:
            yield session


async def measured(ask: Callable[[], Awaitable[object]], rounds: int) -> str:
    """How long something takes, in milliseconds, whoever waits for it: median, and the slowest in a hundred."""
    took = []
    for _ in range(3):
        await ask()
    for _ in range(rounds):
        begun = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    return f"{statistics.median(took):8.2f} ms median {took[len(took) * 99 // 100]:8.2f} ms p99"
