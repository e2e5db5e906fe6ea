"""The Socket.IO and Engine.IO servers that both deliveries are built on, with limits on connections and packets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import engineio
import socketio
from aiohttp import web
from socketio import packet as sio_packet

from asnity_server.protocol.errors import Invalid, TooLarge
from asnity_server.protocol.limits import FRAME

from . import packets
from .backlog import Backlog
from .budget import Budget
from .connection_limit import ConnectionLimit
from .interface import Receiver
from .polling import POLLING, PacketQueue, PollingSocket

log = logging.getLogger(__name__)

PATH = "socket.io"
PING_INTERVAL, PING_TIMEOUT = 25, 20
"""Seconds: the libraries' own defaults, told to every client at the handshake."""


def library_logger() -> logging.Logger:
    """Return a logger for the libraries that stays above INFO, where they would write tokens and messages out."""
    logger = logging.getLogger("asnity_server.socketio")
    logger.setLevel(logging.WARNING)
    return logger


class StructPacket(sio_packet.Packet):  # type: ignore[misc]
    """The library's packet, with our structs as data. (Given by the `json` option, the codec would be everyone's.)"""

    uses_binary_events = False
    json = packets.JSON


@dataclass(frozen=True)
class ConnectionPolicy:
    """The limits of connections: how many there may be, and how much each may send."""

    connection_limit: ConnectionLimit = field(default_factory=ConnectionLimit)
    frame: int = FRAME
    """Bytes of one frame at most."""
    budget: Budget = field(default_factory=Budget)
    """The receive budget of one connection."""
    name: str = ""
    """What ids of connections begin with, where there are several programs: a proxy sends who polls back to its own."""


class LimitedEngine(engineio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """engineio with a limit on connections, and with polling that waits for no silent client."""

    connection_limit: ConnectionLimit
    budget = Budget()
    backlog: Backlog
    id_prefix = ""
    """What all ids begin with."""

    heard: Callable[[str, str], None]
    """Called with a connection's id and an Engine.IO message from it. Raises `ValueError` for what is no packet."""

    gone: Callable[[str], None]
    """Called with the id of a connection that is over."""

    def generate_id(self) -> str:
        """Return a new id."""
        return f"{self.id_prefix}{super().generate_id()}"

    def create_queue(self, *args: Any, **options: Any) -> PacketQueue:
        """Return a queue for the packets of a client, for the library."""
        return PacketQueue(*args, **options)

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Answer any request to Engine.IO's path."""
        if request.method == "POST":
            return await self._answer_post(request)
        if request.method not in ("GET", "OPTIONS"):  # the library warns of each, in the log
            raise web.HTTPMethodNotAllowed(request.method, ["GET", "OPTIONS", "POST"])
        response: web.StreamResponse = await super().handle_request(request)
        polling = request.get(POLLING)
        if polling is not None:
            await polling.answered(request, response)
        return response

    async def _answer_post(self, request: web.Request) -> web.StreamResponse:
        environ = self._async["translate_request"](request)
        response: web.StreamResponse = await self._make_response(await self._taken_in(request, environ), environ)
        return response

    async def _taken_in(self, request: web.Request, environ: dict[str, Any]) -> dict[str, Any]:
        """Read a post whole and return the answer; the library would read once, and lose what came in pieces."""
        bad: dict[str, Any] = self._bad_request()
        fine: dict[str, Any] = self._ok()
        socket = self.sockets.get(request.query.get("sid"))
        if self._is_foreign(environ) or not isinstance(socket, PollingSocket) or not socket.connected:
            return bad
        try:
            await socket.take_post(request)
        except TooLarge:
            return {**bad, "status": "413 PAYLOAD TOO LARGE"}
        except (Invalid, ValueError) as error:
            log.info("closing a connection: %s", error)
            return bad
        return fine

    def _is_foreign(self, environ: dict[str, Any]) -> bool:
        """Whether a page of another site asks, as the library tells for what it answers itself."""
        origin = environ.get("HTTP_ORIGIN")
        return bool(origin) and origin not in self._cors_allowed_origins(environ)

    async def _handle_connect(self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None) -> Any:
        refusal = self.connection_limit.refusal(environ["aiohttp.request"])
        return refusal or await super()._handle_connect(environ, transport, jsonp_index)


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """python-socketio with its entry replaced: packets are taken apart here and told to a receiver.

    Its own handlers run an event's function by name, in tasks that overtake each other, and leave a request whose
    function raised without an answer.
    """

    def __init__(self, receiver: Receiver, *, policy: ConnectionPolicy, **options: Any) -> None:
        super().__init__(
            async_mode="aiohttp",
            serializer=StructPacket,
            max_http_buffer_size=policy.frame,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            http_compression=False,
            monitor_clients=False,  # sockets keep their own time
            logger=library_logger(),
            engineio_logger=library_logger(),
            **options,
        )
        self._receiver = receiver
        self.eio.budget = policy.budget
        if policy.name:
            self.eio.id_prefix = f"{policy.name}-"
        self.eio.backlog = Backlog()
        self.eio.heard = self.hear
        self.eio.gone = self.lose
        self.connection_limit = self.eio.connection_limit = policy.connection_limit
        self.connection_ids: set[str] = set()

    def _engineio_server_class(self) -> type[LimitedEngine]:
        return LimitedEngine

    def use_websocket(self, driver: type) -> None:
        """Let `driver` speak on websockets. The table it stands in is copied first: it is the library's own."""
        self.eio._async = {**self.eio._async, "websocket": driver}

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        # the library would keep the request of every connection for its handlers; nothing here needs it
        self.connection_ids.add(eio_sid)
        self.connection_limit.opened(eio_sid, self.connection_limit.address(environ["aiohttp.request"]))
        self.eio.sockets[eio_sid].__class__ = PollingSocket  # the library names its class itself
        self._receiver.opened(eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        try:
            if isinstance(data, str):  # bytes are the attachments of a binary packet that was refused
                self.hear(eio_sid, data)
        except packets.BadPacket as error:
            log.info("closing a connection: %s", error)
            self.end(eio_sid)

    def lose(self, connection_id: str) -> None:
        """Report a connection that is gone or going; one that polls counts towards the limit until it is forgotten."""
        if connection_id in self.connection_ids:
            self.connection_ids.discard(connection_id)
            self._receiver.closed(connection_id)

    def hear(self, connection_id: str, text: str) -> None:
        """Pass one packet on to the receiver. Raises `BadPacket`."""
        if connection_id not in self.connection_ids:
            return
        packet = packets.parse(text)
        if packet.type == packets.EVENT:
            self._hear_event(connection_id, packet)
        elif packet.type == packets.CONNECT:
            self._receiver.connect(connection_id, packet.namespace, packet.json)
        elif packet.type == packets.DISCONNECT:
            self._receiver.disconnect(connection_id, packet.namespace)
        elif packet.type in (packets.BINARY_EVENT, packets.BINARY_ACK):
            self._refuse(connection_id, packet, "Binary data is not accepted here.")
        elif packet.type != packets.ACK:  # nothing here asks clients for acknowledgements
            raise packets.BadPacket("only servers send this")

    def _hear_event(self, connection_id: str, packet: packets.Incoming) -> None:
        try:
            name, arguments = packets.event_of(packet.json)
        except packets.BadPacket:
            if packet.id is None:
                raise  # nobody waits for an answer: whoever sends this speaks another language
            self._refuse(connection_id, packet, "This is not an event in valid JSON.")
        else:
            self._receiver.event(connection_id, packet.namespace, packet.id, name, arguments)

    def _refuse(self, connection_id: str, packet: packets.Incoming, why: str) -> None:
        if packet.id is not None:
            name = "chat" if packet.json.startswith('["chat"') else ""
            self._receiver.unreadable(connection_id, packet.namespace, packet.id, name, why)

    def end(self, eio_sid: str, *, at_once: bool = False) -> None:
        """Close a connection after what was sent to it, or `at_once` where it wouldn't read that anyway.

        The library's own `disconnect` waits until everything is read, which a silent client makes for ever.
        """
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None:
            socket.shut(at_once)
