"""HTTP connections: limits on their number by address, and on the time to ask and to read the answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from asnity_server.protocol import codec
from asnity_server.protocol.errors import AsnityError, RateLimited, Unavailable

from .errors import HEADERS, ErrorBody
from .peers import Network, connection_of

log = logging.getLogger(__name__)

SHARE = 4
"""Connections of one address for each socket that it may have: beside it, clients ask over HTTP."""

FIRST = 10.0
"""Seconds that a new connection has for its first request."""

SWEEP = 5.0
"""Seconds between two looks at who is late."""

UNREAD = 30.0
"""Seconds that an answer may wait to be read; large ones have more."""

SLOWEST = 16 * 1024
"""Bytes a second that a client reads at least of a large answer."""

LARGE = 64 * 1024
"""Bytes of an answer that is counted while it isn't read."""

UNREAD_OF_ONE = 8 * 1024 * 1024
"""Bytes of large answers that one person has asked for and not read yet."""

UNREAD_OF_ALL = 64 * 1024 * 1024
"""The same of everyone together."""

SPARE = 64
"""Files that are kept free of connections, for the database and whatever else is opened."""

SAY_EVERY = 60.0
"""Seconds between two words in the log about connections that were refused."""

PAUSE = 10.0
"""Seconds after which it is worth trying again."""


@dataclass(eq=False, slots=True)
class HttpConnection:
    """One connection that speaks HTTP."""

    transport: asyncio.Transport
    address: str | None
    """None for one that isn't counted."""
    opened: float
    unread_since: float | None = None
    unread: int = 0
    """Bytes that waited for it then."""
    person: str = ""
    """The person or address whose large answers wait."""


class HttpConnections:
    """All connections that speak HTTP, in the order in which they opened; one that becomes a websocket leaves."""

    def __init__(
        self,
        *,
        each: int = 0,
        files: int = 0,
        uncounted: Sequence[Network] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """At most `each` connections from one address, but those in `uncounted`; 0 for any number.

        `files` is how many the system lets this program open; 0 where nobody knows.
        """
        self._each = each
        self._files = files - min(SPARE, files // 4)
        self._uncounted = uncounted
        self._clock = clock
        self._connections: dict[RequestHandler, HttpConnection] = {}
        self._counts: dict[str, int] = {}
        self._large: set[HttpConnection] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._said = float("-inf")
        self.refused = 0
        """Connections that were refused so far."""
        self.dropped = 0
        """Connections that were ended so far: they asked nothing, or didn't read what they were answered."""

    def __len__(self) -> int:
        return len(self._connections)

    # Coming and going

    def opened(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """A connection was opened."""
        address = connection_of(transport, self._uncounted)
        connection = self._connections[handler] = HttpConnection(
            transport, address if self._each else None, self._clock()
        )
        if connection.address is not None:
            self._counts[connection.address] = self._counts.get(connection.address, 0) + 1
            if self._counts[connection.address] > self._each:
                error: AsnityError = RateLimited(
                    "Too many connections from your address. Close some first.", retry_after=PAUSE
                )
                self._refuse(transport, error, f"{connection.address} has {self._each} connections already")
                return
        if self._files and _number(transport) >= self._files and not self._make_room():
            error = Unavailable("The server has no room for another connection.", retry_after=PAUSE)
            self._refuse(transport, error, f"there is room for {self._files} files, and all of it is in use")
            return
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(SWEEP, self._sweep)

    def left(self, handler: RequestHandler) -> None:
        """A connection is gone, or carries a websocket from here on."""
        connection = self._connections.pop(handler, None)
        if connection is None:
            return
        self._large.discard(connection)
        if connection.address is not None:
            self._counts[connection.address] -= 1
            if not self._counts[connection.address]:
                del self._counts[connection.address]

    def _refuse(self, transport: asyncio.Transport, error: AsnityError, why: str) -> None:
        self.refused += 1
        self._say("connections are refused: %s", why)
        transport.pause_reading()
        transport.write(_answer(error))
        asyncio.get_running_loop().call_soon(transport.close)  # the library isn't ready for the end at the beginning

    def _make_room(self) -> bool:
        """End the connection that has been waiting for a request for the longest."""
        for handler, connection in self._connections.items():
            if handler._waiter is not None and not connection.transport.is_closing():
                self._say("connections that ask nothing are ended: there is room for %s files", self._files)
                self._drop(connection)
                return True
        return False

    def _drop(self, connection: HttpConnection) -> None:
        self.dropped += 1
        connection.transport.abort()

    def _say(self, text: str, what: object) -> None:
        if self._clock() - self._said >= SAY_EVERY:
            self._said = self._clock()
            log.warning(text, what)

    # Answers that aren't read

    def check(self, handler: RequestHandler, person: str, size: int) -> None:
        """Count an answer. Raises `RateLimited` or `Unavailable` where too much of others isn't read yet."""
        connection = self._connections.get(handler)
        if size < LARGE or connection is None:
            return
        unread = {each: each.transport.get_write_buffer_size() for each in self._large}
        self._large = {each for each, waiting in unread.items() if waiting}
        theirs, all_together = sum(n for each, n in unread.items() if each.person == person), sum(unread.values())
        if theirs and theirs + size > UNREAD_OF_ONE:
            raise RateLimited("You haven't read the answers to your last requests.", retry_after=PAUSE)
        if all_together and all_together + size > UNREAD_OF_ALL:
            raise Unavailable("The server has too many answers that aren't read.", retry_after=PAUSE)
        connection.person = person
        self._large.add(connection)

    # Who is late

    def _sweep(self) -> None:
        self._sweeping = None
        now = self._clock()
        for handler, connection in list(self._connections.items()):
            if handler._request_count == 0 and now - connection.opened > FIRST:
                self._drop(connection)
            elif self._is_unread(connection, now):
                log.info("closing a connection that doesn't read its answer")
                self._drop(connection)
        if self._connections:
            self._sweeping = asyncio.get_running_loop().call_later(SWEEP, self._sweep)

    @staticmethod
    def _is_unread(connection: HttpConnection, now: float) -> bool:
        """Whether bytes have waited for too long: also those of a connection that is closed behind them."""
        waiting = connection.transport.get_write_buffer_size()
        if not waiting:
            connection.unread_since = None
        elif connection.unread_since is None:
            connection.unread_since, connection.unread = now, waiting
        else:
            return now - connection.unread_since > UNREAD + connection.unread / SLOWEST
        return False

    def close(self) -> None:
        """Look no more."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None


class _Server(web.Server):
    """aiohttp's server, which reports its connections."""

    counted: HttpConnections

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """See `Server`."""
        super().connection_made(handler, transport)
        self.counted.opened(handler, transport)

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """See `Server`."""
        super().connection_lost(handler, exc)
        self.counted.left(handler)


class Runner(web.AppRunner):
    """aiohttp's runner, whose server reports its connections."""

    __slots__ = ("_counted",)

    def __init__(self, app: web.Application, connections: HttpConnections, **options: Any) -> None:
        super().__init__(app, **options)
        self._counted = connections

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Server  # the library names its class itself
        server.counted = self._counted  # type: ignore[attr-defined]
        return server

    async def cleanup(self) -> None:
        """See `AppRunner`."""
        await super().cleanup()
        self._counted.close()


async def sent(request: web.Request, response: web.StreamResponse) -> None:
    """Send an answer and let go of its body, which the library would keep until the connection's next request."""
    try:
        await response.prepare(request)
        await response.write_eof()
    except ConnectionError:
        return  # the library will notice, too, and knows what to do
    if isinstance(response, web.Response):
        response.body = None


def _number(transport: asyncio.Transport) -> int:
    """The number of a connection's file: systems give the lowest that is free."""
    found: int = transport.get_extra_info("socket").fileno()
    return found


def _answer(error: AsnityError) -> bytes:
    """A refusal of somebody who hasn't asked yet."""
    body = codec.encode(ErrorBody(error.info))
    lines = [f"HTTP/1.1 {error.status} Refused", f"Retry-After: {int(PAUSE)}", "Connection: close"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in HEADERS.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
