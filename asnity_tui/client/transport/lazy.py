"""A lazy client: makes the real one when it is first needed, so that the first paint waits for no network library."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from asnity_server.protocol.routes import A, R, Route, SocketRequest

from .client import ChatClient, Listener


class LazyClient:
    """A `ChatClient` in front of one that `make` makes, once."""

    def __init__(self, make: Callable[[], Awaitable[ChatClient]], token: str | None) -> None:
        self.token = token
        self.generation = ""
        self._make = make
        self._client: ChatClient | None = None
        self._one_at_a_time = asyncio.Lock()

    async def call(self, route: Route[R, A], request: R) -> A:
        """One HTTP request."""
        return await (await self._made()).call(route, request)

    async def open(self, listener: Listener) -> None:
        """Connect the socket and the person's own namespace."""
        await (await self._made()).open(listener)

    async def enter(self, community_id: str) -> None:
        """Connect a community's namespace."""
        await (await self._made()).enter(community_id)

    async def exit(self, community_id: str) -> None:
        """Disconnect a community's namespace."""
        await (await self._made()).exit(community_id)

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        """One socket request."""
        return await (await self._made()).ask(community_id, kind, request)

    async def close(self) -> None:
        """Close the client, if there is one."""
        if self._client is not None:
            await self._client.close()

    async def _made(self) -> ChatClient:
        async with self._one_at_a_time:
            if self._client is None:
                self._client = await self._make()
        self._client.token, self._client.generation = self.token, self.generation
        return self._client
