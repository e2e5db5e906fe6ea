"""A reverse proxy: one address for people, in front of an API program and any number of gateways."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

SOCKETS = "/socket.io/"
"""What lies below is the gateways', all else the API's."""

_CHUNK = 64 * 1024
_HEAD = 256 * 1024
"""More than any server takes: it is the server that refuses."""

_BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class ReverseProxy:
    """Spreads new connections over the gateways in turn; what has a session goes to the gateway that began it.

    An Engine.IO session tells its gateway by what its id begins with (`g1-`), as it does a proxy in front of a real
    server. A gateway that doesn't listen is passed over. Each request has a connection of its own, so that no later one
    on it can be for somebody else; a websocket keeps it.
    """

    def __init__(self, api: Callable[[], int], gateways: Mapping[str, Callable[[], int]]) -> None:
        """Callables tell the present port on 127.0.0.1, as a program that was started again may have another."""
        self._api = api
        self._gateways = gateways
        self._turns = itertools.cycle(gateways)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.passed: dict[str, int] = dict.fromkeys(gateways, 0)
        """How many sessions began at each gateway."""

    @property
    def url(self) -> str:
        """The address for people."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; on the same port as before, if there was one."""
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, limit=_HEAD, backlog=1024, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and cut everything."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.CancelledError):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                return
            far = await self._reach(head)
            if far is None:
                writer.write(_BAD_GATEWAY)
                return
            with contextlib.closing(far[1]):
                far[1].write(_passed_on(head, writer.get_extra_info("peername")[0]))
                await _join((reader, writer), far)

    async def _reach(self, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """Connect to whoever a request is for. None if nobody listens there."""
        target = urlsplit(head.split(b" ", 2)[1].decode("latin-1"))
        if not target.path.startswith(SOCKETS):
            return await _connect(self._api())
        session = parse_qs(target.query).get("sid", [""])[0]
        name = session.partition("-")[0]
        if name in self._gateways:
            return await _connect(self._gateways[name]())
        for name in itertools.islice(self._turns, len(self._gateways)):
            far = await _connect(self._gateways[name]())
            if far is not None:
                self.passed[name] += not session
                return far
        return None


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    try:
        return await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return None


def _passed_on(head: bytes, address: str) -> bytes:
    """The head of a request with the address of who asked; with the answer the connection ends, but for websockets."""
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    upgrades = any(each.lower().startswith(b"upgrade:") for each in lines)
    if not upgrades:
        lines = [each for each in lines if not each.lower().startswith(b"connection:")] + [b"Connection: close"]
    return b"\r\n".join([*lines, b"X-Forwarded-For: " + address.encode(), b"", b""])


async def _join(
    near: tuple[asyncio.StreamReader, asyncio.StreamWriter], far: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    """Pass on what comes from either side, until one of them ends it."""
    up, down = asyncio.ensure_future(_pump(near[0], far[1])), asyncio.ensure_future(_pump(far[0], near[1]))
    try:
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in (up, down):
            each.cancel()
        await asyncio.wait((up, down))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.CancelledError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def reverse_proxy_to(
    api: Callable[[], int], gateways: Mapping[str, Callable[[], int]]
) -> AsyncIterator[ReverseProxy]:
    """A reverse proxy while the test needs it."""
    proxy = ReverseProxy(api, gateways)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()
