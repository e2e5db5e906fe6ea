"""Programs for a scenario, as processes: an API and several gateways, which can be killed and stopped."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

from asnity_server.api.accounts import administration
from asnity_server.db.migrations import migrate
from asnity_server.programs.program_settings import API_OPTIONS, GATEWAY_OPTIONS
from tests.fakes.reverse_proxy import ReverseProxy
from tests.faults.process import Begin, Process, ProgramProcess
from tests.topology.fork_server import fork_server
from tests.unlimited import unlimited


def crashing(point: str, times: int, armed: Path) -> Begin:
    """Begin a program that is killed at a marked point, once the file `armed` is there."""

    async def begin(words: Sequence[str]) -> Process:
        env = {key: value for key, value in os.environ.items() if not key.startswith("ASNITY_")}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.crashing", point, str(times), str(armed), *words,
            stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, env=env,
        )  # fmt: skip

    return begin


def _add_host(database: Path) -> None:
    """Make the first account, which nobody else may who comes through a proxy."""
    migrate(database)
    administration.add_account(database, "host", "Host", "tangerine")


class LinkedProcesses:
    """`asnity-server api` and some `asnity-server gateway`, each gateway behind an address of its own."""

    def __init__(self, data: Path, *, gateways: int, begin_api: Begin | None = None) -> None:
        self._folder = tempfile.mkdtemp(prefix="asnity-")  # the paths of sockets are short
        link = f"unix:{self._folder}/link.sock"
        local = ("--trusted-proxies", "127.0.0.1")
        self.database = data / "asnity.db"
        self.deaths = 0
        """How often the API died by itself."""
        words = ("api", "--data", str(data), *unlimited(API_OPTIONS), "--registration", "open", *local, "--link", link)
        begin = fork_server().begin  # in milliseconds: how long Python takes to load is not what is tried here
        self.api = ProgramProcess(*words, begin=begin_api or begin)
        self.gateways = [
            ProgramProcess(
                "gateway", "--api", link, "--name", f"g{number}", "--drain", "0", *local,
                *unlimited(GATEWAY_OPTIONS), begin=begin,
            )
            for number in range(1, gateways + 1)
        ]  # fmt: skip
        self._fronts = [
            ReverseProxy(partial(getattr, self.api, "port"), {f"g{number}": partial(getattr, each, "port")})
            for number, each in enumerate(self.gateways, 1)
        ]

    @property
    def urls(self) -> list[str]:
        """The address of each gateway, which answers HTTP, too."""
        return [each.url for each in self._fronts]

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(_add_host, self.database)
        await asyncio.gather(self.api.start(), *(each.start() for each in self.gateways))
        for front in self._fronts:
            await front.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        for front in self._fronts:
            await front.close()
        for each in (*self.gateways, self.api):
            if each.is_running:
                await each.end(signal.SIGKILL)
        shutil.rmtree(self._folder)

    async def until_dead(self) -> None:
        """Wait until the API was killed, and start it again."""
        await self.api.ended()
        self.deaths += 1
        with suppress(RuntimeError):  # it died before it listened
            await self.api.start()
