"""Deployments: the server put together in each of the ways in which it can be hosted, behind the same few addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self
from urllib.parse import urlsplit

import msgspec

from asnity_server.api.accounts import users
from asnity_server.api.accounts.passwords import HashCost
from asnity_server.api.service import Api
from asnity_server.app import Server
from asnity_server.config import ServerSettings

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
    api: Api
    """An API on its database, to set scenes with and to look at what is stored.

    Where the programs are processes it stands beside theirs: what it writes is noticed, but told to nobody.
    """

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

    @property
    def api(self) -> Api:
        """See `Deployment`."""
        return self.server.api

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


async def host_settled(api: Api) -> None:
    """Make the first account, if there is none: nobody else may who comes through a proxy."""
    if not await api.has_accounts():
        await api.database.write(lambda tx: users.make_account(tx, "host", "Host", "no password"))


def port_of(url: str) -> int:
    """Return the port of an address."""
    port = urlsplit(url).port
    assert port is not None
    return port
