"""Whether the time of a search tells what stands where the searcher may not read."""

from __future__ import annotations

import bisect
import contextlib
import random
import statistics
import time
from pathlib import Path

import aiohttp

from asnity_server.api import communities
from asnity_server.api.access import Caller
from asnity_server.api.accounts import sessions, users
from asnity_server.api.membership import general_of
from asnity_server.db.connection import connect
from asnity_server.db.migrations import migrate
from asnity_server.db.transaction import WriteTx
from asnity_server.protocol import requests
from asnity_server.protocol.ids import new_channel_id

from .world import START, index, served

HIDDEN, OWN, ROUNDS = 40_000, 2_000, 400
QUESTIONS = {
    "a word": ("{word}", ""),
    "its beginning": ("{word:.4}", ""),
    "its first letter": ("{word:.1}", ""),
    "the word in quotes": ('"{word}"', ""),
    "with a word of one's own": ("{word} common", ""),
    "a Korean word": ("{korean}", ""),
    "in a community": ("{word}", "communityId"),
    "in a channel": ("{word}", "channelId"),
}
THERE = {"word": "needle", "korean": "풍뎅이"}
"""Words that stand in one in four of the hidden messages, and nowhere else."""
NOWHERE = {"word": "mitten", "korean": "풀뎅이"}
"""Words that stand nowhere, and would beside those."""


def _fill(path: Path) -> tuple[str, str]:
    """A community whose one private channel the reader isn't in; the reader's token, and the public channel."""
    migrate(path)
    chance = random.Random(4)
    with contextlib.closing(connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN IMMEDIATE")
        tx = WriteTx(connection, START)
        reader = users.make_account(tx, "reader", "Reader", "no password")
        token = sessions.new_session(tx, reader, "benchmark")
        owner = users.make_account(tx, "owner", "Owner", "no password")
        made = communities.create_community(tx, Caller(owner, ""), requests.CreateCommunity(name="Lab"))
        tx.run("INSERT INTO memberships VALUES (?, ?, 'member', ?, 0)", (made.id, reader, START))
        general, hidden = general_of(tx, made.id), new_channel_id(made.id)
        tx.run(
            "INSERT INTO channels (id, community_id, kind, name, name_key, created_at)"
            " VALUES (?, ?, 'private', 'hidden', 'hidden', ?)",
            (hidden, made.id, START),
        )
        for channel_id, user_id in ((general, reader), (general, owner), (hidden, owner)):
            tx.run(
                "INSERT OR IGNORE INTO channel_members (channel_id, user_id, joined_at) VALUES (?, ?, ?)",
                (channel_id, user_id, START),
            )
        last = {general: tx.value("SELECT last_id FROM channels WHERE id = ?", (general,)), hidden: 0}
        for number in range(HIDDEN + OWN):
            channel_id = general if number % (HIDDEN // OWN + 1) == 0 else hidden
            last[channel_id] += 1
            words = " ".join(f"w{chance.randrange(5_000)}" for _ in range(8)) + " common"
            if channel_id == hidden and number % 4 == 1:
                words = f"{THERE['word']} {words} {THERE['korean']}"
            tx.run(
                "INSERT INTO messages (channel_id, id, rev, sender_id, type, content, created_at, updated_at)"
                " VALUES (?1, ?2, ?2, ?3, 'TEXT', ?4, ?5, ?5)",
                (channel_id, last[channel_id], owner, words, START + number * 1000),
            )
        for channel_id, number in last.items():
            tx.run("UPDATE channels SET last_id = ?1, rev = ?1 WHERE id = ?2", (number, channel_id))
        connection.execute("COMMIT")
    index(path)
    return token, general


async def measure(folder: Path) -> None:
    """Ask for what is hidden and for what is nowhere, in turn, and print how well the time tells which was which."""
    token, general = _fill(folder / "asnity.db")
    places = {"communityId": general[:12], "channelId": general}
    async with served(folder, token) as session:
        for name, (q, place) in QUESTIONS.items():
            more = {place: places[place]} if place else {}
            asked = [{"q": q.format_map(words), **more} for words in (THERE, NOWHERE)]
            hidden, nowhere = await _in_turn(session, asked)
            there, absent = statistics.median(hidden), statistics.median(nowhere)
            print(
                f"hidden or nowhere, {name:<27}{there:8.3f} ms {absent:8.3f} ms median;"
                f" the slower one is hidden in {_power(hidden, nowhere):4.0%}",
                flush=True,
            )


async def _in_turn(session: aiohttp.ClientSession, asked: list[dict[str, str]]) -> tuple[list[float], list[float]]:
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS * 2 + 20):
        which = (number + number // 2) % 2  # each goes first as often as the other
        begun = time.perf_counter()
        async with session.get("/api/search", params=asked[which]) as response:
            await response.read()
            assert response.status == 200
        if number >= 20:
            took[which].append((time.perf_counter() - begun) * 1000)
    return took


def _power(first: list[float], second: list[float]) -> float:
    """How often one of the first takes longer than one of the second: 50 % tells nothing."""
    ordered = sorted(second)
    return sum(bisect.bisect(ordered, each) for each in first) / len(first) / len(second)
