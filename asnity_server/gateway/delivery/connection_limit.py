"""The limit of connections by the address that they come from."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from asnity_server.protocol import codec
from asnity_server.protocol.errors import RateLimited

PAUSE = 10.0
"""Seconds after which it is worth trying again; nobody knows when a connection ends."""


def anywhere(request: web.Request) -> str:
    """Return one address for everyone, where nothing is counted."""
    return ""


class ConnectionLimit:
    """Counts open connections by address, and refuses handshakes beyond the limit."""

    def __init__(self, *, most: int = 0, address: Callable[[web.Request], str] = anywhere) -> None:
        """At most `most` connections from one address; 0 for any number. `address` tells where a request comes from."""
        self.address = address
        """Tells a request's address; to be called before its transport is detached, as nobody can tell afterwards."""
        self._most = most
        self._counts: dict[str, int] = {}
        self._addresses: dict[str, str] = {}
        self.refused = 0
        """Connections that were refused so far."""

    def refusal(self, request: web.Request, *, upgrading: bool = False) -> web.Response | None:
        """Return the answer to a handshake that is one too many, or None where it may go on.

        Whoever is `upgrading` has a connection already, which the new one is going to replace.
        """
        if not self._most or self._counts.get(self.address(request), 0) < self._most + upgrading:
            return None
        self.refused += 1
        error = RateLimited("Too many connections from your address. Close some first.", retry_after=PAUSE)
        return web.Response(
            status=error.status,
            body=codec.encode({"error": error.info}),
            content_type="application/json",
            headers={"Retry-After": str(int(PAUSE)), "Cache-Control": "no-store"},
        )

    def opened(self, connection_id: str, address: str) -> None:
        """Count a connection from an address."""
        if self._most:
            self._addresses[connection_id] = address
            self._counts[address] = self._counts.get(address, 0) + 1

    def closed(self, connection_id: str) -> None:
        """Uncount a connection that is gone."""
        address = self._addresses.pop(connection_id, None)
        if address is not None:
            self._counts[address] -= 1
            if not self._counts[address]:
                del self._counts[address]
