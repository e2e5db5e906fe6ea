"""One websocket connection, from the bytes of its transport up to Engine.IO packets, with no task of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from asnity_server.protocol.limits import WRITE_BUDGET

from . import frames

log = logging.getLogger(__name__)

PING_FRAME = frames.frame(b"2")
"""The Engine.IO ping (protocol 4: the server pings, the client pongs)."""


FAREWELL = 5.0
"""Seconds that a client has to take its last packets."""


class Hub(Protocol):
    """What a line belongs to."""

    max_http_buffer_size: int
    """Bytes of one frame at most; the name is the library's."""

    heard: Callable[[str, str], None]
    """Told of a link and an Engine.IO message that arrived on it. Raises `ValueError` for what is no packet."""

    def probed(self, line: Line) -> None:
        """A line that began beside polling works; what is sent from here on waits until it takes over."""

    def upgraded(self, line: Line) -> None:
        """A line that began beside polling carries the connection from here on."""

    def lost(self, line: Line) -> None:
        """The line is gone."""


class Line(asyncio.Protocol):
    """Writes go straight to the transport, in the order of the calls; reads are taken apart as they come.

    The names of the public attributes are those of the library's socket, which this one stands in for.
    """

    __slots__ = ("_closing_sent", "_hub", "_parser", "_transport", "awaiting_pong", "closed", "probing", "sid", "slot")

    connected = True
    upgraded = True

    def __init__(self, hub: Hub, sid: str, *, probing: bool = False) -> None:
        self._hub = hub
        self.sid = sid
        self.probing = probing
        """The client is trying the websocket out; until it is sure, polling carries the connection."""
        self.closed = False
        self.slot = 0
        """When in the round of heartbeats it is this line's turn."""
        self.awaiting_pong = False
        self._closing_sent = False
        self._parser: frames.Parser | None = frames.Parser(hub.max_http_buffer_size)
        self._transport: asyncio.Transport | None = None

    @property
    def closing(self) -> bool:
        """The end has begun."""
        return self._closing_sent or self.closed

    def adopt(self, transport: asyncio.Transport) -> None:
        """Take a transport over from whoever made the handshake."""
        self._transport = transport
        transport.set_protocol(self)

    # Writing

    def write(self, data: bytes) -> None:
        """Send whole frames. Over its budget of waiting bytes, the line is cut: its counters let it catch up."""
        transport = self._transport
        if transport is None or self._closing_sent:
            return
        transport.write(data)
        if transport.get_write_buffer_size() > WRITE_BUDGET:
            self.cut()

    def waiting(self) -> int:
        """Bytes that were written and not taken by the kernel yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def ping(self) -> None:
        """Ask for a sign of life."""
        self.awaiting_pong = True
        self.write(PING_FRAME)

    def end(self, code: int = frames.NORMAL) -> None:
        """Close, behind what was written: an Engine.IO close, then the websocket's."""
        if self.closing:
            return
        self.write(frames.frame(b"1"))
        self._say_goodbye(code)

    def _say_goodbye(self, code: int) -> None:
        if self._transport is None or self._closing_sent:
            return
        self.write(frames.closing(code))
        self._closing_sent = True
        self._transport.close()  # sends what waits first
        if self._transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(FAREWELL, self._transport.abort)

    def cut(self) -> None:
        """Drop the line at once, with whatever waits to be sent."""
        if self._transport is not None:
            self._transport.abort()

    # Reading

    def data_received(self, data: bytes) -> None:
        """Take in bytes; whatever isn't a frame or a packet ends the line."""
        if self._parser is None:
            return
        try:
            for opcode, payload in self._parser.feed(data):
                if self.closing:
                    return
                if opcode == frames.TEXT:
                    self._packet(payload.decode())
                elif opcode == frames.PING:
                    self.write(frames.frame(payload, frames.PONG))
                elif opcode == frames.CLOSE:
                    self._say_goodbye(frames.NORMAL)
        except UnicodeDecodeError:
            self._say_goodbye(frames.BAD_TEXT)
        except frames.BadFrame as error:
            self._say_goodbye(error.code)
        except ValueError as error:
            log.info("closing a connection: %s", error)
            self._say_goodbye(frames.PROTOCOL_ERROR)

    def _packet(self, text: str) -> None:
        """One Engine.IO packet: its first sign is its type."""
        self.awaiting_pong = False
        kind = text[:1]
        if kind == "4" and not self.probing:
            self._hub.heard(self.sid, text[1:])
        elif self.probing:
            self._probe(text)
        elif kind == "1":
            self._say_goodbye(frames.NORMAL)
        elif kind not in ("3", "6"):
            raise ValueError("unknown Engine.IO packet")

    def _probe(self, text: str) -> None:
        if text == "2probe":
            self.write(frames.frame(b"3probe"))
            self._hub.probed(self)
        elif text == "5":
            self.probing = False
            self._hub.upgraded(self)
        else:
            raise ValueError("not how an upgrade goes")

    # What the transport tells

    def eof_received(self) -> bool:
        """A websocket that is half closed is closed."""
        return False

    def pause_writing(self) -> None:
        """There is no producer to pause: the budget bounds what waits."""

    def resume_writing(self) -> None:
        """See `pause_writing`."""

    def connection_lost(self, error: Exception | None) -> None:
        """The transport is gone."""
        self.closed = True
        self._transport = self._parser = None
        self._hub.lost(self)
