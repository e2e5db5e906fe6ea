"""The composition root: builds, starts and closes the server; imported by the command and the demo only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

from aiohttp import web

from asnity_server.api.accounts.passwords import HashCost
from asnity_server.api.search.search_index import Indexer
from asnity_server.api.service import Api, HostSettings
from asnity_server.api.storage.timekeeping import Timekeeper
from asnity_server.db.clock import SteadyClock
from asnity_server.db.database import Database
from asnity_server.db.health import CLEAN, UNCLEAN, was_stopped_cleanly
from asnity_server.db.migrations import migrate
from asnity_server.http.connections import SHARE, HttpConnections
from asnity_server.http.errors import RequestCounts
from asnity_server.protocol.address_scope import is_loopback, scope_of_address
from asnity_server.protocol.limits import Limits

from . import __version__, listening, metrics
from .bus import Bus
from .config import ServerSettings, without_limits
from .http import application, runner
from .programs.broadcast import Broadcast, LinkedGateways, OwnGateway
from .programs.program_settings import ApiSettings

__all__ = ["HashCost", "Server", "ServerSettings", "SteadyClock", "without_limits"]

log = logging.getLogger(__name__)

BACKLOG = 4096
"""Connections that the kernel holds ready: after a restart all clients come back at once."""

TIDY_EVERY = 24 * 3600.0
"""Seconds between two rounds of forgetting what was kept long enough."""


class Server:
    """API and HTTP over one SQLite file, with a gateway of its own or those that link. `async with` starts it."""

    def __init__(
        self, settings: ServerSettings, *, hash_cost: HashCost | None = None, clock: SteadyClock | None = None
    ) -> None:
        """`hash_cost` is for programs whose accounts guard nothing, such as the demo's.

        With the settings of an API program, clients' sockets are those of gateways that link.
        """
        self._clock = clock or SteadyClock()
        self._settings = settings
        self.broadcast: Broadcast = (
            LinkedGateways(settings, self._clock) if isinstance(settings, ApiSettings) else OwnGateway(settings)
        )
        self._hash_cost = hash_cost or HashCost()
        self._chores: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self.port = settings.port
        self.welcome: tuple[str, ...] = ()
        """Lines to print at the start."""
        self._only_here = False
        """Whether only its own machine reaches it, as where a machine's name leads in many an /etc/hosts."""
        self._elsewhere: str | None = None
        """The address for other machines, as far as it can be known."""
        self.api: Api
        self.connections: HttpConnections
        self._database: Database
        self._timekeeper: Timekeeper
        self._runner: web.AppRunner
        self._sites: list[web.SockSite] = []

    @property
    def url(self) -> str:
        """The address for a client on the same machine."""
        return listening.here(self._settings.host, self.port)

    def _public_url(self) -> str:
        return self._settings.public_url.rstrip("/") or self._elsewhere or self.url

    async def _greeting(self) -> list[str]:
        settings, public = self._settings, self._public_url()
        lines = [f"Asnity {__version__} listens on {self.url}. Its data is in {settings.data}."]
        if self._elsewhere is not None:
            lines.append(f"It listens on all addresses of this machine; from other machines, use {self._elsewhere}.")
        if not await self.api.has_accounts():
            lines += [
                f"There are no accounts yet. Create the first one on this machine with: asnity-tui --server {self.url}",
                f"From another machine you need the set-up code {self.api.hosting.setup_code}",
            ]
        reach = scope_of_address(public) if settings.public_url or not self._only_here else "machine"
        if reach == "machine" or (reach == "network" and not settings.public_url):
            where = "on this machine" if reach == "machine" else "in this network"
            lines.append(f"Invite links start with {public}, which only works {where}. Set --public-url to change it.")
        return [*lines, "Stop it with ctrl+c."]

    async def start(self) -> None:
        """Open the database and listen.

        Raises `sqlite3.Error` for a database that can't be used, `OSError` for a folder, `CantListen` for an address.
        """
        await asyncio.to_thread(self._prepare_folder)
        clean = await asyncio.to_thread(was_stopped_cleanly, self._settings.database)
        bus = Bus()
        await self._open_database(bus)
        await self._start_api()
        self.broadcast.start(self.api, self._database, bus)
        await self._serve_http()
        self.welcome = tuple(await self._greeting())
        self._start_chores(check_for=CLEAN if clean else UNCLEAN)

    async def _open_database(self, bus: Bus) -> None:
        await asyncio.to_thread(migrate, self._settings.database)
        self._database = await Database.open(
            self._settings.database,
            deliver=bus.publish,
            foreign_change=lambda: self._chore(self._look_again),
            clock=self._clock,
            numbered=self.broadcast.numbered,
        )

    async def _start_api(self) -> None:
        self.api = Api(self._database, self._hosting())
        self._timekeeper = Timekeeper(self._database, self._clock)
        await self._timekeeper.begin()
        await self._timekeeper.look()  # how long a session wasn't used is told from when the server last ran
        await self.api.begin()
        await self.api.disabled_accounts.begin()

    async def _serve_http(self) -> None:
        settings, app, counts = self._settings, web.Application(), RequestCounts()
        self.connections = HttpConnections(
            each=settings.limit_connections * SHARE, files=listening.file_limit(), uncounted=settings.proxies
        )
        health = application.install(
            app,
            self.api,
            trusted_proxies=settings.proxies,
            metrics_readers=settings.metrics_readers,
            names=listening.own_names(settings.host),
            counts=counts,
            connections=self.connections,
        )
        health.metrics = lambda: metrics.render(self._metrics(counts))
        self.broadcast.attach(app)
        self._runner = runner.runner(app, self.connections)
        await self._runner.setup()
        try:
            await self._listen()
            await self.broadcast.listen()
        except (listening.CantListen, OSError):
            await self._close()
            raise

    def _start_chores(self, *, check_for: float) -> None:
        """Begin what goes on beside requests; the database is checked for so many seconds at most."""
        self.api.deferred_deletes.wake()
        self._chore(partial(self._database.check, seconds=check_for))
        self._chore(self._timekeeper.keep_up)
        self.api.direct_list_tasks.wake()
        self._chore(self._tidy_daily)
        self._chore(Indexer(self._database).keep_up)

    async def _listen(self) -> None:
        host = self._settings.host
        sockets = await asyncio.to_thread(listening.open_sockets, host, self._settings.port, BACKLOG)
        self.port = sockets[0].getsockname()[1]
        self._only_here = all(is_loopback(each.getsockname()[0]) for each in sockets)
        self._elsewhere = await asyncio.to_thread(listening.elsewhere, host, self.port)
        for each in sockets:
            self._sites.append(web.SockSite(self._runner, each, backlog=BACKLOG))
            await self._sites[-1].start()

    def _hosting(self) -> HostSettings:
        settings = self._settings
        return HostSettings(
            settings.name,
            settings.registration,
            self._public_url,
            hash_cost=self._hash_cost,
            rates=settings.rates,
            session_lifetime=settings.session_days * 24 * 3600 * 1000,
            limits=Limits(frame=settings.limit_frame * 1024),
        )

    def _metrics(self, counts: RequestCounts) -> Iterator[metrics.Metric]:
        yield from metrics.of_process()
        yield from metrics.of_database(self._database)
        yield from self.broadcast.metrics()
        yield from metrics.of_doors({"http": (counts.requests, counts.refusals), **self.broadcast.doors()})
        yield from metrics.of_http(self.connections)

    async def _look_again(self) -> None:
        """Apply what the administrator's commands wrote to the database."""
        await self.broadcast.revalidate()
        await self.api.disabled_accounts.compare()

    def _prepare_folder(self) -> None:
        self._settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _chore(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run something in the background; errors are logged."""
        task = asyncio.get_running_loop().create_task(self._guarded(work), name="asnity-chore")
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Exception:
            log.exception("a chore failed")

    async def _tidy_daily(self) -> None:
        while True:
            await self.tidy()
            await asyncio.sleep(TIDY_EVERY if self._timekeeper.is_sure else TIDY_EVERY / 24)

    async def tidy(self) -> None:
        """Forget what was kept long enough, if it is sure of the time."""
        if self._timekeeper.is_sure:
            await self.api.tidy(self.broadcast.session_ids())

    def stop(self) -> None:
        """Let `wait_until_stopped` return."""
        self._stopping.set()

    async def wait_until_stopped(self) -> None:
        """Wait until somebody calls `stop`."""
        await self._stopping.wait()

    async def drain(self) -> None:
        """Take no new requests, commit and acknowledge what waits, tell the sockets, close."""
        for site in self._sites:
            await site.stop()
        self.broadcast.stop_taking()
        await self._close()

    async def _close(self) -> None:
        for chore in list(self._chores):
            chore.cancel()
        self.api.deferred_deletes.close()
        self.api.direct_list_tasks.close()
        await self._database.close()  # everything that was asked before is answered behind this
        await self.broadcast.close()
        await self._runner.cleanup()
        self.api.close()

    async def __aenter__(self) -> Server:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.drain()
