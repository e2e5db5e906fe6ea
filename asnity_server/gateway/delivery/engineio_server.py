"""engineio whose websockets are lines: made by our own handshake, on a transport taken over from aiohttp.

A connection that lives on keeps a transport and a line; aiohttp's request, parser, headers and tasks, and engineio's
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
from .budget import Turns
from .interface import Receiver
from .polling import PollingSocket
from .socketio_server import Door, GuardedEngine, SocketServer
from .websocket import Line

log = logging.getLogger(__name__)

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, section 1.3."""


def handshake(request: web.Request) -> bytes | None:
    """The answer that opens a websocket (RFC 6455, section 4.2.2), or None where the request doesn't ask properly.

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


def take_over(request: web.Request) -> tuple[asyncio.Transport, bytes]:
    """Part a request's transport from aiohttp, which from then on thinks that the client is gone.

    Returns the transport and what was read from it behind the request. Raises `ConnectionError` if the client is gone
    indeed.
    """
    handler = request.protocol
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionError("the client is gone")
    already_read: bytes = handler._message_tail
    handler._message_tail = b""
    handler.transport = None  # or the next line would close it
    handler.connection_lost(None)
    return transport, already_read


class Nowhere(web.Response):
    """What is answered where, for aiohttp, the client is gone: making headers of it would be in vain."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Say so, as aiohttp's own answer does once it has made its headers: its handler then lets go of everything."""
        raise ConnectionResetError("the client is gone")


class Upgrade:
    """The websocket driver that engineio calls when a polling client asks for a websocket."""

    def __init__(self, handler: Any, server: LineEngine) -> None:
        self._polling = handler.__self__  # a bound method of the polling socket
        self._engine = server

    async def __call__(self, environ: dict[str, Any]) -> web.StreamResponse | dict[str, Any]:
        """Open a line beside the polling socket; it takes over once the client is sure of it."""
        line = Line(self._engine, self._polling.sid, probing=True)
        refusal: web.Response | None = self._polling.begin_probe(environ["aiohttp.request"], line.end)
        if refusal is not None:
            return refusal
        answer = self._engine.open_line(environ, line)
        if not isinstance(answer, Nowhere):
            self._polling.end_probe()
        return answer


class LineEngine(GuardedEngine):
    """Polling is the library's; a websocket is a `Line`, which stands in the library's table of sockets."""

    server: LineServer
    turns: Turns

    def open_line(self, environ: dict[str, Any], line: Line) -> web.StreamResponse | dict[str, Any]:
        """Answer the handshake and let the line have the transport."""
        request: web.Request = environ["aiohttp.request"]
        answer = handshake(request)
        if answer is None:
            bad: dict[str, Any] = self._bad_request("Invalid websocket upgrade")
            return bad
        address = self.doorman.address(request)
        try:
            transport, already_read = take_over(request)
        except ConnectionError:
            return web.Response(status=400)
        # from here on the request knows nothing of its connection any more: all that is asked of it stands above
        transport.write(answer)
        line.adopt(transport)
        if not line.probing:
            self.sockets[line.sid] = line
            self.doorman.came(line.sid, address)
            line.write(frames.frame(self._greeting(line.sid).encode()))
            self.server.begin(line)
        if already_read:
            line.data_received(already_read)
        return Nowhere()

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
        refusal = self.doorman.refusal(environ["aiohttp.request"])
        if refusal is not None:
            return refusal
        return self.open_line(environ, Line(self, self.generate_id()))

    # What lines tell

    def probed(self, line: Line) -> None:
        """See `Hub`. What is sent goes on to be polled."""
        polling = self._tried_beside(line)
        if polling is not None:
            polling.probe_works()

    def upgraded(self, line: Line) -> None:
        """See `Hub`. What was sent meanwhile comes first."""
        polling = self._tried_beside(line)
        if polling is None:
            return
        waiting = polling.hand_over()
        line.person = polling.person
        self.sockets[line.sid] = line
        for packet in waiting:
            line.write(frames.frame(packet.encode().encode()))
        self.server.begin(line)

    def _tried_beside(self, line: Line) -> PollingSocket | None:
        """The polling connection that a line is to take over; without one, the line is cut."""
        polling = self.sockets.get(line.sid)
        if isinstance(polling, PollingSocket) and not polling.closing:
            return polling
        line.cut()
        return None

    def lost(self, line: Line) -> None:
        """See `Hub`."""
        if self.sockets.get(line.sid) is line:
            del self.sockets[line.sid]
            self.server.finish(line)
        elif isinstance(polling := self.sockets.get(line.sid), PollingSocket):
            polling.end_probe()  # it was only tried


class LineServer(SocketServer):
    """The Socket.IO server over lines, with one sweep for all heartbeats in place of a timer per connection."""

    def __init__(
        self, receiver: Receiver, *, door: Door, took_over: Callable[[Line], None], gone: Callable[[str], object]
    ) -> None:
        """`took_over` is told of every line that carries a connection, `gone` of every connection that was lost."""
        super().__init__(receiver, door=door)
        self.eio.server = self
        self.eio.turns = Turns()
        self._took_over = took_over
        self._gone = gone
        self.use_websocket(Upgrade)
        self._slots: list[set[Line]] = [set() for _ in range(int(self.eio.ping_interval))]
        self._second = 0
        self._sweeper: asyncio.Task[None] | None = None

    def _engineio_server_class(self) -> type[LineEngine]:
        return LineEngine

    def begin(self, line: Line) -> None:
        """A line carries a connection from here on."""
        line.slot = self._second
        self._slots[line.slot].add(line)
        self._took_over(line)
        if line.sid not in self.links:
            self.links.add(line.sid)
            self._receiver.opened(line.sid)
        self._keep_sweeping()

    def finish(self, line: Line) -> None:
        """A line is gone, and its connection with it."""
        self._slots[line.slot].discard(line)
        self.doorman.left(line.sid)
        self.lose(line.sid)

    def lose(self, link: str) -> None:
        """See `SocketServer.lose`."""
        super().lose(link)
        self._gone(link)

    # Heartbeats

    def _keep_sweeping(self) -> None:
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().create_task(self._sweep(), name="asnity-heartbeats")

    async def _sweep(self) -> None:
        """Every second, ask a part of the lines for a sign of life, and cut those that gave none in time."""
        late = int(self.eio.ping_interval - self.eio.ping_timeout)
        while True:
            await asyncio.sleep(1)
            self._second = (self._second + 1) % len(self._slots)
            for line in list(self._slots[self._second]):
                line.ping()
            for line in list(self._slots[(self._second + late) % len(self._slots)]):
                if line.is_silent:
                    log.info("closing a connection that is silent")
                    line.cut()

    def end(self, eio_sid: str, *, at_once: bool = False) -> None:
        """See `SocketServer.end`."""
        socket = self.eio.sockets.get(eio_sid)
        if isinstance(socket, Line):
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
