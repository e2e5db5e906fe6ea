"""What the gateway needs of a way to deliver, and what such a way tells the gateway."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import msgspec
from aiohttp import web

from asnity_server.protocol.errors import ErrorInfo


class Receiver(Protocol):
    """Hears what clients send; every call returns at once, and calls for one connection come in its order."""

    def opened(self, link: str) -> None:
        """A connection was made; it belongs to nobody yet."""

    def connect(self, link: str, namespace: str, auth: str) -> None:
        """A client asks for a namespace; `auth` is JSON as it came."""

    def event(self, link: str, namespace: str, number: int | None, name: str, arguments: list[msgspec.Raw]) -> None:
        """A client asks for something; `number` is where the acknowledgement belongs."""

    def unreadable(self, link: str, namespace: str, number: int, name: str, why: str) -> None:
        """A client asked for something in a form that can't be read; `name` is what it seems to be."""

    def disconnect(self, link: str, namespace: str) -> None:
        """A client left a namespace."""

    def closed(self, link: str) -> None:
        """A connection is gone, with all that it was in."""


class Delivery(Protocol):
    """Brings packets to clients. Whatever is called in some order takes effect in that order, for each client.

    `link` names a connection; all calls for one that is gone do nothing.
    """

    def attach(self, app: web.Application, receiver: Receiver) -> None:
        """Serve `/socket.io/` in `app`, telling `receiver`; once."""

    def accept(self, link: str, namespace: str, person: str) -> None:
        """Let a connection into a namespace, and tell it so; what waits for it is counted for a person."""

    def refuse(self, link: str, namespace: str, error: ErrorInfo) -> None:
        """Tell a connection that it may not enter a namespace."""

    def expel(self, link: str, namespace: str) -> None:
        """Take a connection out of a namespace, and tell it so."""

    def forget(self, link: str, namespace: str) -> None:
        """A connection left a namespace by itself."""

    def enter(self, link: str, namespace: str, room: str) -> None:
        """From here on, what goes to `room` reaches this connection."""

    def leave(self, link: str, namespace: str, room: str) -> None:
        """From here on, what goes to `room` doesn't reach this connection."""

    def acknowledge(self, link: str, namespace: str, number: int, answer: object, *, along: str | None = None) -> None:
        """Answer a request; `along` as in `tell`."""

    def tell(
        self,
        namespace: str,
        room: str,
        event: str,
        data: object,
        *,
        but: Collection[str] = (),
        ephemeral: bool = False,
        along: str | None = None,
    ) -> None:
        """Send an event to everyone in a room, but the links in `but`.

        What is `ephemeral` is dropped for a connection that doesn't read as fast as it is told things. `along` names
        the channel's room in whose order this belongs; things along different rooms may be sent in any order until
        `flush`. Without it, it comes behind everything said before and ahead of everything said after.
        """

    def flush(self) -> None:
        """Everything that belongs together has been said: send what was held back to be sent at once."""

    def hold(self, link: str) -> None:
        """Take nothing more from a connection until `release`.

        One that polls sends what it likes, and is answered: nothing makes it wait.
        """

    def release(self, link: str) -> None:
        """See `hold`."""

    def close(self, link: str) -> None:
        """End a connection, once what was said to it is sent."""

    async def shut_down(self) -> None:
        """End all connections and stop."""
