"""An API program and three gateways as processes, joined by TLS, behind a reverse proxy."""

from __future__ import annotations

import asyncio
import atexit
import functools
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

from asnity_server.config import ServerSettings
from asnity_server.db.maintenance import run_alone
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.link.certificates import make_certificates
from asnity_server.options import SettingOption
from asnity_server.programs.program_settings import API_OPTIONS, GATEWAY_OPTIONS, ApiSettings, GatewaySettings
from tests.fakes.reverse_proxy import ReverseProxy
from tests.faults.process import ProgramProcess

from .deployment import T, api_settings, gateway_settings, host_settled
from .fork_server import fork_server

GATEWAYS = ("g1", "g2", "g3")


class ProcessesDeployment:
    """See the module."""

    def __init__(self, settings: ServerSettings) -> None:
        self._database = settings.database
        link = (f"tls://127.0.0.1:{_free_port()}",)
        begin = fork_server().begin
        api = api_settings(settings, link, keys=_keys())
        self.server = ProgramProcess("api", *words(api, API_OPTIONS), begin=begin)
        self.gateways = {
            name: ProgramProcess(
                "gateway",
                *words(gateway_settings(settings, link, name, keys=_keys()), GATEWAY_OPTIONS),
                begin=begin,
            )
            for name in GATEWAYS
        }
        ports = {name: functools.partial(getattr, each, "port") for name, each in self.gateways.items()}
        self.proxy = ReverseProxy(lambda: self.server.port, ports)

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
        return tuple(each.url for each in self.gateways.values())

    async def write(self, work: Callable[[WriteTx], T]) -> T:
        """See `Deployment`."""
        return await asyncio.to_thread(run_alone, self._database, work)

    async def read(self, query: Callable[[ReadTx], T]) -> T:
        """See `Deployment`."""
        return await asyncio.to_thread(run_alone, self._database, query)

    async def start(self) -> None:
        """See `Deployment`."""
        async with asyncio.TaskGroup() as starting:
            for each in (self.server, *self.gateways.values()):
                starting.create_task(each.start())
        await self.proxy.start()
        await self.write(host_settled)

    async def stop(self) -> None:
        """See `Deployment`."""
        await self.proxy.close()
        programs = (*self.gateways.values(), self.server)
        ended = [await _end(each) for each in programs]
        assert ended == [0] * len(programs), "\n".join(each.log for each in programs)
        assert not [each.log for each in programs if "Traceback" in each.log]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()


async def _end(program: ProgramProcess) -> int:
    """End a program in order, or else at once; its exit status."""
    try:
        return await program.end(signal.SIGTERM)
    except TimeoutError:
        return await program.end(signal.SIGKILL)


def words(settings: ApiSettings | GatewaySettings, options: Sequence[SettingOption]) -> Iterator[str]:
    """Settings as words of the command line, but the port."""
    default = type(settings)()
    for option in options:
        value = getattr(settings, option.field)
        if option.field != "port" and value != getattr(default, option.field):
            yield option.flag
            yield ",".join(value) if isinstance(value, tuple) else str(value)


@functools.cache
def _keys() -> str:
    """Make certificates for this test run."""
    folder = tempfile.mkdtemp(prefix="asnity-")
    atexit.register(shutil.rmtree, folder)
    make_certificates(Path(folder))
    return folder


def _free_port() -> int:
    """A port that nobody has at the moment: gateways have to know it before the API program listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
