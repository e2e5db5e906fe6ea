"""How many sockets an address has is counted where they are opened: over real sockets, with the real address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from asnity_server.api.accounts.passwords import HashCost
from asnity_server.app import Server, ServerSettings
from asnity_server.http.peers import peer_of

CHEAP = HashCost(time=1, memory=8)
MOST = 3
WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"
POLLING = "/socket.io/?EIO=4&transport=polling"
PROXIES = [ip_network("127.0.0.1")]


@pytest.fixture
async def server(tmp_path: Path, delivery: str) -> AsyncIterator[Server]:
    """A server that lets three sockets of an address in, and believes a proxy on its own machine."""
    settings = ServerSettings(
        port=0, data=tmp_path, limit_connections=MOST, trusted_proxies=("127.0.0.1",), delivery=delivery  # type: ignore[arg-type]
    )  # fmt: skip
    async with Server(settings, hash_cost=CHEAP) as server:
        yield server


async def _open(stack: AsyncExitStack, server: Server, **headers: str) -> aiohttp.ClientWebSocketResponse | None:
    """A direct websocket, greeted; None where it is refused as one too many."""
    http = await stack.enter_async_context(aiohttp.ClientSession(server.url))
    try:
        socket = await http.ws_connect(WEBSOCKET, headers=headers)
    except aiohttp.WSServerHandshakeError as refused:
        if refused.status != 429:
            raise
        return None
    stack.push_async_callback(socket.close)
    assert (await socket.receive_str(timeout=10)).startswith("0{")
    return socket


async def test_direct_websockets_of_an_address_are_counted_and_the_next_is_refused(server: Server) -> None:
    async with AsyncExitStack() as stack:
        opened = await asyncio.gather(*(_open(stack, server) for _ in range(MOST * 5)))
        inside = [each for each in opened if each is not None]
        assert len(inside) == MOST
        await inside[0].close()
        async with asyncio.timeout(10):
            while True:  # one that goes makes room, once the server knows
                if await _open(stack, server) is not None:
                    break
                await asyncio.sleep(0.01)
        assert await _open(stack, server) is None


async def test_behind_a_proxy_each_address_is_counted_by_itself(server: Server) -> None:
    async with AsyncExitStack() as stack:
        for address in ("198.51.100.7", "198.51.100.8", "2001:db8::1"):
            came = [await _open(stack, server, **{"X-Forwarded-For": address}) for _ in range(MOST + 2)]
            assert [each is not None for each in came] == [True] * MOST + [False] * 2
        assert await _open(stack, server, **{"X-Forwarded-For": "2001:db8::2"}) is None  # of the same /64


async def test_polling_and_websockets_count_together(server: Server) -> None:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(server.url))
        for _ in range(MOST - 1):
            async with http.get(POLLING) as answer:
                assert answer.status == 200
        assert await _open(stack, server) is not None
        assert await _open(stack, server) is None
        async with http.get(POLLING) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "10")


async def test_where_a_request_comes_from_is_asked_while_it_still_has_its_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its transport was taken over, a request would say of everyone that they come from nowhere."""
    asked: list[bool] = []

    def address(request: web.Request) -> str:
        asked.append(request.transport is not None)
        return peer_of(request, PROXIES).address

    monkeypatch.setattr(server.broadcast.connection_limit, "address", address)
    async with AsyncExitStack() as stack:
        assert await _open(stack, server) is not None
        http = await stack.enter_async_context(aiohttp.ClientSession(server.url))
        async with http.get(POLLING) as answer:
            sid = (await answer.text()).split('"')[3]
        probe = await http.ws_connect(f"{WEBSOCKET}&sid={sid}")
        await probe.send_str("2probe")
        assert await probe.receive_str(timeout=10) == "3probe"
        await probe.close()
    assert asked
    assert all(asked)
