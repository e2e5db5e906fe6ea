"""A server that is killed while it erases what was deleted goes on with it when it starts again."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
from pathlib import Path

import pytest

from asnity_server.db.maintenance import run_alone
from asnity_server.db.transaction import WriteTx

from .process import PATIENCE, ServerProcess

COUNT = 6_000


def _rows(path: Path, channel_id: str) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute("SELECT count(*) FROM messages WHERE channel_id = ?", (channel_id,)).fetchone()[
            0
        ]
        return found


@pytest.mark.slow
async def test_a_kill_in_the_middle_of_erasing(tmp_path: Path) -> None:
    server, path = ServerProcess(tmp_path), tmp_path / "asnity.db"
    async with server:
        token = (await server.call("POST", "/api/auth/sign-up", username="alice", password="tangerine"))["token"]
        lab = (await server.call("POST", "/api/communities", token, name="Lab"))["id"]
        made = await server.call("POST", f"/api/communities/{lab}/channels", token, name="plans", kind="public")
        channel_id = str(made["id"])

        def fill(tx: WriteTx) -> None:
            author = tx.value("SELECT id FROM users")
            tx.run_many(
                "INSERT INTO messages (id, channel_id, sender_id, type, content, created_at, updated_at, rev)"
                " VALUES (?1, ?2, ?3, 'TEXT', 'words', 1, 1, ?1)",
                [(number, channel_id, author) for number in range(1, COUNT + 1)],
            )

        await asyncio.to_thread(run_alone, path, fill)
        await server.call("DELETE", f"/api/channels/{channel_id}", token)
        assert (await server.call("GET", "/healthz"))["status"] == "ok"
        await server.end(signal.SIGKILL)
    assert 0 < _rows(path, channel_id) < COUNT + 1, "it was erased in one go"
    async with server, asyncio.timeout(PATIENCE):
        assert [
            each["name"] for each in (await server.call("GET", f"/api/communities/{lab}/channels", token))["channels"]
        ] == ["general"]
        while await asyncio.to_thread(_rows, path, channel_id):
            await server.call("GET", "/healthz")
        assert await server.end(signal.SIGTERM) == 0
