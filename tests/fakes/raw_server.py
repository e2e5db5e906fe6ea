"""A server made by hand, for what no library would say: nonsense, late, twice or never."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

_PACKET = re.compile(r"(?P<kind>4[0-6])(?P<namespace>/[^,]*)?,?(?P<id>\d+)?(?P<data>.*)", re.DOTALL)

OPEN = '0{"sid":"raw","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'


class Line:
    """One websocket that a client has opened."""

    def __init__(self, ws: web.WebSocketResponse) -> None:
        self.ws = ws
        self.received: list[str] = []

    async def send(self, text: str) -> None:
        """Send any text as one frame."""
        await self.ws.send_str(text)

    async def event(self, namespace: str, name: str, *payload: Any) -> None:
        """Send an event."""
        await self.send(f"42{namespace},{json.dumps([name, *payload])}")

    async def acknowledge(self, namespace: str, number: int, *payload: Any) -> None:
        """Answer a request."""
        await self.send(f"43{namespace},{number}{json.dumps(list(payload))}")


Answer = Callable[[Line, str, int, list[Any]], Awaitable[None]]


class RawServer:
    """Speaks just enough Engine.IO and Socket.IO; every part can be replaced by the test.

    Namespaces are accepted, unless `refusals` says how not. Requests are kept in `asked`, and given to `answer`.
    HTTP requests beside the socket are given to `http`.
    """

    def __init__(self) -> None:
        self.port = 0
        self.opening: str | None = OPEN
        self.websocket = True
        self.refusals: dict[str, Any] = {}
        self.auths: list[Any] = []
        self.asked: list[tuple[str, int, list[Any]]] = []
        self.lines: list[Line] = []
        self.answer: Answer | None = None
        self.http: Callable[[web.Request], Awaitable[web.StreamResponse]] = _nothing_here
        self._changed = asyncio.Event()

    @property
    def url(self) -> str:
        """The address of this server, as a client takes it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def line(self) -> Line:
        """The last websocket that was opened."""
        return self.lines[-1]

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait until something holds."""
        while not seen():
            self._changed.clear()
            await self._changed.wait()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request that comes."""
        if request.path != "/socket.io/":
            return await self.http(request)
        if not self.websocket or request.query.get("transport") != "websocket":
            return web.Response(status=400, text="no")
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        line = Line(ws)
        self.lines.append(line)
        if self.opening is not None:
            await line.send(self.opening)
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                line.received.append(message.data)
                await self._packet(line, message.data)
                self._changed.set()
        return ws

    async def _packet(self, line: Line, text: str) -> None:
        packet = _PACKET.fullmatch(text)
        if packet is None:
            return
        namespace = packet["namespace"] or "/"
        data = json.loads(packet["data"]) if packet["data"] else None
        if packet["kind"] == "40":
            self.auths.append(data)
            if namespace in self.refusals:
                await line.send(f"44{namespace},{json.dumps(self.refusals[namespace])}")
            else:
                await line.send(f'40{namespace},{{"sid":"{len(line.received)}"}}')
        elif packet["kind"] == "42":
            number = int(packet["id"] or -1)
            assert isinstance(data, list)
            self.asked.append((namespace, number, data))
            if self.answer is not None:
                await self.answer(line, namespace, number, data)


async def _nothing_here(request: web.Request) -> web.StreamResponse:
    return web.Response(status=404, text="nothing here")


@asynccontextmanager
async def raw_server() -> AsyncIterator[RawServer]:
    """Such a server on a free port, while the test needs it."""
    server = RawServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        for line in server.lines:
            await line.ws.close()
        await runner.cleanup()
