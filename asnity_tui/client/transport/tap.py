"""A tap on a client: passes each new message to a callback, too."""

from __future__ import annotations

from collections.abc import Callable

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Message, Wire
from asnity_server.protocol.routes import A, R, Route, SocketRequest

from .client import ChatClient, Listener


class TappedClient:
    """A `ChatClient` in front of another; `heard` is told each new message behind its listener."""

    def __init__(self, client: ChatClient, heard: Callable[[Message], None]) -> None:
        self.token = client.token
        self._client = client
        self._heard = heard

    @property
    def generation(self) -> str:
        """The other client's."""
        return self._client.generation

    @generation.setter
    def generation(self, generation: str) -> None:
        """The other client's, too."""
        self._client.generation = generation

    async def call(self, route: Route[R, A], request: R) -> A:
        """One HTTP request."""
        return await self._client.call(route, request)

    async def open(self, listener: Listener) -> None:
        """Connect the socket and the person's own namespace."""
        await self._client.open(_Ears(listener, self._heard))

    async def enter(self, community_id: str) -> None:
        """Connect a community's namespace."""
        await self._client.enter(community_id)

    async def exit(self, community_id: str) -> None:
        """Disconnect a community's namespace."""
        await self._client.exit(community_id)

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        """One socket request."""
        return await self._client.ask(community_id, kind, request)

    async def close(self) -> None:
        """Drop the socket and all HTTP connections."""
        await self._client.close()


class _Ears:
    """A listener in front of another."""

    def __init__(self, listener: Listener, heard: Callable[[Message], None]) -> None:
        self._listener = listener
        self._heard = heard

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """An event; a new message is told to whoever overhears."""
        self._listener.event(community_id, name, payload)
        if name == "new-chat" and isinstance(payload, Message):
            self._heard(payload)

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        """The server closed one community's namespace."""
        self._listener.namespace_lost(community_id, error)

    def connection_lost(self, reason: str) -> None:
        """The connection is gone."""
        self._listener.connection_lost(reason)
