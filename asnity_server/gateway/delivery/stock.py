"""Delivery the libraries' own way: a task per recipient, a queue and a writer per socket."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from aiohttp import web
from engineio import packet as eio_packet
from engineio.async_drivers import aiohttp as driver

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.limits import WRITE_BUDGET

from . import packets
from .contract import Receiver
from .server import PATH, Door, SocketServer

log = logging.getLogger(__name__)


_KNOWN = tuple("123456")
"""First signs of Engine.IO packets; the library takes any digit, and trips over those that mean nothing."""


class WebSocket(driver.WebSocket):  # type: ignore[misc]
    """The library's websocket, without compression, which costs a hundred kilobytes per connection that asks for it."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        request: web.Request = environ["aiohttp.request"]
        self._sock = web.WebSocketResponse(max_msg_size=self.server.max_http_buffer_size, compress=False)
        await self._sock.prepare(request)
        self.environ = environ
        # the handler is a method of the socket; its transport is what ends a connection that doesn't read
        self.handler.__self__.transport = request.transport
        await self.handler(self)
        return self._sock

    async def wait(self) -> str | bytes:
        """The next packet. Raises `OSError`, which ends the connection, for what is none."""
        data: str | bytes = await super().wait()
        if isinstance(data, bytes) or data[:1] in _KNOWN:
            return data
        raise OSError("not Engine.IO")


class StockDelivery:
    """Carries out, one after the other in one task, what it is told to do."""

    def __init__(self, door: Door | None = None) -> None:
        self._door = door or Door()
        self._server: SocketServer
        self._todo: deque[Callable[[], Coroutine[Any, Any, None]]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._backlog: dict[str, tuple[int, int]] = {}

    def attach(self, app: web.Application, receiver: Receiver) -> None:
        """See `Delivery`."""
        self._server = SocketServer(receiver, door=self._door)
        self._server.use_websocket(WebSocket)
        self._server.attach(app, socketio_path=PATH)

    # One after the other

    def _then(self, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._todo.append(step)
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self._work(), name="asnity-delivery")

    async def _work(self) -> None:
        try:
            while self._todo:
                try:
                    await self._todo.popleft()()
                except Exception:  # one client's trouble must not keep the others from theirs
                    log.exception("a delivery failed")
        finally:
            self._worker = None

    def _sid(self, link: str, namespace: str) -> str | None:
        sid: str | None = self._server.manager.sid_from_eio_sid(link, namespace)
        return sid

    async def _send(self, link: str, packet: str) -> None:
        if link in self._server.eio.sockets:
            await self._server.eio.send_packet(link, eio_packet.Packet(eio_packet.MESSAGE, packet))

    def accept(self, link: str, namespace: str) -> None:
        """See `Delivery`."""

        async def step() -> None:
            if link not in self._server.links:
                return
            sid = self._sid(link, namespace) or await self._server.manager.connect(link, namespace)
            await self._send(link, packets.payload(packets.CONNECT, namespace, {"sid": sid}))

        self._then(step)

    def refuse(self, link: str, namespace: str, error: ErrorInfo) -> None:
        """See `Delivery`."""
        data = {"message": error.message, "data": error}
        self._then(lambda: self._send(link, packets.payload(packets.CONNECT_ERROR, namespace, data)))

    def expel(self, link: str, namespace: str) -> None:
        """See `Delivery`."""
        self.forget(link, namespace)
        self._then(lambda: self._send(link, packets.disconnect(namespace)))

    def forget(self, link: str, namespace: str) -> None:
        """See `Delivery`."""

        async def step() -> None:
            sid = self._sid(link, namespace)
            if sid is not None:
                # leaves what is left: the namespace and the id's own room; the others were left one by one
                self._server.manager.basic_leave_room(sid, namespace, sid)
                self._server.manager.basic_leave_room(sid, namespace, None)

        self._then(step)

    def enter(self, link: str, namespace: str, room: str) -> None:
        """See `Delivery`."""

        async def step() -> None:
            sid = self._sid(link, namespace)
            if sid is not None:
                self._server.manager.basic_enter_room(sid, namespace, room)

        self._then(step)

    def leave(self, link: str, namespace: str, room: str) -> None:
        """See `Delivery`."""

        async def step() -> None:
            sid = self._sid(link, namespace)
            if sid is not None:
                self._server.manager.basic_leave_room(sid, namespace, room)

        self._then(step)

    def acknowledge(self, link: str, namespace: str, number: int, answer: object, *, along: str | None = None) -> None:
        """See `Delivery`."""
        self._then(lambda: self._send(link, packets.payload(packets.ACK, namespace, [answer], number)))

    def tell(
        self,
        namespace: str,
        room: str,
        event: str,
        data: object,
        *,
        but: Collection[str] = (),
        ephemeral: bool = False,
        along: str | None = None,
    ) -> None:
        """See `Delivery`."""

        async def step() -> None:
            manager = self._server.manager
            skip = [self._sid(link, namespace) for link in but]
            hopeless = []
            for sid, link in manager.get_participants(namespace, room):
                waiting = self._waiting(link)
                if waiting > WRITE_BUDGET:
                    hopeless.append(link)
                elif ephemeral and waiting > WRITE_BUDGET // 4:
                    skip.append(sid)
            await manager.emit(event, data, namespace, room=room, skip_sid=skip)
            for link in hopeless:
                log.info("closing a connection that doesn't read")
                await self._server.end(link, at_once=True)

        self._then(step)

    def _waiting(self, link: str) -> int:
        """Bytes in a socket's queue, which the library doesn't bound; counted anew whenever it has grown by 64."""
        socket = self._server.eio.sockets.get(link)
        length = socket.queue.qsize() if socket is not None else 0
        if length < 64:
            self._backlog.pop(link, None)
            return 0
        counted, size = self._backlog.get(link, (0, 0))
        if not counted <= length < counted + 64:
            size = sum(len(packet.data or "") for packet in socket.queue._queue if packet is not None)
            self._backlog[link] = (length, size)
        return size

    def flush(self) -> None:
        """See `Delivery`: nothing is held back here."""

    def close(self, link: str) -> None:
        """See `Delivery`."""
        self._then(lambda: self._server.end(link))

    async def shut_down(self) -> None:
        """See `Delivery`."""
        while self._worker is not None:
            await asyncio.wait([self._worker])
        for link in list(self._server.eio.sockets):
            await self._server.end(link)
        if self._server.eio.service_task_handle is not None:
            await self._server.shutdown()
