"""How the socket door makes its connection: by websocket, by polling, or not at all."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket as sockets
from collections.abc import AsyncIterator
from typing import Any

import pytest
import socketio
from aiohttp import web

from asnity_tui.client.transport.client import Unreachable
from tests.contract.harness import Recorder
from tests.fakes.proxy import proxy_to
from tests.fakes.raw_server import RawServer, raw_server

from .socket_requests import HERE, TYPING, Dial, ask_typing, namespace

# Making the connection


@pytest.mark.parametrize("opening", ["0", "0{}", "nonsense", "6", "", "0[1,2]", '0{"sid":"x"}'])
async def test_who_does_not_speak_the_protocol_is_unreachable(server: RawServer, dial: Dial, opening: str) -> None:
    server.opening = opening
    with pytest.raises(Unreachable):
        await dial(server.url)


async def test_a_server_that_stays_silent_is_unreachable(server: RawServer, dial: Dial) -> None:
    async with proxy_to(server.port) as proxy:
        proxy.stall()
        with pytest.raises(Unreachable):
            await dial(proxy.url, patience=0.1)


@pytest.mark.slow
async def test_a_websocket_that_stays_silent_is_unreachable_and_closed(server: RawServer, dial: Dial) -> None:
    server.opening = None
    with pytest.raises(Unreachable):
        await dial(server.url, patience=0.1)
    gc.collect()


async def test_nobody_at_the_address_is_unreachable(dial: Dial) -> None:
    with sockets.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="Nothing answers at"):
            await dial(f"http://127.0.0.1:{taken.getsockname()[1]}")


async def test_something_else_at_the_address_is_unreachable(server: RawServer, dial: Dial) -> None:
    server.websocket = False
    with pytest.raises(Unreachable):
        await dial(server.url)


@pytest.mark.parametrize("first", ["", '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'])
async def test_a_poll_that_is_answered_without_end_is_not_read_to_its_end(
    dial: Dial, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """Neither at the handshake nor afterwards."""
    monkeypatch.setattr("asnity_tui.client.transport.socketio_client.LARGEST_FRAME", 300_000)
    ended = asyncio.Event()
    written = 0

    async def poll(request: web.Request) -> web.StreamResponse:
        nonlocal written
        if request.query["transport"] == "websocket":
            return web.Response(status=400)
        if request.method == "POST":
            return web.Response(text="OK")
        if first and "sid" not in request.query:
            return web.Response(text=first)
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"4" * 50_000)
                written += 50_000
        except ConnectionError:
            ended.set()
        return answer

    app = web.Application()
    app.router.add_route("*", "/socket.io/", poll)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with pytest.raises(Unreachable):
        await dial(f"http://127.0.0.1:{runner.addresses[0][1]}")
    async with asyncio.timeout(10):
        await ended.wait()
    assert written < 20_000_000
    await runner.cleanup()


async def test_our_token_follows_no_redirect(server: RawServer, dial: Dial) -> None:
    async with raw_server() as other:
        app = web.Application()

        async def redirect(request: web.Request) -> web.StreamResponse:
            raise web.HTTPTemporaryRedirect(f"{other.url}{request.path_qs}")

        app.router.add_route("*", "/{path:.*}", redirect)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        with pytest.raises(Unreachable):
            await dial(f"http://127.0.0.1:{runner.addresses[0][1]}")
        await runner.cleanup()
        assert other.lines == []


async def test_nothing_is_written_to_the_terminal(
    server: RawServer, dial: Dial, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    door = await dial(server.url, HERE)
    await server.line.send("42[nonsense")
    await asyncio.sleep(0)
    await door.close()
    assert capfd.readouterr() == ("", "")


# Where no websocket gets through


@pytest.fixture
async def polling_server() -> AsyncIterator[tuple[str, socketio.AsyncServer]]:
    """A server of the library's own that speaks polling only."""
    server = socketio.AsyncServer(async_mode="aiohttp", namespaces="*", transports=["polling"])

    async def typing(namespace: str, sid: str, data: Any) -> dict[str, Any]:
        await server.emit("typing", TYPING, namespace=namespace)
        return {"ok": True}

    server.on("typing", typing, namespace="*")
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", server
    await server.shutdown()
    await runner.cleanup()


@pytest.mark.slow
async def test_polling_where_no_websocket_can_be_made(
    polling_server: tuple[str, socketio.AsyncServer], dial: Dial, heard: Recorder
) -> None:
    url, server = polling_server
    many = [f"comaaaaaaa{letter}{other}" for letter in "abcde" for other in "abcdef"]
    door = await dial(url)
    await asyncio.gather(*(door.enter(each) for each in many))
    await asyncio.gather(*(ask_typing(door, many[0]) for _ in range(40)))
    await heard.until(lambda: len(heard.told) == 40, "all events")
    for _ in range(100):
        await server.emit("typing", TYPING, namespace=namespace(many[1]))
    await heard.until(lambda: len(heard.told) == 140, "the burst")
    assert heard.lost == []
