"""Broadcasts: how committed changes reach clients, by a gateway in this process or by links to gateways elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Protocol

from aiohttp import web

from asnity_server.api.service import Api
from asnity_server.api.socket_backend import LocalBackend
from asnity_server.bus import Bus
from asnity_server.config import ServerSettings
from asnity_server.db.clock import SteadyClock
from asnity_server.db.database import Database
from asnity_server.gateway.delivery.budget import Budget
from asnity_server.gateway.delivery.connection_limit import ConnectionLimit
from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.delivery.interface import Delivery
from asnity_server.gateway.delivery.socketio_server import ConnectionPolicy
from asnity_server.gateway.delivery.stock import StockDelivery
from asnity_server.gateway.gateway import Gateway
from asnity_server.http.peers import peer_of
from asnity_server.link.address import LinkAddress, listen
from asnity_server.link.server import LinkServer
from asnity_server.link.tls import BadKeys, LinkKeys
from asnity_server.listening import CantListen
from asnity_server.metrics import Doors, Metric, of_gateway, of_link_server

from .program_settings import ApiSettings, GatewaySettings


class Broadcast(Protocol):
    """Brings what was committed to clients, and what they ask to the API."""

    numbered: bool
    """Whether the numbers of commits are stored: somebody elsewhere is told of them."""

    def start(self, api: Api, database: Database, bus: Bus) -> None:
        """Take what the bus brings from here on."""

    def attach(self, app: web.Application) -> None:
        """Serve clients' sockets, if they come to this process."""

    async def listen(self) -> None:
        """Let gateways link, if there are any. Raises `CantListen`."""

    async def revalidate(self) -> None:
        """Close the sockets of sessions that another program has ended in the database."""

    def session_ids(self) -> tuple[str, ...]:
        """Return the sessions with an open socket, wherever that is."""

    def stop_taking(self) -> None:
        """Take no new requests; those that wait are still answered."""

    async def close(self) -> None:
        """End all connections, once everything is told."""

    def metrics(self) -> Iterator[Metric]:
        """Yield the metrics of what is connected."""

    def doors(self) -> Doors:
        """Return the doors of requests that are counted here."""


def connection_policy(settings: ServerSettings | GatewaySettings) -> ConnectionPolicy:
    """Return the limits on clients' sockets."""
    proxies = settings.proxies

    def address(request: web.Request) -> str:
        return peer_of(request, proxies).address

    connection_limit = ConnectionLimit(most=settings.limit_connections, address=address)
    packets = settings.packet_rate
    return ConnectionPolicy(connection_limit, settings.limit_frame * 1024, Budget(packets.burst, packets.every))


class OwnGateway:
    """A gateway in the same process."""

    numbered = False

    def __init__(self, settings: ServerSettings) -> None:
        policy = connection_policy(settings)
        self.connection_limit = policy.connection_limit
        self._delivery: Delivery = FastDelivery(policy) if settings.delivery == "fast" else StockDelivery(policy)
        self.gateway: Gateway

    def start(self, api: Api, database: Database, bus: Bus) -> None:
        """See `Broadcast`."""
        later = asyncio.get_running_loop().call_later
        self.gateway = Gateway(LocalBackend(api), self._delivery, later=later)
        bus.attach(self.gateway.dispatcher.receive)

    def attach(self, app: web.Application) -> None:
        """See `Broadcast`."""
        self._delivery.attach(app, self.gateway)

    async def listen(self) -> None:
        """See `Broadcast`."""

    async def revalidate(self) -> None:
        """See `Broadcast`."""
        await self.gateway.revalidate()

    def session_ids(self) -> tuple[str, ...]:
        """See `Broadcast`."""
        return self.gateway.session_ids()

    def stop_taking(self) -> None:
        """See `Broadcast`."""
        self.gateway.stop_listening()

    async def close(self) -> None:
        """See `Broadcast`."""
        await self._delivery.shut_down()

    def metrics(self) -> Iterator[Metric]:
        """See `Broadcast`."""
        yield from of_gateway(self.gateway, self.connection_limit)

    def doors(self) -> Doors:
        """See `Broadcast`."""
        return {"socket": (self.gateway.requests, self.gateway.refusals)}


class LinkedGateways:
    """Gateways in programs of their own, over links."""

    numbered = True

    def __init__(self, settings: ApiSettings, clock: SteadyClock) -> None:
        self._settings = settings
        self._clock = clock
        self._servers: list[asyncio.Server] = []
        self.links: LinkServer

    def start(self, api: Api, database: Database, bus: Bus) -> None:
        """See `Broadcast`."""
        epoch, number = database.position
        self.links = LinkServer(
            LocalBackend(api),
            generation=database.generation,
            epoch=epoch,
            number=number,
            rates=api.hosting.rates,
            clock=self._clock,
        )
        bus.attach(self.links.receive)

    def attach(self, app: web.Application) -> None:
        """See `Broadcast`."""

    async def listen(self) -> None:
        """See `Broadcast`."""
        keys = LinkKeys(self._settings.keys_folder, "api") if self._settings.keys else None
        for each in self._settings.link:
            try:
                self._servers.append(await listen(LinkAddress.parse(each), self.links.accept, keys))
            except BadKeys as error:
                raise CantListen(str(error)) from None
            except OSError as error:
                why = (error.strerror or str(error)).lower()
                raise CantListen(f"Gateways can't link at {each}: {why}.") from None

    async def revalidate(self) -> None:
        """See `Broadcast`."""
        self.links.revalidate()

    def session_ids(self) -> tuple[str, ...]:
        """See `Broadcast`."""
        return self.links.session_ids()

    def stop_taking(self) -> None:
        """See `Broadcast`."""
        for each in self._servers:
            each.close()
        self.links.stop_taking()

    async def close(self) -> None:
        """See `Broadcast`."""
        self.links.close()

    def metrics(self) -> Iterator[Metric]:
        """See `Broadcast`."""
        yield from of_link_server(self.links)

    def doors(self) -> Doors:
        """See `Broadcast`."""
        return {}
