"""The stock delivery, by the libraries' own means: a task per recipient, a queue and a writer per socket."""

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
from .budget import SHIFT, TURN, Allowance
from .interface import Receiver
from .polling import PollingSocket
from .socketio_server import PATH, ConnectionPolicy, SocketServer

log = logging.getLogger(__name__)


_KNOWN = tuple("123456")
"""First signs of Engine.IO packets; the library takes any digit, and trips over those that mean nothing."""


GOODBYE = 0.01
"""Seconds to wait for a client's part of the closing handshake: meanwhile the library reads, as fast as it can. Ours
don't wait at all."""


class WebSocket(driver.WebSocket):  # type: ignore[misc]
    """The library's websocket, without compression, which costs a hundred kilobytes per connection that asks for it."""

    async def __call__(self, environ: dict[str, Any]) -> web.StreamResponse:
        request: web.Request = environ["aiohttp.request"]
        if request.transport is None:
            return web.Response(status=400)
        self._transport = request.transport
        self._socket: PollingSocket = self.handler.__self__  # the handler is a method of it
        beside_polling = self._socket.connected
        if beside_polling:
            refusal: web.Response | None = self._socket.begin_probe(request, self._transport.abort)
            if refusal is not None:
                return refusal
        size = self.server.max_http_buffer_size
        self._sock = web.WebSocketResponse(max_msg_size=size, compress=False, autoping=False, timeout=GOODBYE)
        self.environ = environ
        self._allowance = Allowance(self.server.budget)
        self._turn = 0
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        try:
            await self._sock.prepare(request)
            await self.handler(self)
        finally:
            self._socket.end_probe()
            if self._socket.upgraded or not beside_polling:
                self._socket.shut(at_once=True)
                self._socket.over()
        done: web.WebSocketResponse = self._sock
        return done

    async def wait(self) -> str | bytes:
        """Return the next packet. Raises `OSError`, which ends the connection, for what is none."""
        if self._socket.upgraded and self._socket.reading is None:
            self._socket.reading = self
            self._socket.transport = self._transport  # it ends a connection that doesn't read
            self._socket.end_probe()
        while True:
            await self.may_go_on.wait()
            message = await self._sock.receive()
            await self._count(len(message.data) if isinstance(message.data, str | bytes) else 0)
            if message.type is web.WSMsgType.PING:
                await self._sock.pong(message.data)
            elif message.type is not web.WSMsgType.PONG:
                break
        data: str | bytes = message.data
        if isinstance(data, bytes) or (isinstance(data, str) and data[:1] in _KNOWN):
            return data
        raise OSError("not Engine.IO")

    async def _count(self, size: int) -> None:
        """Wait until there is a budget for one more, and let everybody else have a turn now and then."""
        allowance = self._allowance
        allowance.left -= 1 + (size >> SHIFT)
        self._turn = (self._turn + 1) % TURN
        seconds = allowance.wait() if allowance.left < 0 else 0.0
        if allowance.offends:
            log.info("closing a connection that never stops sending more than it may")
            raise OSError("always over its budget")
        if seconds or not self._turn:
            await asyncio.sleep(seconds)  # the library's queue fills up meanwhile, and it stops reading


class StockDelivery:
    """Queues every call, and carries them out one after the other in one task."""

    def __init__(self, policy: ConnectionPolicy | None = None) -> None:
        self._policy = policy or ConnectionPolicy()
        self._server: SocketServer
        self._todo: deque[Callable[[], Coroutine[Any, Any, None]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    def attach(self, app: web.Application, receiver: Receiver) -> None:
        """See `Delivery`."""
        self._server = SocketServer(receiver, policy=self._policy)
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

    def _sid(self, connection_id: str, namespace: str) -> str | None:
        sid: str | None = self._server.manager.sid_from_eio_sid(connection_id, namespace)
        return sid

    async def _send(self, connection_id: str, packet: str) -> None:
        if connection_id in self._server.eio.sockets:
            await self._server.eio.send_packet(connection_id, eio_packet.Packet(eio_packet.MESSAGE, packet))

    def accept(self, connection_id: str, namespace: str, person: str) -> None:
        """See `Delivery`."""
        socket = self._server.eio.sockets.get(connection_id)
        if socket is not None:
            socket.person = person

        async def step() -> None:
            if connection_id not in self._server.connection_ids:
                return
            sid = self._sid(connection_id, namespace) or await self._server.manager.connect(connection_id, namespace)
            await self._send(connection_id, packets.payload(packets.CONNECT, namespace, {"sid": sid}))

        self._then(step)

    def refuse(self, connection_id: str, namespace: str, error: ErrorInfo) -> None:
        """See `Delivery`."""
        data = {"message": error.message, "data": error}
        self._then(lambda: self._send(connection_id, packets.payload(packets.CONNECT_ERROR, namespace, data)))

    def expel(self, connection_id: str, namespace: str) -> None:
        """See `Delivery`."""
        self.forget(connection_id, namespace)
        self._then(lambda: self._send(connection_id, packets.disconnect(namespace)))

    def forget(self, connection_id: str, namespace: str) -> None:
        """See `Delivery`."""

        async def step() -> None:
            sid = self._sid(connection_id, namespace)
            if sid is not None:
                # leaves what is left: the namespace and the id's own room; the others were left one by one
                self._server.manager.basic_leave_room(sid, namespace, sid)
                self._server.manager.basic_leave_room(sid, namespace, None)

        self._then(step)

    def enter(self, connection_id: str, namespace: str, room: str) -> None:
        """See `Delivery`."""

        async def step() -> None:
            sid = self._sid(connection_id, namespace)
            if sid is not None:
                self._server.manager.basic_enter_room(sid, namespace, room)

        self._then(step)

    def leave(self, connection_id: str, namespace: str, room: str) -> None:
        """See `Delivery`."""

        async def step() -> None:
            sid = self._sid(connection_id, namespace)
            if sid is not None:
                self._server.manager.basic_leave_room(sid, namespace, room)

        self._then(step)

    def acknowledge(
        self, connection_id: str, namespace: str, number: int, answer: object, *, order_with: str | None = None
    ) -> None:
        """See `Delivery`."""
        self._then(lambda: self._send(connection_id, packets.payload(packets.ACK, namespace, [answer], number)))

    def emit(
        self,
        namespace: str,
        room: str,
        event: str,
        data: object,
        *,
        skip: Collection[str] = (),
        ephemeral: bool = False,
        order_with: str | None = None,
    ) -> None:
        """See `Delivery`."""

        async def step() -> None:
            manager = self._server.manager
            skip_sid = [self._sid(connection_id, namespace) for connection_id in skip]
            if ephemeral:
                for sid, connection_id in manager.get_participants(namespace, room):
                    if self._waiting(connection_id) > WRITE_BUDGET // 4:
                        skip_sid.append(sid)
            await manager.emit(event, data, namespace, room=room, skip_sid=skip_sid)

        self._then(step)

    def _waiting(self, connection_id: str) -> int:
        """Bytes in a socket's queue."""
        socket = self._server.eio.sockets.get(connection_id)
        return 0 if socket is None else socket.queue.size

    def flush(self) -> None:
        """See `Delivery`: nothing is held back here."""

    def hold(self, connection_id: str) -> None:
        """See `Delivery`."""
        reading = self._reading(connection_id)
        if reading is not None:
            reading.may_go_on.clear()

    def release(self, connection_id: str) -> None:
        """See `Delivery`."""
        reading = self._reading(connection_id)
        if reading is not None:
            reading.may_go_on.set()

    def _reading(self, connection_id: str) -> WebSocket | None:
        found: WebSocket | None = getattr(self._server.eio.sockets.get(connection_id), "reading", None)
        return found

    def close(self, connection_id: str) -> None:
        """See `Delivery`."""

        async def step() -> None:
            self._server.end(connection_id)

        self._then(step)

    async def shut_down(self) -> None:
        """See `Delivery`."""
        while self._worker is not None:
            await asyncio.wait([self._worker])
        for connection_id in list(self._server.eio.sockets):
            self._server.end(connection_id)
