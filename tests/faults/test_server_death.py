"""The server is killed or stopped under load: what it acknowledged is there, once, and in order."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from pathlib import Path

import pytest
import socketio

from asnity_server.protocol.ids import namespace_of

from .process import PATIENCE, ServerProcess

SENDERS, ENOUGH = 8, 200
"""How many write at once, and after how many acknowledgements the server is ended."""


async def settle(server: ServerProcess) -> tuple[str, str, str]:
    """The first account's token, its community and that one's general channel."""
    token = (await server.call("POST", "/api/auth/sign-up", username="alice", password="correct horse"))["token"]
    lab = (await server.call("POST", "/api/communities", token, name="Lab"))["id"]
    channels = await server.call("GET", f"/api/communities/{lab}/channels", token)
    return token, lab, channels["channels"][0]["id"]


async def send_until_cut(
    server: ServerProcess, token: str, channel_id: str, name: int, acked: dict[str, int], enough: asyncio.Event
) -> None:
    """Write message after message until the line is cut; what was acknowledged is noted by its nonce."""
    namespace = namespace_of(channel_id[:12])
    sio = socketio.AsyncClient(reconnection=False)
    await sio.connect(server.url, namespaces=[namespace], auth={"token": token}, transports=["websocket"])
    number = 0
    try:
        while True:
            number += 1
            nonce = f"{name}-{number}"
            payload = {"chatType": "new", "channelId": channel_id, "content": nonce, "nonce": nonce}
            answer = await sio.call("chat", payload, namespace=namespace, timeout=2)
            if not answer["written"]:
                assert answer["error"]["code"] == "unavailable"
                return
            acked[nonce] = answer["chatInfo"]["id"]
            if len(acked) == ENOUGH:
                enough.set()
    except socketio.exceptions.SocketIOError:
        return  # the line was cut
    finally:
        await sio.disconnect()


async def load(server: ServerProcess, how: signal.Signals) -> tuple[dict[str, int], float, str, str]:
    """Send with several clients, end the server in the middle; what was acknowledged, and how long the end took."""
    token, _, general = await settle(server)
    acked: dict[str, int] = {}
    enough = asyncio.Event()
    senders = [asyncio.create_task(send_until_cut(server, token, general, n, acked, enough)) for n in range(SENDERS)]
    async with asyncio.timeout(PATIENCE):
        await enough.wait()
    begun = time.monotonic()
    status = await server.end(how)
    took = time.monotonic() - begun
    assert status == (-signal.SIGKILL if how is signal.SIGKILL else 0), server.log
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*senders)
    return acked, took, token, general


def check(data: Path, acked: dict[str, int]) -> list[tuple[int, int, str]]:
    """Everything acknowledged is there once; ids and revs are dense."""
    connection = sqlite3.connect(data / "asnity.db")
    rows = connection.execute("SELECT id, rev, nonce FROM messages ORDER BY id").fetchall()
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert [row[1] for row in rows] == list(range(1, len(rows) + 1))
    stored = {nonce: number for number, _, nonce in rows}
    assert len(stored) == len(rows)
    assert {nonce: stored.get(nonce) for nonce in acked} == acked
    return rows


async def test_killed_under_load_it_keeps_every_acknowledged_message_once(tmp_path: Path, delivery: str) -> None:
    async with ServerProcess(tmp_path, "--delivery", delivery) as server:
        acked, _, token, general = await load(server, signal.SIGKILL)
        before = check(tmp_path, acked)
        await server.start()
        # whoever didn't hear asks again with the same nonce, and nothing is doubled
        again = [before[-1][2], "0-1", "7-1"]
        for nonce in again:
            message = await server.call("POST", f"/api/channels/{general}/messages", token, content=nonce, nonce=nonce)
            assert message["id"] == {row[2]: row[0] for row in before}[nonce]
        assert check(tmp_path, acked) == before
        fresh = await server.call("POST", f"/api/channels/{general}/messages", token, content="on we go")
        assert fresh["id"] == len(before) + 1


@pytest.mark.slow
async def test_stopped_under_load_it_answers_everything_and_is_gone_in_time(tmp_path: Path, delivery: str) -> None:
    async with ServerProcess(tmp_path, "--delivery", delivery) as server:
        acked, took, _, _ = await load(server, signal.SIGTERM)
        rows = check(tmp_path, acked)
        assert len(rows) == len(acked)  # what was written was acknowledged, too
        assert took < 5.0  # a promise to whoever hosts it, not a timing
        assert "Traceback" not in server.log


async def test_the_secrets_of_a_run_are_not_in_its_log(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path) as server:
        token, _, general = await settle(server)
        await server.call("POST", f"/api/channels/{general}/messages", token, content="a private remark")
        assert await server.end(signal.SIGINT) == 0
        for secret in (token, token.removeprefix("asnity_"), "correct horse", "private remark"):
            assert secret not in server.log
