"""Deployments: the server put together in each of the ways in which it can be hosted, behind the same few addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self, TypeVar
from urllib.parse import urlsplit

import msgspec

from asnity_server.api.accounts import users
from asnity_server.api.accounts.passwords import HashCost
from asnity_server.app import Server
from asnity_server.config import ServerSettings
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.programs.program_settings import ApiSettings, GatewaySettings

T = TypeVar("T")

CHEAP = HashCost(time=1, memory=8)
"""Passwords that guard nothing need not be slow to check."""


class Deployment(Protocol):
    """A running server, of one program or of several. It may be stopped and started again, on the same addresses."""

    url: str
    """The one address that people know."""
    http_url: str
    """Where HTTP is answered, without anything between."""
    socket_urls: tuple[str, ...]
    """Where sockets are, one for each gateway, without anything between."""

    async def write(self, work: Callable[[WriteTx], T]) -> T:
        """Set a scene: carry out a work on the database.

        Where the programs are processes it is done beside them: noticed, but told to nobody.
        """

    async def read(self, query: Callable[[ReadTx], T]) -> T:
        """Look at what is stored."""

    async def start(self) -> None:
        """Listen."""

    async def stop(self) -> None:
        """Drain."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *error: object) -> None: ...


Topology = Callable[[ServerSettings], Deployment]
"""A way to host the server: makes a deployment that isn't started yet."""


class EmbeddedDeployment:
    """API, HTTP and gateway in one program, in this process."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self.server: Server
        self.url = ""

    @property
    def http_url(self) -> str:
        """See `Deployment`."""
        return self.url

    @property
    def socket_urls(self) -> tuple[str, ...]:
        """See `Deployment`."""
        return (self.url,)

    async def write(self, work: Callable[[WriteTx], T]) -> T:
        """See `Deployment`."""
        return await self.server.api.database.write(work)

    async def read(self, query: Callable[[ReadTx], T]) -> T:
        """See `Deployment`."""
        return await self.server.api.database.read(query)

    async def start(self) -> None:
        """See `Deployment`."""
        self.server = Server(self._settings, hash_cost=CHEAP)
        await self.server.start()
        self._settings = msgspec.structs.replace(self._settings, port=self.server.port)
        self.url = self.server.url

    async def stop(self) -> None:
        """See `Deployment`."""
        await self.server.drain()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()


class StockDeployment(EmbeddedDeployment):
    """The same, with the libraries' own delivery."""

    def __init__(self, settings: ServerSettings) -> None:
        super().__init__(msgspec.structs.replace(settings, delivery="stock"))


PROXIES = ("127.0.0.1",)
"""Whose word on people's addresses counts where programs are apart."""


def api_settings(settings: ServerSettings, link: tuple[str, ...], *, keys: str = "") -> ApiSettings:
    """Return the settings of the API program of a server that is to be like one program with `settings`."""
    fields = {**msgspec.structs.asdict(settings), "port": 0, "trusted_proxies": PROXIES}
    return ApiSettings(**fields, link=link, keys=keys)


def gateway_settings(settings: ServerSettings, api: tuple[str, ...], name: str, *, keys: str = "") -> GatewaySettings:
    """Return the settings of a gateway of it."""
    return GatewaySettings(
        port=0,
        api=api,
        gateway_name=name,
        keys=keys,
        drain=0,
        trusted_proxies=PROXIES,
        limit_connections=settings.limit_connections,
        limit_packets=settings.limit_packets,
        limit_frame=settings.limit_frame,
    )


def host_settled(tx: WriteTx) -> None:
    """Make the first account, if there is none: nobody else may who comes through a proxy."""
    if not users.any_account(tx):
        users.make_account(tx, "host", "Host", "no password")


def port_of(url: str) -> int:
    """Return the port of an address."""
    port = urlsplit(url).port
    assert port is not None
    return port
