"""A server that is kept busy by one of its users, or by another program: what others get, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import time
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from .process import ServerProcess
from .test_server_death import settle

MESSAGES = 60_000
PHRASE = '"alpha gamma beta"'
"""All words of it are in every message, and it is in none."""


def fill(data: Path, channel_id: str, messages: int = MESSAGES) -> None:
    """Many messages that a search has to look at, one by one."""
    with contextlib.closing(sqlite3.connect(data / "asnity.db")) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        sender = connection.execute("SELECT id FROM users").fetchone()[0]
        connection.executemany(
            "INSERT INTO messages (channel_id, id, rev, sender_id, type, content, created_at, updated_at)"
            f" VALUES ('{channel_id}', ?1, ?1, '{sender}', 'TEXT', ?2, ?1, ?1)",
            [(number, "gamma alpha beta " * 40) for number in range(1, messages + 1)],
        )
        connection.execute("UPDATE channels SET last_id = ?1, rev = ?1 WHERE id = ?2", (messages, channel_id))
        connection.commit()


async def search(http: aiohttp.ClientSession) -> int:
    """Look for what is nowhere; the status of the answer, 0 where none came."""
    try:
        async with http.get("/api/search", params={"q": PHRASE}) as answer:
            await answer.read()
            return answer.status
    except aiohttp.ClientError:
        return 0


@pytest.mark.slow
async def test_many_searches_of_one_hold_up_nobody_else_nor_the_end(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path, "--registration", "open") as server:
        alice, _, general = await settle(server)
        bob = (await server.call("POST", "/api/auth/sign-up", username="bob", password="correct horse"))["token"]
        await asyncio.to_thread(fill, tmp_path, general)
        headers = {"Authorization": f"Bearer {alice}"}
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(server.url, headers=headers, connector=connector) as http:
            flood = [asyncio.ensure_future(search(http)) for _ in range(64)]
            while await server.figure("asnity_search_queue") < 2:
                pass  # asking is waiting
            for _ in range(10):
                await server.call("GET", "/api/me/overview", bob)
            assert not all(each.done() for each in flood)
            found = Counter(await asyncio.gather(*flood))
            assert set(found) == {200, 429}  # everybody is answered
            flood = [asyncio.ensure_future(search(http)) for _ in range(64)]
            while await server.figure("asnity_search_queue") < 2:
                pass
            begun = time.monotonic()
            assert await server.end(signal.SIGTERM) == 0
            assert time.monotonic() - begun < 5.0  # a promise to whoever hosts it, not a timing
            await asyncio.gather(*flood)
        assert "Traceback" not in server.log


@pytest.mark.slow
async def test_it_ends_in_time_though_another_program_holds_the_database(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path) as server:
        token, _, general = await settle(server)
        path = f"/api/channels/{general}/messages"
        await server.call("POST", path, token, content="stored")
        with contextlib.closing(sqlite3.connect(tmp_path / "asnity.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            headers = {"Authorization": f"Bearer {token}"}
            async with aiohttp.ClientSession(server.url, headers=headers) as http:

                async def write(number: int) -> int:
                    async with http.post(path, json={"content": f"waits {number}"}) as answer:
                        return answer.status

                asked = await server.figure("asnity_requests_total")
                waiting = [asyncio.ensure_future(write(number)) for number in range(5)]
                while await server.figure("asnity_requests_total") < (asked := asked + 1) + 5:
                    pass  # each time, this itself is one more
                begun = time.monotonic()
                assert await server.end(signal.SIGTERM) == 0
                assert time.monotonic() - begun < 5.0
                assert await asyncio.gather(*waiting) == [503] * 5  # told, and not left without an answer
            other.execute("ROLLBACK")
            assert other.execute("SELECT content FROM messages").fetchall() == [("stored",)]
        await server.start()
        await server.call("POST", path, token, content="on we go")
        assert "Traceback" not in server.log
