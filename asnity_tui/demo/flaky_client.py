"""A client whose connection has its bad moments in one channel, so that waiting, failing and retrying show."""

from __future__ import annotations

import asyncio

from asnity_server.protocol import routes
from asnity_server.protocol.errors import Forbidden
from asnity_server.protocol.requests import NewChat
from asnity_server.protocol.routes import A, R, Route, SocketRequest
from asnity_tui.client.transport.client import ChatClient, Listener, NoAnswer

LOST_EVERY, REFUSED_EVERY = 3, 5

SILENCE = 4.0
"""Seconds for which a lost message seems to be on its way."""


class FlakyClient:
    """Passes everything on. In one channel every third message loses its answer, and every fifth is refused.

    A lost one was stored: the session sends it again with the same nonce, and it is there once. A refused one goes
    through when it is retried.
    """

    def __init__(self, inner: ChatClient, channel_id: str) -> None:
        self.token = inner.token
        self.generation = inner.generation
        self._inner = inner
        self._channel_id = channel_id
        self._seen: list[str | None] = []

    async def call(self, route: Route[R, A], request: R) -> A:
        """One HTTP request."""
        self._inner.token, self._inner.generation = self.token, self.generation
        return await self._inner.call(route, request)

    async def open(self, listener: Listener) -> None:
        """Connect."""
        self._inner.token = self.token
        await self._inner.open(listener)

    async def enter(self, community_id: str) -> None:
        """Connect a community's namespace."""
        await self._inner.enter(community_id)

    async def exit(self, community_id: str) -> None:
        """Disconnect a community's namespace."""
        await self._inner.exit(community_id)

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        """One socket request, unless it is one of those that this is about."""
        trouble = self._trouble(request) if kind.event == routes.CHAT_NEW.event else ""
        if trouble == "refused":
            raise Forbidden("In #flaky every fifth message is refused. alt+r sends it again.")
        answer = await self._inner.ask(community_id, kind, request)
        if trouble == "lost":
            await asyncio.sleep(SILENCE)
            raise NoAnswer("In #flaky every third answer is lost.")
        return answer

    async def close(self) -> None:
        """Close."""
        await self._inner.close()

    def _trouble(self, request: object) -> str:
        if not isinstance(request, NewChat) or request.channel_id != self._channel_id or request.nonce in self._seen:
            return ""
        self._seen.append(request.nonce)
        count = len(self._seen)
        if count % REFUSED_EVERY == 0:
            return "refused"
        return "lost" if count % LOST_EVERY == 0 else ""
