"""The engineio server whose websockets are ours: own handshake, on a transport detached from aiohttp.

A connection keeps a transport and a `WebSocketConnection`; aiohttp's request, parser, headers and tasks, and engineio's
socket, queue and timers are let go of as soon as the handshake is over.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from engineio import packet as eio_packet

from . import frames
from .budget import TurnQueue
from .interface import Receiver
from .polling import PollingSocket
from .socketio_server import ConnectionPolicy, LimitedEngine, SocketServer
from .websocket import WebSocketConnection

log = logging.getLogger(__name__)

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, section 1.3."""


def handshake(request: web.Request) -> bytes | None:
    """Return the answer that opens a websocket (RFC 6455, section 4.2.2), or None for a request that asks wrongly.

    No extension is agreed to: compression would make every member's bytes differ, and cost a deflate state each.
    """
    headers = request.headers
    key = headers.get("Sec-WebSocket-Key", "")
    try:
        proper = len(base64.b64decode(key, validate=True)) == 16
    except ValueError:
        proper = False
    upgrade = headers.get("Upgrade", "").lower().strip() == "websocket" and "upgrade" in headers.get(
        "Connection", ""
    ).lower().replace(" ", "").split(",")
    if not proper or not upgrade or headers.get("Sec-WebSocket-Version") != "13":
        return None
    accept = base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


def detach_transport(request: web.Request) -> tuple[asyncio.Transport, bytes]:
    """Detach a request's transport from aiohttp, which from then on thinks that the client is gone.

    Returns the transport and what was read from it behind the request. Raises `ConnectionError` if the client is gone
    indeed.
    """
    handler = request.protocol
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionError("the client is gone")
    already_read: bytes = handler._message_tail
    handler._message_tail = b""
    handler.transport = None  # or the next statement would close it
    handler.connection_lost(None)
    return transport, already_read


class DetachedResponse(web.Response):
    """The response after a transport was detached: for aiohttp the client is gone, so no headers are made."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Raise as aiohttp's own response does after its headers are made: its handler then lets go of everything."""
        raise ConnectionResetError("the client is gone")


class WebSocketUpgrade:
    """The websocket driver that engineio calls when a polling client asks for an upgrade."""

    def __init__(self, handler: Any, server: WebSocketEngine) -> None:
        self._polling = handler.__self__  # a bound method of the polling socket
        self._engine = server

    async def __call__(self, environ: dict[str, Any]) -> web.StreamResponse | dict[str, Any]:
        """Open a websocket beside the polling socket; it takes over once the client has confirmed it."""
        websocket = WebSocketConnection(self._engine, self._polling.sid, probing=True)
        refusal: web.Response | None = self._polling.begin_probe(environ["aiohttp.request"], websocket.end)
        if refusal is not None:
            return refusal
        answer = self._engine.open_websocket(environ, websocket)
        if not isinstance(answer, DetachedResponse):
            self._polling.end_probe()
        return answer


class WebSocketEngine(LimitedEngine):
    """engineio with `WebSocketConnection` in the library's table of sockets; polling is the library's."""

    server: WebSocketServer
    turns: TurnQueue

    def open_websocket(
        self, environ: dict[str, Any], websocket: WebSocketConnection
    ) -> web.StreamResponse | dict[str, Any]:
        """Answer the handshake and give the websocket the transport."""
        request: web.Request = environ["aiohttp.request"]
        answer = handshake(request)
        if answer is None:
            bad: dict[str, Any] = self._bad_request("Invalid websocket upgrade")
            return bad
        address = self.connection_limit.address(request)
        try:
            transport, already_read = detach_transport(request)
        except ConnectionError:
            return web.Response(status=400)
        # from here on the request knows nothing of its connection any more: all that is asked of it stands above
        transport.write(answer)
        websocket.adopt(transport)
        if not websocket.probing:
            self.sockets[websocket.sid] = websocket
            self.connection_limit.opened(websocket.sid, address)
            websocket.write(frames.frame(self._greeting(websocket.sid).encode()))
            self.server.begin(websocket)
        if already_read:
            websocket.data_received(already_read)
        return DetachedResponse()

    def _greeting(self, sid: str) -> str:
        facts = {
            "sid": sid,
            "upgrades": [],
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval * 1000),
            "maxPayload": self.max_http_buffer_size,
        }
        return f"{eio_packet.OPEN}{json.dumps(facts, separators=(',', ':'))}"

    async def _handle_connect(self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None) -> Any:
        if transport != "websocket":
            return await super()._handle_connect(environ, transport, jsonp_index)
        refusal = self.connection_limit.refusal(environ["aiohttp.request"])
        if refusal is not None:
            return refusal
        return self.open_websocket(environ, WebSocketConnection(self, self.generate_id()))

    # Called by websockets

    def probed(self, websocket: WebSocketConnection) -> None:
        """See `WebSocketHost`. Packets are still delivered by polling."""
        polling = self._tried_beside(websocket)
        if polling is not None:
            polling.probe_works()

    def upgraded(self, websocket: WebSocketConnection) -> None:
        """See `WebSocketHost`. Packets that were queued meanwhile come first."""
        polling = self._tried_beside(websocket)
        if polling is None:
            return
        waiting = polling.hand_over()
        websocket.person = polling.person
        self.sockets[websocket.sid] = websocket
        for packet in waiting:
            websocket.write(frames.frame(packet.encode().encode()))
        self.server.begin(websocket)

    def _tried_beside(self, websocket: WebSocketConnection) -> PollingSocket | None:
        """Return the polling connection that a websocket is to take over; without one, cut the websocket."""
        polling = self.sockets.get(websocket.sid)
        if isinstance(polling, PollingSocket) and not polling.closing:
            return polling
        websocket.cut()
        return None

    def lost(self, websocket: WebSocketConnection) -> None:
        """See `WebSocketHost`."""
        if self.sockets.get(websocket.sid) is websocket:
            del self.sockets[websocket.sid]
            self.server.finish(websocket)
        elif isinstance(polling := self.sockets.get(websocket.sid), PollingSocket):
            polling.end_probe()  # it was only tried


class WebSocketServer(SocketServer):
    """The Socket.IO server over our websockets, with one sweep of heartbeats in place of a timer per connection."""

    def __init__(
        self,
        receiver: Receiver,
        *,
        policy: ConnectionPolicy,
        took_over: Callable[[WebSocketConnection], None],
        gone: Callable[[str], object],
    ) -> None:
        """`took_over` is called with every websocket that carries a connection, `gone` with every lost connection."""
        super().__init__(receiver, policy=policy)
        self.eio.server = self
        self.eio.turns = TurnQueue()
        self._took_over = took_over
        self._gone = gone
        self.use_websocket(WebSocketUpgrade)
        self._slots: list[set[WebSocketConnection]] = [set() for _ in range(int(self.eio.ping_interval))]
        self._second = 0
        self._sweeper: asyncio.Task[None] | None = None

    def _engineio_server_class(self) -> type[WebSocketEngine]:
        return WebSocketEngine

    def begin(self, websocket: WebSocketConnection) -> None:
        """Register a websocket that carries a connection from here on."""
        websocket.slot = self._second
        self._slots[websocket.slot].add(websocket)
        self._took_over(websocket)
        if websocket.sid not in self.connection_ids:
            self.connection_ids.add(websocket.sid)
            self._receiver.opened(websocket.sid)
        self._keep_sweeping()

    def finish(self, websocket: WebSocketConnection) -> None:
        """Forget a lost websocket, and its connection with it."""
        self._slots[websocket.slot].discard(websocket)
        self.connection_limit.closed(websocket.sid)
        self.lose(websocket.sid)

    def lose(self, connection_id: str) -> None:
        """See `SocketServer.lose`."""
        super().lose(connection_id)
        self._gone(connection_id)

    # Heartbeats

    def _keep_sweeping(self) -> None:
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().create_task(self._sweep(), name="asnity-heartbeats")

    async def _sweep(self) -> None:
        """Every second, ping a part of the websockets, and cut those that gave no pong in time."""
        late = int(self.eio.ping_interval - self.eio.ping_timeout)
        while True:
            await asyncio.sleep(1)
            self._second = (self._second + 1) % len(self._slots)
            for websocket in list(self._slots[self._second]):
                websocket.ping()
            for websocket in list(self._slots[(self._second + late) % len(self._slots)]):
                if websocket.is_silent:
                    log.info("closing a connection that is silent")
                    websocket.cut()

    def end(self, eio_sid: str, *, at_once: bool = False) -> None:
        """See `SocketServer.end`."""
        socket = self.eio.sockets.get(eio_sid)
        if isinstance(socket, WebSocketConnection):
            if at_once:
                socket.cut()
            else:
                socket.end()
        else:
            super().end(eio_sid, at_once=at_once)

    async def stop(self) -> None:
        """End the heartbeats."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.wait([self._sweeper])
