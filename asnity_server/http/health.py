"""Routes for the server's host: health, readiness and metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence

from aiohttp import web

from asnity_server.protocol import codec
from asnity_server.protocol.errors import NotFound

from .errors import HEADERS
from .peers import Network, is_one_of

METRICS = "text/plain; version=0.0.4; charset=utf-8"
"""The content type of Prometheus' text format."""


class HostRoutes:
    """The routes that no client needs."""

    def __init__(
        self,
        ready: Callable[[], Awaitable[object]],
        *,
        trusted_proxies: Sequence[Network],
        readers: Sequence[Network],
        names: Collection[str],
    ) -> None:
        """`ready` raises `AsnityError` where the program can't do its work.

        `readers` may see the metrics besides this machine, which is called `names` on itself.
        """
        self._is_ready = ready
        self._trusted = trusted_proxies
        self._readers = readers
        self._names = names
        self.metrics: Callable[[], str] | None = None
        """Set by who knows them all."""

    def install(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get("/healthz", self._healthy)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)

    async def _healthy(self, request: web.Request) -> web.StreamResponse:
        return _json({"status": "ok"})

    async def _ready(self, request: web.Request) -> web.StreamResponse:
        await self._is_ready()
        return _json({"status": "ready"})

    async def _metrics(self, request: web.Request) -> web.StreamResponse:
        if self.metrics is None or not is_one_of(request, self._trusted, self._readers, self._names):
            raise NotFound("Not found.")
        return web.Response(body=self.metrics().encode(), headers={**HEADERS, "Content-Type": METRICS})


def _json(answer: dict[str, str]) -> web.Response:
    return web.Response(body=codec.encode(answer), content_type="application/json", headers=HEADERS)
