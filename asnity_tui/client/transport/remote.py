"""A server over the network: HTTP and the socket as one `ChatClient`."""

from __future__ import annotations

from asnity_server.protocol.errors import Unauthorized
from asnity_server.protocol.routes import A, R, Route, SocketRequest

from .client import ANSWER_TIMEOUT, Listener, Unreachable
from .http import TOTAL_TIMEOUT, HttpTransport
from .socket import SocketTransport


class RemoteClient:
    """One server, reached with one account's token. `base_url` is an `Address.url`; timeouts are in seconds."""

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        answer_timeout: float = ANSWER_TIMEOUT,
        total_timeout: float = TOTAL_TIMEOUT,
    ) -> None:
        self.token: str | None = token
        self.generation = ""
        self.base_url = base_url
        self._answer_timeout = answer_timeout
        self._http = HttpTransport(base_url, timeout=total_timeout)
        self._socket: SocketTransport | None = None

    async def call(self, route: Route[R, A], request: R) -> A:
        """One HTTP request."""
        return await self._http.call(route, request, token=self.token, generation=self.generation)

    async def open(self, listener: Listener) -> None:
        """Connect the socket and the person's own namespace, in place of a connection that was lost."""
        if not self.token:
            raise Unauthorized("Sign in first.")
        await self._drop_socket()
        socket = SocketTransport(self.base_url, self.token, listener, timeout=self._answer_timeout)
        await socket.open()
        self._socket = socket

    async def enter(self, community_id: str) -> None:
        """Connect a community's namespace without touching the others."""
        await self._connected().enter(community_id)

    async def exit(self, community_id: str) -> None:
        """Disconnect a community's namespace without touching the others."""
        if self._socket is not None:
            await self._socket.exit(community_id)

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        """One socket request, acknowledged in time."""
        return await self._connected().ask(community_id, kind, request)

    async def close(self) -> None:
        """Drop the socket and all HTTP connections; it may be opened again."""
        await self._drop_socket()
        await self._http.close()

    async def _drop_socket(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    def _connected(self) -> SocketTransport:
        if self._socket is None:
            raise Unreachable("Not connected.")
        return self._socket
