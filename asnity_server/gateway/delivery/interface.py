"""The interface of the gateway and its delivery: `Delivery` sends packets, `Receiver` gets those of clients."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import msgspec
from aiohttp import web

from asnity_server.protocol.errors import ErrorInfo


class Receiver(Protocol):
    """Receives what clients send; every call returns at once, and calls for one connection come in its order."""

    def opened(self, connection_id: str) -> None:
        """Register a new connection; it belongs to nobody yet."""

    def connect(self, connection_id: str, namespace: str, auth: str) -> None:
        """Handle a CONNECT to a namespace; `auth` is JSON as it came."""

    def event(
        self, connection_id: str, namespace: str, number: int | None, name: str, arguments: list[msgspec.Raw]
    ) -> None:
        """Handle a request; `number` is the id of its acknowledgement."""

    def unreadable(self, connection_id: str, namespace: str, number: int, name: str, why: str) -> None:
        """Refuse a request in a form that can't be read; `name` is what it seems to be."""

    def disconnect(self, connection_id: str, namespace: str) -> None:
        """Handle a DISCONNECT from a namespace."""

    def closed(self, connection_id: str) -> None:
        """Forget a connection, with all its memberships."""


class Delivery(Protocol):
    """Sends packets to clients. Calls take effect in their order, for each client.

    All calls for a connection that is gone do nothing.
    """

    def attach(self, app: web.Application, receiver: Receiver) -> None:
        """Serve `/socket.io/` in `app`, telling `receiver`; once."""

    def accept(self, connection_id: str, namespace: str, person: str) -> None:
        """Let a connection into a namespace, and say so to it; bytes that wait for it count as the person's."""

    def refuse(self, connection_id: str, namespace: str, error: ErrorInfo) -> None:
        """Answer a CONNECT with an error."""

    def expel(self, connection_id: str, namespace: str) -> None:
        """Remove a connection from a namespace, and say so to it."""

    def forget(self, connection_id: str, namespace: str) -> None:
        """Remove a connection that left a namespace by itself."""

    def enter(self, connection_id: str, namespace: str, room: str) -> None:
        """Add a connection to a room of a namespace."""

    def leave(self, connection_id: str, namespace: str, room: str) -> None:
        """Remove a connection from a room of a namespace."""

    def acknowledge(
        self, connection_id: str, namespace: str, number: int, answer: object, *, order_with: str | None = None
    ) -> None:
        """Answer a request; `order_with` as in `emit`."""

    def emit(
        self,
        namespace: str,
        room: str,
        event: str,
        data: object,
        *,
        skip: Collection[str] = (),
        ephemeral: bool = False,
        order_with: str | None = None,
    ) -> None:
        """Send an event to everyone in a room, but the connections in `skip`.

        An `ephemeral` event is dropped for a connection that reads too slowly. `order_with` names
        the channel's room in whose order this belongs; events with different rooms may be sent in any order until
        `flush`. Without it, it comes after everything sent before and before everything sent after.
        """

    def flush(self) -> None:
        """Send what was held back to be sent in one write."""

    def hold(self, connection_id: str) -> None:
        """Read nothing more from a connection until `release`.

        One that polls sends what it likes, and is answered: nothing makes it wait.
        """

    def release(self, connection_id: str) -> None:
        """See `hold`."""

    def close(self, connection_id: str) -> None:
        """End a connection, once what was sent to it is written."""

    async def shut_down(self) -> None:
        """End all connections and stop."""
