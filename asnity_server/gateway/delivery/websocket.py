"""A websocket connection: from the bytes of its transport up to Engine.IO packets, with no task of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from asnity_server.protocol.limits import WRITE_BUDGET

from . import frames
from .backlog import Backlog
from .budget import SHIFT, TURN, Allowance, Budget, TurnQueue

log = logging.getLogger(__name__)

PING_FRAME = frames.frame(b"2")
"""The Engine.IO ping (protocol 4: the server pings, the client pongs)."""


FAREWELL = 5.0
"""Seconds that a client has to take its last packets."""


class WebSocketHost(Protocol):
    """The server that a websocket belongs to."""

    max_http_buffer_size: int
    """Bytes of one frame at most; the name is the library's."""

    budget: Budget
    """The receive budget of each connection."""

    backlog: Backlog
    """The connections that read too slowly."""

    turns: TurnQueue
    """The connections that sent more than one turn takes."""

    heard: Callable[[str, str], None]
    """Called with a connection's id and an Engine.IO message from it. Raises `ValueError` for what is no packet."""

    def probed(self, websocket: WebSocketConnection) -> None:
        """Note that a websocket beside polling works. Raises `ValueError` for one that was probed before."""

    def upgraded(self, websocket: WebSocketConnection) -> None:
        """Let a websocket beside polling carry the connection. Raises `ValueError` for one that wasn't probed."""

    def lost(self, websocket: WebSocketConnection) -> None:
        """Forget a websocket that is gone."""


class WebSocketConnection(asyncio.Protocol):
    """A websocket: writes go straight to the transport, in the order of the calls; reads are parsed as they come.

    The names of the public attributes are those of the library's socket, which this one stands in for.
    """

    __slots__ = (
        "_allowance",
        "_closing_sent",
        "_held",
        "_host",
        "_left",
        "_parser",
        "_transport",
        "_waits",
        "awaiting_pong",
        "closed",
        "person",
        "probing",
        "sid",
        "slot",
    )  # fmt: skip

    connected = True
    upgraded = True

    def __init__(self, hub: WebSocketHost, sid: str, *, probing: bool = False) -> None:
        self._host = hub
        self.sid = sid
        self.person = sid
        """The person whose websocket it is, once that is known."""
        self.probing = probing
        """The client is trying the websocket out; until it is sure, polling carries the connection."""
        self.closed = False
        self.slot = 0
        """Its place in the round of heartbeats."""
        self.awaiting_pong = False
        self._closing_sent = False
        self._allowance = Allowance(hub.budget)
        self._waits = False
        """Whether the rest of what was read waits for a turn: until then nothing more is read."""
        self._held = False
        self._left: Sequence[tuple[int, bytes]] = ()
        """Packets of a turn in which the websocket was held."""
        self._parser: frames.Parser | None = frames.Parser(hub.max_http_buffer_size)
        self._transport: asyncio.Transport | None = None

    @property
    def closing(self) -> bool:
        """The end has begun."""
        return self._closing_sent or self.closed

    @property
    def _is_open(self) -> bool:
        return not self.closing and self._transport is not None and not self._transport.is_closing()

    def adopt(self, transport: asyncio.Transport) -> None:
        """Take a transport over from whoever made the handshake."""
        self._transport = transport
        transport.set_protocol(self)

    # Writing

    def write(self, data: bytes) -> None:
        """Send whole frames. Over its budget of waiting bytes, the websocket is cut: its counters let it catch up."""
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
        """Send a ping."""
        self.awaiting_pong = True
        self.write(PING_FRAME)

    def end(self, code: int = frames.NORMAL) -> None:
        """Close after what was written: an Engine.IO close, then the websocket's."""
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
        """Abort the websocket at once, with whatever waits to be sent."""
        if self._transport is not None:
            self._transport.abort()

    # Reading

    def data_received(self, data: bytes) -> None:
        """Parse received bytes; whatever isn't a frame or a packet ends the websocket."""
        if self._parser is not None and not self.closing:
            self._allowance.left -= len(data) >> SHIFT
            self._take(self._parser, data)

    def _take(self, parser: frames.Parser, data: bytes) -> None:
        try:
            found = parser.feed(data, TURN)
            if self._left:
                found, self._left = [*self._left, *found], ()
            for index, (opcode, payload) in enumerate(found):
                if self.closing:
                    return
                if self._held:
                    self._left = found[index:]
                    break
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
        self._allowance.left -= parser.taken or 1
        if self._allowance.left < 0 or parser.more:
            self._wait_for_turn(parser)

    def _wait_for_turn(self, parser: frames.Parser) -> None:
        """Read nothing more until there is a turn, or a budget, for it."""
        if self._waits or self._transport is None or not self._is_open:
            return
        seconds = self._allowance.wait() if self._allowance.left < 0 else 0.0
        if self._allowance.offends:
            log.info("closing a connection that never stops sending more than it may")
            self._say_goodbye(frames.POLICY)
        elif seconds or parser.more:
            self._waits = True
            self._transport.pause_reading()
            if seconds:
                asyncio.get_running_loop().call_later(seconds, self.go_on)
            else:
                self._host.turns.ask(self)

    def hold(self) -> None:
        """Take nothing more until `release`."""
        self._held = True
        if self._transport is not None and self._is_open:
            self._transport.pause_reading()

    def release(self) -> None:
        """See `hold`. What was read already has its turn with everybody else's."""
        self._held = False
        if not self._waits and self._is_open:
            self._waits = True
            self._host.turns.ask(self)

    def go_on(self) -> None:
        """Handle the packets that were left over, as far as the budget goes, and read on once none is left."""
        self._waits = False
        parser = self._parser
        if parser is None or self.closing or self._held:
            return
        if self._left or parser.more:
            self._take(parser, b"")
        if self._transport is not None and self._is_open and not (self._waits or self._held):
            self._transport.resume_reading()

    @property
    def is_silent(self) -> bool:
        """Whether it was pinged and gave no pong, though somebody listened."""
        return self.awaiting_pong and not self._waits and not self._held

    def _packet(self, text: str) -> None:
        """One Engine.IO packet: its first sign is its type."""
        self.awaiting_pong = False
        kind = text[:1]
        if kind == "4" and not self.probing:
            self._host.heard(self.sid, text[1:])
        elif self.probing:
            self._probe(text)
        elif kind == "1":
            self._say_goodbye(frames.NORMAL)
        elif kind not in ("3", "6"):
            raise ValueError("unknown Engine.IO packet")

    def _probe(self, text: str) -> None:
        if text == "2probe":
            self._host.probed(self)
            self.write(frames.frame(b"3probe"))
        elif text == "5":
            self._host.upgraded(self)
            self.probing = False
        else:
            raise ValueError("not how an upgrade goes")

    # Called by the transport

    def eof_received(self) -> bool:
        """Close a websocket that is half closed."""
        return False

    def pause_writing(self) -> None:
        """Register with the backlog; there is no producer to pause, as budgets bound what waits."""
        self._host.backlog.grows(self)

    def resume_writing(self) -> None:
        """See `pause_writing`."""
        self._host.backlog.gone(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the transport, which is gone."""
        self.closed = True
        self._host.backlog.gone(self)
        self._transport = self._parser = None
        self._host.lost(self)
