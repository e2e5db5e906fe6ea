"""The interface between the session and a server, which every way of reaching one implements."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from asnity_server.protocol.errors import AsnityError, ErrorInfo
from asnity_server.protocol.models import Wire
from asnity_server.protocol.routes import A, R, Route, SocketRequest

ANSWER_TIMEOUT = 10.0
"""Seconds without an acknowledgement after which a connection counts as dead."""


class NoAnswer(Exception):
    """The request may or may not have taken effect: nothing came back in time, or the connection was cut meanwhile."""


class Unreachable(Exception):
    """The request never left: no connection could be made, or there is none. The text is one sentence for a person."""


RequestError: TypeAlias = AsnityError | NoAnswer | Unreachable
"""A request was refused, or nothing is known of it, or it never left."""

REQUEST_ERRORS = (AsnityError, NoAnswer, Unreachable)
"""The same, to catch."""


class Listener(Protocol):
    """The receiver of what comes from the server by itself; called on the event loop, in the order of arrival."""

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """An event of a community's namespace, or (None) of the person's own."""

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        """The server closed one community's namespace."""

    def connection_lost(self, reason: str) -> None:
        """The connection is gone, with all its namespaces; nothing more comes until `open` is called again."""


class ChatClient(Protocol):
    """One server, reached with one account's token.

    Refusals are raised as the exceptions of `protocol.errors`; `NoAnswer` and `Unreachable` are the only others.
    An answer or event that isn't what the protocol says becomes `Internal` in words, never a crash.
    """

    token: str | None
    """Sent with whatever needs one; set by whoever signs in."""

    generation: str
    """Of which generation of the server the ids in HTTP requests are; the server refuses those of another one."""

    async def call(self, route: Route[R, A], request: R) -> A:
        """One HTTP request."""

    async def open(self, listener: Listener) -> None:
        """Connect the socket and the person's own namespace; once per connection.

        Raises `Unreachable`, or `Unauthorized` for a token that isn't good (any more).
        """

    async def enter(self, community_id: str) -> None:
        """Connect a community's namespace without touching the others. Raises `AsnityError` where it is refused."""

    async def exit(self, community_id: str) -> None:
        """Disconnect a community's namespace without touching the others."""

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        """One socket request (None: in the person's own namespace), acknowledged within `ANSWER_TIMEOUT` seconds.

        Raises `Unreachable` if the namespace isn't connected.
        """

    async def close(self) -> None:
        """Drop the socket (`connection_lost` is not called for it) and all HTTP connections."""


__all__ = [
    "ANSWER_TIMEOUT",
    "REQUEST_ERRORS",
    "AsnityError",
    "ChatClient",
    "Listener",
    "NoAnswer",
    "RequestError",
    "Unreachable",
]
