"""API and gateway apart: in this process, joined by a real link, behind a reverse proxy."""

from __future__ import annotations

import tempfile
from typing import Self

import msgspec

from asnity_server.api.service import Api
from asnity_server.app import Server
from asnity_server.config import ServerSettings
from asnity_server.programs.gateway_program import GatewayProgram
from asnity_server.programs.program_settings import ApiSettings, GatewaySettings
from tests.fakes.reverse_proxy import ReverseProxy

from .deployment import CHEAP, host_settled

PROXY = ("127.0.0.1",)


class ApartDeployment:
    """See the module."""

    def __init__(self, settings: ServerSettings) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="asnity-")  # the paths of sockets are short
        link = (f"unix:{self._folder.name}/link.sock",)
        given = {**msgspec.structs.asdict(settings), "port": 0, "trusted_proxies": PROXY}
        self._settings = ApiSettings(**given, link=link)
        shared = {name: given[name] for name in ("limit_connections", "limit_packets", "limit_frame")}
        self._at_gateway = GatewaySettings(
            port=0, api=link, gateway_name="g1", drain=0, trusted_proxies=PROXY, **shared
        )
        self.server: Server
        self.gateway: GatewayProgram
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
        self.server = Server(self._settings, hash_cost=CHEAP)
        await self.server.start()
        self._settings = msgspec.structs.replace(self._settings, port=self.server.port)
        self.gateway = GatewayProgram(self._at_gateway)
        await self.gateway.start()
        self._at_gateway = msgspec.structs.replace(self._at_gateway, port=self.gateway.port)
        await self._proxy.start()
        await host_settled(self.api)

    async def stop(self) -> None:
        """See `Deployment`."""
        await self._proxy.close()
        await self.gateway.drain()
        await self.server.drain()
        self._folder.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()
