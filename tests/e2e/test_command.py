"""The command `asnity-server` as whoever hosts it meets it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.faults.process import PATIENCE, ServerProcess


async def _command(*arguments: str, said: str = "") -> tuple[int, str]:
    """Run a command to its end; its exit status and everything it printed."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("ASNITY_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "asnity_server", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=env,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate(said.encode())
    assert process.returncode is not None
    return process.returncode, output.decode()


async def _status(server: ServerProcess, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(server.url) as http, http.get("/api/me", headers=headers) as answer:
        return answer.status


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_listens_how_to_begin_and_how_to_stop(tmp_path: Path, how: signal.Signals) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        token = (await server.call("POST", "/api/auth/sign-up", username="alice", password="tangerine"))["token"]
        assert await _status(server, token) == 200
        assert await server.end(how) == 0
    for part in (server.url, str(tmp_path / "data"), "set-up code", "ctrl+c", "Stopped."):
        assert part in server.log
    for secret in (token, "tangerine", "Traceback"):
        assert secret not in server.log


@pytest.mark.slow
async def test_what_the_administrator_does_is_noticed_at_once(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        token = (await server.call("POST", "/api/auth/sign-up", username="alice", password="tangerine"))["token"]
        data = ("--data", str(tmp_path / "data"))
        assert await _command(*data, "user", "add", "bob", said="clementine\n") == (0, "bob can sign in now.\n")
        assert (await server.call("POST", "/api/auth/sign-in", username="bob", password="clementine"))["token"]
        status, output = await _command(*data, "user", "disable", "alice")
        assert status == 0, output
        assert await _status(server, token) == 401


@pytest.mark.slow
async def test_a_backup_of_a_server_that_writes_is_whole(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        token = (await server.call("POST", "/api/auth/sign-up", username="alice", password="tangerine"))["token"]
        lab = (await server.call("POST", "/api/communities", token, name="Lab"))["id"]
        general = (await server.call("GET", f"/api/communities/{lab}/channels", token))["channels"][0]["id"]
        stop = asyncio.Event()
        written = 0

        async def write() -> None:
            nonlocal written
            while not stop.is_set():
                await server.call("POST", f"/api/channels/{general}/messages", token, content="words " * 100)
                written += 1

        writing = asyncio.create_task(write())
        before = written
        status, output = await _command("--data", str(tmp_path / "data"), "backup", str(tmp_path / "backup.db"))
        stop.set()
        await writing
        assert status == 0, output
        assert written > before  # nobody was held up
    with contextlib.closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        ids = [number for (number,) in copy.execute("SELECT id FROM messages ORDER BY id")]
        ((last_id,),) = copy.execute("SELECT last_id FROM channels").fetchall()
    assert ids == list(range(1, last_id + 1))
    # and it is a database that a server starts from
    (tmp_path / "restored").mkdir()
    (tmp_path / "backup.db").rename(tmp_path / "restored" / "asnity.db")
    async with ServerProcess(tmp_path / "restored") as restored:
        assert await _status(restored, token) == 200


@pytest.mark.slow
async def test_what_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        port = ("--port", str(server.port))
        assert await _command("--data", str(tmp_path / "other"), *port) == (
            1,
            f"Error: Port {server.port} on 127.0.0.1 is in use by another program. Choose another with --port.\n",
        )
        status, output = await _command("--data", str(tmp_path / "data"), "--port", "0")
        assert status == 1
        assert (
            output
            == f"Error: The database {tmp_path / 'data' / 'asnity.db'} can't be used: another server is using it.\n"
        )


@pytest.mark.slow
async def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    status, output = await _command("--data", str(tmp_path / "file" / "data"), "--port", "0")
    assert status == 1
    assert output.startswith("Error: ")
    assert len(output.splitlines()) == 1
    (tmp_path / "asnity.db").write_bytes(b"no database" * 1000)
    status, output = await _command("--data", str(tmp_path), "--port", "0")
    assert status == 1
    assert "can't be used" in output
    assert len(output.splitlines()) == 1
