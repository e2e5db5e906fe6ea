"""A client that polls by hand, so that a test can do what no library does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from asnity_server.gateway.delivery.socketio_server import SocketServer
from tests.gateway.harness import PATIENCE, GatewayHarness

DOOR = "/socket.io/?EIO=4"
SEPARATOR = "\x1e"


class Poller:
    """One connection by polling; every request may have a TCP connection of its own."""

    def __init__(self, http: aiohttp.ClientSession, url: str, opening: dict[str, Any]) -> None:
        self.http = http
        self.opening = opening
        self.sid: str = opening["sid"]
        self.url = f"{url}{DOOR}&transport=polling&sid={self.sid}"
        self._websocket = f"{url}{DOOR}&transport=websocket&sid={self.sid}"

    async def post(self, *packets: str, **options: Any) -> int:
        """Send packets; the status of the answer."""
        body = options.pop("data", SEPARATOR.join(packets).encode())
        async with asyncio.timeout(PATIENCE), self.http.post(self.url, data=body, **options) as answer:
            await answer.read()
            return answer.status

    async def poll(self) -> list[str]:
        """The packets that come next; none where the connection is over."""
        async with asyncio.timeout(PATIENCE), self.http.get(self.url) as answer:
            text = await answer.text()
            return text.split(SEPARATOR) if answer.status == 200 else []

    async def until(self, beginning: str) -> str:
        """Poll until a packet begins like that."""
        while True:
            for packet in await self.poll():
                if packet.startswith(beginning):
                    return packet

    async def enter(self, namespace: str, token: str) -> None:
        """Connect to a namespace."""
        assert await self.post(f"40{namespace},{json.dumps({'token': token})}") == 200
        await self.until(f"40{namespace},")

    async def probe(self) -> aiohttp.ClientWebSocketResponse:
        """Open a websocket beside polling. Raises `WSServerHandshakeError` where it is refused."""
        return await self.http.ws_connect(self._websocket)


@asynccontextmanager
async def polling(harness: GatewayHarness, url: str | None = None) -> AsyncIterator[Poller]:
    """A connection by polling, at the harness or at a proxy before it."""
    place = url or harness.url
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
        async with http.get(f"{place}{DOOR}&transport=polling") as answer:
            assert answer.status == 200
            opening = json.loads((await answer.text())[1:])
        yield Poller(http, place, opening)


def server_of(harness: GatewayHarness) -> SocketServer:
    """The server of the library that is in a delivery."""
    server: SocketServer = harness.delivery._server  # type: ignore[attr-defined]
    return server


async def emptied(harness: GatewayHarness) -> None:
    """Wait until the server knows of no connection any more."""
    server = server_of(harness)
    async with asyncio.timeout(PATIENCE):
        while server.eio.sockets or server.connection_ids or harness.gateway.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
