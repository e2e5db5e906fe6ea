"""The server's programs as processes of their own, to be stopped, killed and started again."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import aiohttp

from tests.unlimited import UNLIMITED

PATIENCE = 20.0
"""Seconds to wait for what must happen."""


class Process(Protocol):
    """A running program, as `asyncio.subprocess` has it."""

    pid: int
    stderr: asyncio.StreamReader | None
    returncode: int | None

    def send_signal(self, number: int) -> None: ...

    async def wait(self) -> int: ...


Begin = Callable[[Sequence[str]], Awaitable[Process]]
"""Begins `asnity-server` with some words."""


async def spawn(words: Sequence[str]) -> Process:
    """Begin it by running Python."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("ASNITY_")}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "asnity_server", *words,
        stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, env=env,
    )  # fmt: skip


class ProgramProcess:
    """`asnity-server` with some words; may be started several times, on the same port."""

    def __init__(self, *words: str, begin: Begin | None = None) -> None:
        """`words` are all of the command line but `--port`."""
        self._words = words
        self._begin = begin or spawn
        self._process: Process
        self._reader: asyncio.Task[None]
        self.port = 0
        self.log = ""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    async def start(self) -> None:
        """Start it, and wait until it listens."""
        self._process = await self._begin((*self._words, "--port", str(self.port)))
        listening = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read(listening))
        async with asyncio.timeout(PATIENCE):
            self.port = await listening

    async def _read(self, listening: asyncio.Future[int]) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.log += line.decode()
            found = re.search(r"listens on http://[^:]+:(\d+)", line.decode())
            if found and not listening.done():
                listening.set_result(int(found.group(1)))
        if not listening.done():
            listening.set_exception(RuntimeError(self.log))

    @property
    def is_running(self) -> bool:
        """Whether it was started and hasn't ended."""
        return self._process.returncode is None

    def signal(self, which: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(which)

    async def ended(self) -> int:
        """Wait until it ends by itself; the exit status."""
        status = await self._process.wait()
        await self._reader
        return status

    async def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit status."""
        self._process.send_signal(how)
        async with asyncio.timeout(PATIENCE):
            status = await self._process.wait()
            await self._reader
        return status

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._process.returncode is None:
            await self.end(signal.SIGKILL)

    async def figure(self, name: str) -> float:
        """Read the metric of this name, all labels together."""
        async with aiohttp.ClientSession(self.url) as http, http.get("/metrics") as answer:
            lines = (await answer.text()).splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(rf"{name}[{{ ]", line))

    async def call(self, method: str, path: str, token: str | None = None, **body: object) -> Any:
        """One HTTP request; its answer, which must be a success."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            aiohttp.ClientSession(self.url) as http,
            http.request(method, path, headers=headers, json=body or None) as answer,
        ):
            assert answer.status < 300, await answer.text()
            return await answer.json() if answer.status != 204 else None


class ServerProcess(ProgramProcess):
    """The server as one program over one data folder."""

    def __init__(self, data: Path, *options: str, begin: Begin | None = None) -> None:
        """It limits nothing, unless `options` say so."""
        super().__init__("--data", str(data), *UNLIMITED, *options, begin=begin)
