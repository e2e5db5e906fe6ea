"""API and gateway apart: in this process, joined by a real link, behind a reverse proxy."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Self

import msgspec

from asnity_server.api.service import Api
from asnity_server.api.socket_backend import LocalBackend
from asnity_server.app import Server
from asnity_server.bus import Bus
from asnity_server.config import ServerSettings
from asnity_server.db.clock import wall_clock
from asnity_server.db.database import Database
from asnity_server.db.migrations import migrate
from asnity_server.link.server import LinkServer
from tests.fakes.reverse_proxy import ReverseProxy
from tests.link.harness import LinkedProgram

from .deployment import CHEAP, host_settled

PROXY = ("127.0.0.1",)


class ApiHalf(Server):
    """The server whose commits are told to links in place of its own gateway, to which nobody comes."""

    async def _open_database(self, bus: Bus) -> None:
        await asyncio.to_thread(migrate, self._settings.database)
        self._database = await Database.open(
            self._settings.database,
            deliver=bus.publish,
            foreign_change=lambda: self._chore(self._look_again),
            clock=self._clock,
            numbered=True,
        )

    def _start_gateway(self, bus: Bus) -> None:
        super()._start_gateway(bus)
        epoch, number = self._database.position
        self.links = LinkServer(
            LocalBackend(self.api),
            generation=self._database.generation,
            epoch=epoch,
            number=number,
            rates=self._settings.rates,
            clock=wall_clock,
        )
        bus.attach(self.links.receive)

    async def _look_again(self) -> None:
        await super()._look_again()
        self.links.revalidate()

    async def drain(self) -> None:
        """See `Server`; whoever is linked is answered and told all that was taken."""
        self.links.stop_taking()
        await super().drain()
        self.links.close()


class ApartDeployment:
    """See the module."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = msgspec.structs.replace(settings, port=0, trusted_proxies=PROXY)
        self._folder = tempfile.TemporaryDirectory(prefix="asnity-")  # the paths of sockets are short
        self._link = Path(self._folder.name) / "link.sock"
        self.server: ApiHalf
        self.gateway: LinkedProgram
        self._proxy = ReverseProxy(lambda: self.server.port, {"g1": lambda: self.gateway.port})

    @property
    def url(self) -> str:
        """See `Deployment`."""
        return self._proxy.url

    @property
    def http_url(self) -> str:
        """See `Deployment`."""
        return self.server.url

    @property
    def socket_urls(self) -> tuple[str, ...]:
        """See `Deployment`."""
        return (self.gateway.url,)

    @property
    def api(self) -> Api:
        """See `Deployment`."""
        return self.server.api

    async def start(self) -> None:
        """See `Deployment`."""
        self.server = ApiHalf(self._settings, hash_cost=CHEAP)
        await self.server.start()
        self._settings = msgspec.structs.replace(self._settings, port=self.server.port)
        loop = asyncio.get_running_loop()
        self._link.parent.mkdir(exist_ok=True)
        self._listener = await loop.create_unix_server(self.server.links.accept, str(self._link))
        self.gateway = LinkedProgram("g1", str(self._link))
        await self.gateway.open()
        await self._proxy.start()
        await host_settled(self.api)

    async def stop(self) -> None:
        """See `Deployment`."""
        await self._proxy.close()
        await self.gateway.close()
        self._listener.close()
        await self.server.drain()
        self._folder.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()
