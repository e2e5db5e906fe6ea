"""Connections that ask nothing, or don't read what they asked for: they have an end, and keep nobody out."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from asnity_server import listening
from asnity_server.http import connections as connections_module
from asnity_server.http.connections import HttpConnection, HttpConnections
from tests.http.harness import LARGE, HttpHarness, open_server

PATIENCE = 20.0
HEALTHY = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
WANTS_MUCH = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def opened(path: Path, connections: HttpConnections, **more: Any) -> AsyncIterator[HttpHarness]:
    """A server that counts connections."""
    server = await open_server(path / "a.db", connections=connections, **more)
    yield server
    await server.close()
    await server.harness.close()


class Knock:
    """A connection by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def at(cls, server: HttpHarness, said: bytes = b"") -> Knock:
        """Connect, with room for little, and say something."""
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.setblocking(False)
        await asyncio.get_running_loop().sock_connect(wire, ("127.0.0.1", server.port))
        reader, writer = await asyncio.open_connection(sock=wire, limit=4096)
        writer.write(said)
        return cls(reader, writer)

    async def first_line(self) -> bytes:
        """How the answer begins; empty where the connection is closed without any."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.readline()
            except ConnectionError:
                return b""

    async def end(self) -> bytes:
        """All that comes until the connection is closed."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    def close(self) -> None:
        """Hang up."""
        self.writer.transport.abort()


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if true():
                return
            await asyncio.sleep(0.005)


async def test_an_address_has_so_many_connections_and_the_next_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path, HttpConnections(each=5)) as server:
        inside = [await Knock.at(server, HEALTHY) for _ in range(5)]
        assert [await each.first_line() for each in inside] == [b"HTTP/1.1 200 OK\r\n"] * 5
        for _ in range(10):
            refused = await Knock.at(server)
            answer = await refused.end()
            assert answer.startswith(b"HTTP/1.1 429 ")
            assert b"Too many connections from your address." in answer
            refused.close()
        assert server.connections.refused == 10
        gc.collect()
        assert not [each for each in caplog.records if each.exc_info]
        told = [each for each in caplog.records if "127.0.0.1 has 5 connections" in each.getMessage()]
        assert len(told) == 1  # and not once for each
        inside.pop().close()
        await _until(lambda: len(server.connections) == 4)
        again = await Knock.at(server, HEALTHY)
        assert await again.first_line() == b"HTTP/1.1 200 OK\r\n"
        for each in (*inside, again):
            each.close()
        await _until(lambda: not len(server.connections))
        assert server.connections._counts == {}


async def test_a_trusted_proxy_brings_everyone(tmp_path: Path) -> None:
    counted = HttpConnections(each=2, uncounted=[ip_network("127.0.0.1")])
    async with opened(tmp_path, counted) as server:
        inside = [await Knock.at(server, HEALTHY) for _ in range(6)]
        assert {await each.first_line() for each in inside} == {b"HTTP/1.1 200 OK\r\n"}
        for each in inside:
            each.close()


@pytest.mark.parametrize("begun", [b"", HEALTHY[:-2]])
async def test_the_first_request_has_to_come_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(connections_module, "FIRST", 0.0)
    monkeypatch.setattr(connections_module, "SWEEP", 0.02)
    async with opened(tmp_path, HttpConnections()) as server:
        asked = await Knock.at(server, HEALTHY)
        assert await asked.first_line() == b"HTTP/1.1 200 OK\r\n"
        idle = await Knock.at(server, begun)
        assert await idle.end() == b""
        await _until(lambda: server.connections.dropped == 1)
        asked.writer.write(HEALTHY)  # who asked once may keep the connection for longer
        async with asyncio.timeout(PATIENCE):
            await asked.reader.readuntil(b"HTTP/1.1 200 OK\r\n")
        asked.close()
        idle.close()


async def test_where_there_is_no_room_who_asks_nothing_makes_place_for_who_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections_module, "SPARE", 0)
    probe = os.open(os.devnull, os.O_RDONLY)
    os.close(probe)
    async with opened(tmp_path, HttpConnections(files=probe + 60)) as server:
        idle = [await Knock.at(server) for _ in range(60)]
        for _ in range(5):
            newcomer = await Knock.at(server, HEALTHY)
            assert await newcomer.first_line() == b"HTTP/1.1 200 OK\r\n"
            idle.append(newcomer)
        assert server.connections.dropped > 5
        assert await idle[0].end() == b""  # the one that waited for the longest
        assert "connections that ask nothing are ended" in caplog.text
        for each in idle:
            each.close()


def test_the_limit_of_open_files_is_raised_as_far_as_the_system_allows() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    code = "from asnity_server import listening as l; l.raise_file_limit(); print(l.file_limit())"

    def lowered() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, preexec_fn=lowered, check=True)
    assert int(done.stdout) == highest


# Answers that aren't read


async def test_an_answer_that_is_not_read_is_not_kept_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(connections_module, "UNREAD_OF_ONE", 3 * len(LARGE))
    monkeypatch.setattr(connections_module, "UNREAD", 0.1)
    monkeypatch.setattr(connections_module, "SLOWEST", 1 << 40)
    monkeypatch.setattr(connections_module, "SWEEP", 0.02)
    async with opened(tmp_path, HttpConnections()) as server:
        deaf = await Knock.at(server, WANTS_MUCH)
        closing = await Knock.at(server, WANTS_MUCH.replace(b"Host: x", b"Host: x\r\nConnection: close"))
        assert await deaf.first_line() == await closing.first_line() == b"HTTP/1.1 200 OK\r\n"
        await _until(lambda: not len(server.connections))
        assert server.connections.dropped == 2
        assert len(await deaf.end()) < len(LARGE)
        assert "doesn't read its answer" in caplog.text
        assert (await server.send("GET", "/healthz")).status == 200
        for each in (deaf, closing):
            each.close()


async def test_of_large_answers_one_leaves_so_much_unread_and_all_together_so_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections_module, "UNREAD_OF_ONE", 3 * len(LARGE))
    monkeypatch.setattr(connections_module, "UNREAD_OF_ALL", 6 * len(LARGE))
    proxy = [ip_network("127.0.0.1")]
    async with opened(tmp_path, HttpConnections(), trusted=proxy) as server:
        deaf: list[Knock] = []

        async def asks(address: str) -> bytes:
            head = f"GET /large HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\n\r\n"
            deaf.append(await Knock.at(server, head.encode()))
            return (await deaf[-1].first_line())[9:12]

        of_one = [await asks("198.51.100.7") for _ in range(8)]
        assert of_one[:3] == [b"200"] * 3
        assert set(of_one[4:]) == {b"429"}
        assert await asks("198.51.100.8") == b"200"  # somebody else's is none of theirs
        of_all = [await asks(f"198.51.100.{number}") for number in range(20, 40)]
        assert set(of_all[6:]) == {b"503"}
        waiting = sum(each.transport.get_write_buffer_size() for each in server.connections._connections.values())
        assert waiting <= 7 * len(LARGE)
        assert (await server.send("GET", "/healthz")).status == 200  # what is small is answered always
        for each in deaf:
            each.close()
        await _until(lambda: len(server.connections) <= 1)  # the test's own
        assert not {each for each in server.connections._large if not each.transport.is_closing()}
        assert (await server.send("GET", "/large")).status == 200


def test_who_reads_slowly_has_the_time_that_it_takes() -> None:
    class Wire:
        def __init__(self) -> None:
            self.waiting = 0

        def get_write_buffer_size(self) -> int:
            return self.waiting

    wire = Wire()
    guest = HttpConnection(wire, None, 0.0)  # type: ignore[arg-type]
    wire.waiting = 1_600_000
    for second in range(0, 120, 5):
        assert not HttpConnections._is_unread(guest, float(second))
        wire.waiting -= 10_000
    assert HttpConnections._is_unread(guest, 200.0)
    wire.waiting = 0
    assert not HttpConnections._is_unread(guest, 201.0)
    wire.waiting = 10
    assert not HttpConnections._is_unread(guest, 1_000.0)
    assert HttpConnections._is_unread(guest, 1_031.0)


async def test_of_an_answer_that_was_read_nothing_is_kept(tmp_path: Path) -> None:
    """The library would keep the body for as long as the connection waits for its next request."""
    async with opened(tmp_path, HttpConnections()) as server:
        gc.collect()
        before = sys.getrefcount(LARGE)
        for method in ("GET", "HEAD", "GET"):
            answer = await server.send(method, "/large")
            assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(LARGE)))
            assert len(server.connections) == 1  # and it is kept alive
            assert sys.getrefcount(LARGE) <= before


async def test_who_hangs_up_in_the_middle_of_an_answer_is_no_incident(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path, HttpConnections()) as server:
        gc.collect()
        before = sys.getrefcount(LARGE)
        gone = await Knock.at(server, WANTS_MUCH)
        await gone.first_line()
        gone.close()
        await _until(lambda: not len(server.connections))
        await _until(lambda: gc.collect() >= 0 and sys.getrefcount(LARGE) <= before)
        assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


def test_the_system_takes_little_of_what_is_not_read() -> None:
    """By itself the system takes some megabytes for each connection, and nobody counts them."""
    for listening_socket in listening.open_sockets("127.0.0.1", 0, 10):
        with listening_socket, socket.create_connection(listening_socket.getsockname()) as far:
            near, _ = listening_socket.accept()
            with near:
                near.setblocking(False)
                taken = 0
                with contextlib.suppress(BlockingIOError):
                    while taken < len(LARGE):
                        taken += near.send(LARGE[: 1 << 16])
                assert far
                assert taken < len(LARGE)
                assert near.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * listening.SENDING
