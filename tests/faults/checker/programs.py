"""Programs for a scenario: an API and several gateways in this process, each gateway behind an address of its own."""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from pathlib import Path
from typing import Self

import msgspec

from asnity_server.api.accounts.passwords import HashCost
from asnity_server.app import Server
from asnity_server.config import ServerSettings, without_limits
from asnity_server.programs.broadcast import LinkedGateways
from asnity_server.programs.gateway_program import GatewayProgram
from asnity_server.programs.program_settings import ApiSettings, GatewaySettings
from tests.fakes.proxy import Proxy
from tests.fakes.reverse_proxy import ReverseProxy
from tests.topology.deployment import host_settled

CHEAP = HashCost(time=1, memory=8)
LOCAL = ("127.0.0.1",)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


class LinkedPrograms:
    """One API program and some gateways, whose links go through a proxy that misbehaves when told to."""

    def __init__(self, data: Path, *, gateways: int) -> None:
        settings = without_limits(ServerSettings(port=0, data=data, registration="open", trusted_proxies=LOCAL))
        self._given = msgspec.structs.asdict(settings)
        self._count = gateways
        self.api: Server
        self.gateways: list[GatewayProgram] = []
        self.lines: list[Proxy] = []
        """The line of each gateway to the API."""
        self._fronts: list[ReverseProxy] = []
        self._link_port = 0

    @property
    def database(self) -> Path:
        """The file that holds everything."""
        return Path(self._given["data"]) / "asnity.db"

    @property
    def urls(self) -> list[str]:
        """The address of each gateway, which answers HTTP, too."""
        return [each.url for each in self._fronts]

    async def start_api(self) -> None:
        """Start the API, for the first time or again on the same addresses."""
        link = (f"tcp://127.0.0.1:{self._link_port}",)
        self.api = Server(ApiSettings(**self._given, link=link), hash_cost=CHEAP)
        await self.api.start()
        self._given["port"] = self.api.port

    async def until_linked(self) -> None:
        """Wait until all gateways are linked and were told what they missed."""
        broadcast = self.api.broadcast
        assert isinstance(broadcast, LinkedGateways)
        async with asyncio.timeout(20):
            while broadcast.links.linked < len(self.gateways) or any(  # noqa: ASYNC110 - they don't tell anybody
                each.missed_from is not None for each in broadcast.links.links
            ):
                await asyncio.sleep(0.01)

    async def __aenter__(self) -> Self:
        self._link_port = free_port()
        await self.start_api()
        await self.api.api.database.write(host_settled)
        for number in range(1, self._count + 1):
            line = Proxy("127.0.0.1", self._link_port)
            await line.start()
            self.lines.append(line)
            gateway = GatewayProgram(
                GatewaySettings(
                    port=0,
                    api=(f"tcp://127.0.0.1:{line.port}",),
                    gateway_name=f"g{number}",
                    drain=0,
                    limit_connections=0,
                    limit_packets="off",
                    trusted_proxies=LOCAL,
                )
            )
            await gateway.start()
            self.gateways.append(gateway)
            front = ReverseProxy(lambda: self.api.port, {f"g{number}": partial(getattr, gateway, "port")})
            await front.start()
            self._fronts.append(front)
        return self

    async def __aexit__(self, *error: object) -> None:
        for front in self._fronts:
            await front.close()
        for gateway in self.gateways:
            await gateway.drain()
        for line in self.lines:
            await line.close()
        await self.api.drain()
