"""A TCP proxy that misbehaves when told to: the network between a client and a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

from .segments import Pieces, whole

Direction = Literal["up", "down"]
"""`up` is from the client to the server."""

_CHUNK = 64 * 1024


class Cut:
    """A trap: the first chunk in one direction that has what it waits for cuts its connection.

    With `forward` the chunk still arrives. Frames from the server can be looked into; those from a websocket client
    are masked, so there only "the next chunk" makes sense (any bytes: `seen` left out).
    """

    def __init__(self, direction: Direction, *, forward: bool, seen: Callable[[bytes], bool] | None = None) -> None:
        self.direction = direction
        self.forward = forward
        self.seen = seen or bool
        self.sprung = asyncio.Event()


class Proxy:
    """Listens on `port` and passes on to a server; refuses, stalls or cuts when told to."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter | None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._trap: Cut | None = None
        self.port = 0
        self.accepted = 0
        self.delay = 0.0
        """Seconds that everything takes in each direction, for connections from then on."""
        self.pieces: dict[Direction, Pieces] = {"up": whole, "down": whole}
        """How what passes is taken apart; see `tests.fakes.segments`."""
        self.gap = 0.0
        """Seconds between two pieces; a server in this process takes each before the next without any."""

    @property
    def url(self) -> str:
        """The address of this proxy, as a client takes it."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; on the same port as before, if there was one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Accept no new connections until `start`; those that are open go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def stall(self) -> None:
        """Pass nothing on any more, in any direction, but keep everything open."""
        self._flowing.clear()

    def flow(self) -> None:
        """Pass on again, also what was held."""
        self._flowing.set()

    def cut(self) -> None:
        """Cut all connections now, as a pulled cable with a reset does."""
        for pair in list(self._pairs):
            self._abort(pair)

    def cut_next(
        self, direction: Direction, *, forward: bool, seen: Callable[[bytes], bool] | None = None
    ) -> asyncio.Event:
        """Set a trap, see `Cut`. The event is set when it was sprung."""
        self._trap = Cut(direction, forward=forward, seen=seen)
        return self._trap.sprung

    async def close(self) -> None:
        """Stop listening and cut everything."""
        await self.refuse()
        self.cut()
        self.flow()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        early = (writer, None)
        self._pairs.add(early)
        try:
            await self._flowing.wait()
            up_reader, up_writer = await asyncio.open_connection(*self._target)
        except OSError:
            self._abort(early)
            return
        except asyncio.CancelledError:
            self._abort(early)
            return
        self._pairs.discard(early)
        pair = (writer, up_writer)
        self._pairs.add(pair)
        if self.delay:
            reader, up_reader = self._late(reader), self._late(up_reader)
        await asyncio.gather(self._pump(reader, up_writer, "up", pair), self._pump(up_reader, writer, "down", pair))

    def _late(self, reader: asyncio.StreamReader) -> asyncio.StreamReader:
        """What comes from a reader, later; what follows closely behind takes no longer."""
        late, loop, delay = asyncio.StreamReader(), asyncio.get_running_loop(), self.delay

        async def carry() -> None:
            try:
                while chunk := await reader.read(_CHUNK):
                    loop.call_later(delay, late.feed_data, chunk)
            except OSError as error:
                loop.call_later(delay, late.set_exception, error)
            else:
                loop.call_later(delay, late.feed_eof)

        task = asyncio.create_task(carry())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return late

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        direction: Direction,
        pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter | None],
    ) -> None:
        position = 0
        try:
            while chunk := await reader.read(_CHUNK):
                await self._flowing.wait()
                trap = self._trap
                if trap is not None and trap.direction == direction and trap.seen(chunk):
                    self._trap = None
                    if trap.forward:
                        writer.write(chunk)
                        await writer.drain()
                    trap.sprung.set()
                    break
                for piece in self.pieces[direction](position, chunk):
                    writer.write(piece)
                    await writer.drain()
                    if self.pieces[direction] is not whole:
                        await self._taken()
                position += len(chunk)
        except (OSError, asyncio.CancelledError):
            pass  # cut from one of the ends, or by the test
        self._abort(pair)

    async def _taken(self) -> None:
        """Wait until whoever is behind the socket could read a piece, so that the next isn't read together with it."""
        await asyncio.sleep(self.gap)
        for _ in range(2):  # the loop sees that there is something to read, and it is read
            await asyncio.sleep(0)

    def _abort(self, pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter | None]) -> None:
        self._pairs.discard(pair)
        for writer in pair:
            if writer is not None:
                # What was written before is let out first; then nothing more.
                writer.close() if writer.transport.get_write_buffer_size() else writer.transport.abort()


@asynccontextmanager
async def proxy_to(port: int, host: str = "127.0.0.1") -> AsyncIterator[Proxy]:
    """A proxy in front of a server, while the test needs it."""
    proxy = Proxy(host, port)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()
