"""The gateway program: clients' sockets and a link to the API program; it stores nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from aiohttp import web

from asnity_server import __version__, listening, metrics
from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.gateway import Gateway
from asnity_server.gateway.linked_gateway import LinkedGateway
from asnity_server.gateway.remote_backend import RemoteBackend
from asnity_server.http.connections import SHARE, HttpConnections
from asnity_server.http.errors import RequestCounts, errors_answered
from asnity_server.http.health import HostRoutes
from asnity_server.http.runner import runner
from asnity_server.link.address import LinkAddress, connect
from asnity_server.link.client import LinkClient
from asnity_server.link.tls import BadKeys, LinkKeys
from asnity_server.protocol.errors import Unavailable

from .broadcast import connection_policy
from .program_settings import GatewaySettings

log = logging.getLogger(__name__)

BACKLOG = 4096
"""Connections that the kernel holds ready: after a restart all clients come back at once."""


class GatewayProgram:
    """Serves `/socket.io/` and the host's routes. `async with` starts and drains it."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self.port = settings.port
        self.welcome: tuple[str, ...] = ()
        """Lines to print at the start."""
        self._draining = False
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._keys = keys = LinkKeys(settings.keys_folder, "gateway") if settings.keys else None
        addresses = [LinkAddress.parse(each) for each in settings.api]
        connects = [partial(connect, each, keys=keys) for each in addresses]
        policy = replace(connection_policy(settings), name=settings.gateway_name)
        self._connection_limit = policy.connection_limit
        self._delivery = FastDelivery(policy)
        name = settings.gateway_name or "gateway"
        self._backend = RemoteBackend(lambda backend: LinkClient(connects, backend, name=name))
        self._gateway = Gateway(self._backend, self._delivery, later=asyncio.get_running_loop().call_later)
        self._linked = LinkedGateway(self._gateway, self._backend)
        self._backend.attach(self._linked)
        self._runner: web.AppRunner
        self._connections: HttpConnections
        self._sites: list[web.SockSite] = []

    @property
    def url(self) -> str:
        """The address for a client on the same machine."""
        return listening.here(self._settings.host, self.port)

    async def start(self) -> None:
        """Listen, and begin to link. Raises `CantListen` for an address or certificates."""
        settings, app, counts = self._settings, web.Application(), RequestCounts()
        if self._keys is not None:
            try:
                await asyncio.to_thread(self._keys.client_context)
            except BadKeys as error:
                raise listening.CantListen(str(error)) from None
        app.middlewares.append(errors_answered(counts))
        self._connections = HttpConnections(
            each=settings.limit_connections * SHARE, files=listening.file_limit(), uncounted=settings.proxies
        )
        routes = HostRoutes(
            self._require_ready,
            trusted_proxies=settings.proxies,
            readers=settings.metrics_readers,
            names=listening.own_names(settings.host),
        )
        routes.install(app)
        routes.metrics = lambda: metrics.render(self._metrics())
        self._delivery.attach(app, self._gateway)
        self._runner = runner(app, self._connections)
        await self._runner.setup()
        try:
            await self._listen()
        except (listening.CantListen, OSError):
            await self._runner.cleanup()
            raise
        self._backend.link.start()
        self.welcome = (
            f"Asnity {__version__}, gateway {settings.gateway_name or 'without a name'}, listens on {self.url}."
            f" The API is at {', '.join(settings.api)}.",
            "Stop it with ctrl+c.",
        )

    async def _listen(self) -> None:
        settings = self._settings
        sockets = await asyncio.to_thread(listening.open_sockets, settings.host, settings.port, BACKLOG)
        self.port = sockets[0].getsockname()[1]
        for each in sockets:
            self._sites.append(web.SockSite(self._runner, each, backlog=BACKLOG))
            await self._sites[-1].start()

    async def _require_ready(self) -> None:
        if self._draining:
            raise Unavailable("This gateway is about to end.", retry_after=1.0)
        if not self._backend.link.is_linked:
            raise Unavailable(self._backend.link.problem.sentence, retry_after=1.0)

    def _metrics(self) -> Iterator[metrics.Metric]:
        yield from metrics.of_process()
        yield from metrics.of_link_client(self._backend, self._linked.mending)
        yield from metrics.of_gateway(self._gateway, self._connection_limit)
        yield from metrics.of_doors({"socket": (self._gateway.requests, self._gateway.refusals)})
        yield from metrics.of_http(self._connections)

    def stop(self) -> None:
        """Begin to drain; called again, end at once."""
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    async def wait_until_stopped(self) -> None:
        """Wait until somebody calls `stop`."""
        await self._stopping.wait()

    async def drain(self) -> None:
        """Let no new clients in, let those that are there go one after the other, and end."""
        self._draining = True
        for site in self._sites:
            await site.stop()
        await self._gateway.drain(self._settings.drain, hurry=self._hurry)
        self._gateway.stop_listening()
        await self._backend.link.close()
        await self._delivery.shut_down()
        await self._runner.cleanup()

    async def __aenter__(self) -> GatewayProgram:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.drain()
