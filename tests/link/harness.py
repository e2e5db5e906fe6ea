"""An API and any number of gateways in one process, joined by real links, and clients of the gateways."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from asnity_server.api import messages
from asnity_server.api.service import Api, HostSettings
from asnity_server.api.socket_backend import LocalBackend
from asnity_server.bus import Bus
from asnity_server.db.clock import wall_clock
from asnity_server.db.database import Database
from asnity_server.db.migrations import migrate
from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.delivery.interface import Delivery
from asnity_server.gateway.gateway import Gateway
from asnity_server.gateway.linked_gateway import LinkedGateway
from asnity_server.gateway.remote_backend import RemoteBackend
from asnity_server.link.client import LinkClient
from asnity_server.link.server import LinkServer
from asnity_server.link.stream import Stream
from asnity_server.protocol import requests
from asnity_server.rate_limits import Rates
from tests.gateway.harness import Client, GatewayHarness, Person


class LinkedProgram:
    """A gateway with its link, on a port of its own."""

    def __init__(self, name: str, path: str, delivery: Delivery | None = None) -> None:
        self.delivery = delivery or FastDelivery()
        self.backend = RemoteBackend(lambda backend: LinkClient([self._connect], backend, name=name))
        self.gateway = Gateway(self.backend, self.delivery, later=asyncio.get_running_loop().call_later)
        self.linked = LinkedGateway(self.gateway, self.backend)
        self.backend.attach(self.linked)
        self.path = path
        self.streams: list[Stream] = []
        """Its connections so far."""

    async def _connect(self, make: object) -> Stream:
        _, stream = await asyncio.get_running_loop().create_unix_connection(make, self.path)  # type: ignore[call-overload]
        self.streams.append(stream)
        return stream  # type: ignore[no-any-return]

    async def open(self) -> None:
        """Start listening and linking."""
        app = web.Application()
        self.delivery.attach(app, self.gateway)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.port: int = self.runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.backend.link.start()

    def cut(self) -> None:
        """Cut its link."""
        self.streams[-1].close("cut by the test")

    async def close(self) -> None:
        """Stop."""
        await self.backend.link.close()
        await self.delivery.shut_down()
        await self.runner.cleanup()


class LinkHarness(GatewayHarness):
    """People of one API, with devices at several gateways."""

    def __init__(self, path: Path, rates: Rates | None = None, gateways: int = 1) -> None:
        super().__init__(path, FastDelivery(), rates)
        self.socket = str(path.with_name("link.sock"))
        """The path at which gateways link."""
        self._count = gateways
        self.gateways: list[LinkedProgram] = []

    async def open(self) -> None:
        """Start everything."""
        await self.open_api()
        await self.listen()
        for number in range(self._count):
            program = LinkedProgram(f"g{number + 1}", self.socket)
            self.gateways.append(program)
            await program.open()
        if self.gateways:
            self.url = self.gateways[0].url

    async def open_api(self) -> None:
        """Start the API, for the first time or again; gateways can't reach it yet."""
        await asyncio.to_thread(migrate, self._path)
        bus = Bus()
        self.database = await Database.open(self._path, deliver=bus.publish, numbered=True)
        self.api = Api(self.database, HostSettings(rates=self._rates))
        epoch, number = self.database.position
        self.links = LinkServer(
            LocalBackend(self.api),
            generation=self.database.generation,
            epoch=epoch,
            number=number,
            rates=self._rates,
            clock=wall_clock,
        )
        bus.attach(self.links.receive)

    async def listen(self) -> None:
        """Let the gateways reach the API."""
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(Path(self.socket).unlink, missing_ok=True)
        self._listener = await loop.create_unix_server(self.links.accept, self.socket)

    async def close_api(self) -> None:
        """Stop the API in order."""
        self._listener.close()
        self.links.stop_taking()
        await self.database.close()
        self.links.close()
        self.api.close()

    async def post(self, person: Person, channel_id: str, content: str) -> None:
        """Write a message as HTTP would."""
        await self.do(person, messages.post, requests.NewChat(channel_id=channel_id, content=content))

    async def close(self) -> None:
        """Stop everything."""
        for client in self.clients:
            if client.sio.connected:
                await client.sio.disconnect()
        for program in self.gateways:
            await program.close()
        await self.close_api()

    async def client_at(self, gateway: int, person: Person, *community_ids: str) -> Client:
        """Connect a standard client to one of the gateways."""
        self.url = self.gateways[gateway].url
        return await self.client(person, *community_ids, own=True)


class LinkedGatewayHarness(LinkHarness):
    """One gateway with its link, in the place of one that is embedded."""

    def __init__(self, path: Path, delivery: Delivery, rates: Rates | None = None) -> None:
        super().__init__(path, rates, gateways=0)
        self.delivery = delivery

    async def open(self) -> None:
        """Start everything."""
        await super().open()
        program = LinkedProgram("g1", self.socket, self.delivery)
        self.gateways.append(program)
        await program.open()
        self.gateway, self.port, self.url, self._runner = program.gateway, program.port, program.url, program.runner
