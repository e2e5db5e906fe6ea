"""Input of strangers to a real server never makes a line of its log, and doesn't fill it."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from asnity_server.logs import LONGEST, MOST
from tests.faults.process import ServerProcess

FORGED = "x\n2026-11-27 23:00:00,000 INFO    alice signed in\r\x1b[2J\u2028y"
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|WARNING|ERROR) ")


async def _raw(server: ServerProcess, data: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    writer.write_eof()
    async with asyncio.timeout(10):
        await reader.read()
    writer.close()


@pytest.mark.slow
async def test_foreign_text_stays_on_the_line_that_is_about_it(tmp_path: Path) -> None:
    said = quote(FORGED)
    paths = [
        f"/socket.io/?EIO=4&transport=polling&sid={said}",
        f"/socket.io/?EIO=4&transport={said}",
        f"/socket.io/?EIO={said}&transport=polling",
        f"/socket.io/?EIO=4&transport=polling&j={said}",
        f"/api/{said}",
        f"/invite/{said}",
        f"/api/channels/{said}/messages?{said}={said}",
    ]
    async with ServerProcess(tmp_path) as server, aiohttp.ClientSession(server.url) as http:
        for path in paths:
            for method in ("GET", "POST", "OPTIONS", "BREW"):
                async with http.request(method, URL(server.url + path, encoded=True), data=FORGED) as answer:
                    await answer.read()
        for number in range(MOST + 20):
            async with http.ws_connect("/socket.io/?EIO=4&transport=websocket") as socket:
                await socket.receive()
                await socket.send_str(f"4{FORGED}{number}" if number % 2 else f"9{FORGED}")
                await socket.receive()
        await _raw(server, f"GET / HTTP/1.1\r\nX: {FORGED}\r\n\r\n".encode())
        await _raw(server, FORGED.encode() * 100)
        await _raw(server, b"GET /socket.io/?EIO=4&transport=polling&sid=" + b"s" * 20_000 + b" HTTP/1.0\r\n\r\n")
        assert await server.end(signal.SIGTERM) == 0
    lines = server.log.split("\n")
    assert any("alice signed in" in each for each in lines)  # it is told of, on its line
    for line in lines[:-1]:
        assert STAMP.match(line) or line.startswith("    "), line
        assert line.isprintable()
        assert len(line) < LONGEST + 100
        assert "INFO    alice signed in" not in line[:60]
    assert sum("closing a connection" in each for each in lines) <= 2 * MOST
