"""An API program and a gateway in this process, joined by a Unix socket, behind a reverse proxy."""

from __future__ import annotations

import atexit
import functools
import itertools
import shutil
import tempfile
from collections.abc import Callable
from typing import Self

import msgspec

from asnity_server.app import Server
from asnity_server.config import ServerSettings
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.programs.gateway_program import GatewayProgram
from tests.fakes.reverse_proxy import ReverseProxy

from .deployment import CHEAP, T, api_settings, gateway_settings, host_settled

_NUMBERS = itertools.count()


@functools.cache
def link_folder() -> str:
    """Return a folder for sockets, whose paths have to be short."""
    folder = tempfile.mkdtemp(prefix="asnity-")
    atexit.register(shutil.rmtree, folder)
    return folder


class ApartDeployment:
    """See the module."""

    def __init__(self, settings: ServerSettings) -> None:
        link = (f"unix:{link_folder()}/{next(_NUMBERS)}.sock",)
        self._of_api = api_settings(settings, link)
        self._of_gateway = gateway_settings(settings, link, "g1")
        self.server: Server
        self.gateway: GatewayProgram
        self.proxy = ReverseProxy(lambda: self.server.port, {"g1": lambda: self.gateway.port})

    @property
    def url(self) -> str:
        """See `Deployment`."""
        return self.proxy.url

    @property
    def http_url(self) -> str:
        """See `Deployment`."""
        return self.server.url

    @property
    def socket_urls(self) -> tuple[str, ...]:
        """See `Deployment`."""
        return (self.gateway.url,)

    async def write(self, work: Callable[[WriteTx], T]) -> T:
        """See `Deployment`."""
        return await self.server.api.database.write(work)

    async def read(self, query: Callable[[ReadTx], T]) -> T:
        """See `Deployment`."""
        return await self.server.api.database.read(query)

    async def start(self) -> None:
        """See `Deployment`."""
        self.server, self.gateway = Server(self._of_api, hash_cost=CHEAP), GatewayProgram(self._of_gateway)
        await self.server.start()
        await self.gateway.start()
        await self.proxy.start()
        self._of_api = msgspec.structs.replace(self._of_api, port=self.server.port)
        self._of_gateway = msgspec.structs.replace(self._of_gateway, port=self.gateway.port)
        await self.write(host_settled)

    async def stop(self) -> None:
        """See `Deployment`."""
        await self.proxy.close()
        await self.gateway.drain()
        await self.server.drain()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()
