"""A disk that breaks while the server is down: it says so when it is up again, and serves what can be read."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest

from tests.api.test_health import damage, pages_of

from .process import PATIENCE, ServerProcess
from .test_busy_server import fill
from .test_server_death import settle


async def _ready(server: ServerProcess) -> int:
    async with aiohttp.ClientSession(server.url) as http, http.get("/readyz") as answer:
        return answer.status


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_damaged_pages_are_said_after_the_next_start(tmp_path: Path, how: signal.Signals) -> None:
    async with ServerProcess(tmp_path) as server:
        token, _, general = await settle(server)
        await asyncio.to_thread(fill, tmp_path, general, 5_000)
        assert await _ready(server) == 200
        await server.end(how)
        leaves = await asyncio.to_thread(pages_of, tmp_path / "asnity.db", "messages_by_id")
        await asyncio.to_thread(damage, tmp_path / "asnity.db", leaves[0])
        await server.start()
        async with asyncio.timeout(PATIENCE):
            while await _ready(server) == 200:
                pass  # it looks beside everything else
        assert (await server.call("GET", "/api/me", token))["username"] == "alice"
        assert await server.figure("asnity_database_intact") == 0
        await server.end(signal.SIGTERM)
        assert "the database is damaged" in server.log
