"""python-socketio and python-engineio as both ways of delivery use them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

import engineio
import socketio
from engineio import async_socket
from engineio import exceptions as eio_exceptions
from engineio import packet as eio_packet
from engineio import payload as eio_payload
from socketio import packet as sio_packet

from asnity_server.protocol.limits import FRAME

from . import packets
from .budget import Budget
from .contract import Receiver
from .doorman import Doorman

log = logging.getLogger(__name__)

PATH = "socket.io"
PING_INTERVAL, PING_TIMEOUT = 25, 20
"""Seconds: the libraries' own defaults, told to every client at the handshake."""


POLLED = 500
"""Packets in one polling request: with the library's 16, a client that says much at once is thrown out."""

KNOWN = frozenset({eio_packet.CLOSE, eio_packet.PONG, eio_packet.MESSAGE, eio_packet.UPGRADE})
"""What clients send in protocol 4."""

FAREWELL = 5.0
"""Seconds that a connection has to take its last packets and go."""


def library_logger() -> logging.Logger:
    """A logger for the libraries that stays above INFO, where they would write tokens and messages out."""
    logger = logging.getLogger("asnity_server.socketio")
    logger.setLevel(logging.WARNING)
    return logger


class StructPacket(sio_packet.Packet):  # type: ignore[misc]
    """The library's packet, with our structs as data. (Given by the `json` option, the codec would be everyone's.)"""

    uses_binary_events = False
    json = packets.JSON


class PollingSocket(async_socket.AsyncSocket):  # type: ignore[misc]
    """engineio's socket, for which nonsense is the end of the connection and not a traceback in the log."""

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """Packets that a client posted. Raises `EngineIOError` for anything else, with the socket closed."""
        try:
            await super().handle_post_request(environ)
        except eio_exceptions.EngineIOError:
            raise
        except (ValueError, LookupError) as error:  # what the library's parser raises for what it can't read
            await self.close(wait=False, abort=True)
            raise eio_exceptions.UnknownPacketError("not Engine.IO") from error

    async def receive(self, pkt: Any) -> None:
        """One packet from a client."""
        if pkt.packet_type not in KNOWN:
            raise eio_exceptions.UnknownPacketError("not a client's packet")
        await super().receive(pkt)


@dataclass(frozen=True)
class Door:
    """Who is let in, and what is taken from them."""

    doorman: Doorman = field(default_factory=Doorman)
    frame: int = FRAME
    """Bytes of one frame at most."""
    budget: Budget = field(default_factory=Budget)
    """Packets of one connection."""


class GuardedEngine(engineio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """engineio with somebody at its door."""

    doorman: Doorman

    async def _handle_connect(self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None) -> Any:
        refusal = self.doorman.refusal(environ["aiohttp.request"])
        return refusal or await super()._handle_connect(environ, transport, jsonp_index)


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """python-socketio with its front door replaced: packets are taken apart here and told to a receiver.

    Its own handlers run an event's function by name, in tasks that overtake each other, and leave a request whose
    function raised without an answer.
    """

    def __init__(self, receiver: Receiver, *, door: Door, **options: Any) -> None:
        super().__init__(
            async_mode="aiohttp",
            serializer=StructPacket,
            max_http_buffer_size=door.frame,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            http_compression=False,
            logger=library_logger(),
            engineio_logger=library_logger(),
            **options,
        )
        eio_payload.Payload.max_decode_packets = POLLED
        self._receiver = receiver
        self.doorman = self.eio.doorman = door.doorman
        self.links: set[str] = set()

    def _engineio_server_class(self) -> type[GuardedEngine]:
        return GuardedEngine

    def use_websocket(self, driver: type) -> None:
        """Let `driver` speak on websockets. The table it stands in is copied first: it is the library's own."""
        self.eio._async = {**self.eio._async, "websocket": driver}

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        # the library would keep the request of every connection for its handlers; nothing here needs it
        self.links.add(eio_sid)
        self.doorman.came(eio_sid, self.doorman.address(environ["aiohttp.request"]))
        self.eio.sockets[eio_sid].__class__ = PollingSocket  # the library names its class itself
        self._receiver.opened(eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        try:
            if isinstance(data, str):  # bytes are the attachments of a binary packet that was refused
                self.hear(eio_sid, data)
        except packets.BadPacket as error:
            log.info("closing a connection: %s", error)
            await self.end(eio_sid)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        # the library would look through all namespaces for this connection, and let a poll that waits wait on
        self.lose(eio_sid)
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and not socket.upgraded:
            socket.queue.put_nowait(None)

    def lose(self, link: str) -> None:
        """A connection is gone."""
        if link in self.links:
            self.links.discard(link)
            self.doorman.left(link)
            self._receiver.closed(link)

    def hear(self, link: str, text: str) -> None:
        """Tell the receiver of one packet. Raises `BadPacket`."""
        if link not in self.links:
            return
        packet = packets.parse(text)
        if packet.type == packets.EVENT:
            self._hear_event(link, packet)
        elif packet.type == packets.CONNECT:
            self._receiver.connect(link, packet.namespace, packet.json)
        elif packet.type == packets.DISCONNECT:
            self._receiver.disconnect(link, packet.namespace)
        elif packet.type in (packets.BINARY_EVENT, packets.BINARY_ACK):
            self._refuse(link, packet, "Binary data is not accepted here.")
        elif packet.type != packets.ACK:  # nothing here asks clients for acknowledgements
            raise packets.BadPacket("only servers send this")

    def _hear_event(self, link: str, packet: packets.Incoming) -> None:
        try:
            name, arguments = packets.event_of(packet.json)
        except packets.BadPacket:
            if packet.id is None:
                raise  # nobody waits for an answer: whoever sends this speaks another language
            self._refuse(link, packet, "This is not an event in valid JSON.")
        else:
            self._receiver.event(link, packet.namespace, packet.id, name, arguments)

    def _refuse(self, link: str, packet: packets.Incoming, why: str) -> None:
        if packet.id is not None:
            name = "chat" if packet.json.startswith('["chat"') else ""
            self._receiver.unreadable(link, packet.namespace, packet.id, name, why)

    async def end(self, eio_sid: str, *, at_once: bool = False) -> None:
        """Close a connection, behind what was sent to it, or `at_once` where it wouldn't read that anyway.

        The library's own `disconnect` waits until everything is read, which a silent client makes for ever.
        """
        socket = self.eio.sockets.get(eio_sid)
        if socket is None:
            return
        await socket.close(wait=False, abort=at_once)
        socket.queue.put_nowait(None)
        transport: asyncio.WriteTransport | None = getattr(socket, "transport", None)
        if transport is not None:
            if at_once:
                transport.abort()
            else:
                asyncio.get_running_loop().call_later(FAREWELL, transport.abort)
