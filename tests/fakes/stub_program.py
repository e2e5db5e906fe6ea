"""A stub program stands behind a proxy and says which one it is, and what reached it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


class StubProgram:
    """A program that says who it is, and where it was asked from."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Its name, the address that it was told, and what it was sent; a websocket echoes."""
        if "Upgrade" in request.headers:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await socket.send_str(self.name)
            async for message in socket:
                await socket.send_str(message.data)
            return socket
        body = await request.text()
        return web.json_response([self.name, request.headers.get("X-Forwarded-For"), body])

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Serve, on the same port each time."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        self.port = runner.addresses[0][1]
        yield
        await runner.cleanup()
