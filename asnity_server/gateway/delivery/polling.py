"""Long-polling of Engine.IO 4 by the rule that nothing waits for a silent client: every wait here has a time limit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from engineio import async_socket
from engineio import exceptions as eio_exceptions
from engineio import packet as eio_packet

from asnity_server.protocol.limits import WRITE_BUDGET
from asnity_server.request_body import read_body

from .backlog import LITTLE
from .budget import SHIFT, TURN, Allowance
from .connection_limit import ConnectionLimit
from .packets import BadPacket

log = logging.getLogger(__name__)

POLLED = 500
"""Packets in one post: with the library's 16, a client that says much at once is thrown out."""

ANSWERED = 16
"""Packets in the answer to one poll: the most that the library's own client takes."""

FAREWELL = 5.0
"""Seconds that a connection has to take its last packets and go."""

PROBE_TIME = 10.0
"""Seconds that a polling client may try a websocket out."""

BESIDE_A_PROBE = 0.1
"""Seconds that a poll waits meanwhile: a client that has tried it out waits for its poll before it changes over."""

SENDING_TIME = 20.0
"""Seconds in which a client has to take the answer to its poll."""

PACKET = 100
"""Bytes that a packet takes beside its data, roughly."""

NOOP = eio_packet.Packet(eio_packet.NOOP)

_SEPARATOR = "\x1e"
_MESSAGE, _BINARY = "4", "b"
_CLOSE, _PONG, _NOOP = "1", "3", "6"

_KNOWN = frozenset({eio_packet.CLOSE, eio_packet.PONG, eio_packet.MESSAGE})
"""Packets that clients send on websockets in protocol 4, and that have any effect."""


class PacketQueue(asyncio.Queue[Any]):
    """The packets that wait for a client, and their size. `None` follows the last one."""

    def _init(self, maxsize: int) -> None:
        super()._init(maxsize)
        self.size = 0
        self.news = asyncio.Event()

    def _put(self, item: Any) -> None:
        self.size += _size(item)
        super()._put(item)
        self.news.set()

    def _get(self) -> Any:
        item = super()._get()
        self.size -= _size(item)
        return item


def _size(item: Any) -> int:
    return 0 if item is None else PACKET + len(item.data or "")


@dataclass
class UpgradeProbe:
    """The probe of a websocket that a polling client wants to upgrade to."""

    give_up: Callable[[], object]
    timer: asyncio.TimerHandle
    works: bool = False
    """Whether the client was told that it works."""


class PollingSocket(async_socket.AsyncSocket):  # type: ignore[misc]  # the library has no types
    """engineio's socket with one poll, one post and one probe at a time, and an end that waits for nobody.

    The library makes its sockets itself, so they become this class afterwards; what is new begins as the class has it.
    Where the library's own websockets are used, they are sockets of this class too.
    """

    sid: str
    closing: bool
    closed: bool
    upgraded: bool
    queue: PacketQueue
    transport: asyncio.Transport | None = None
    """The transport of the library's websocket."""
    reading: Any = None
    """The library's websocket, as its driver reads it."""

    person = ""
    """The person whose connection it is, once that is known; strangers are all one."""

    _poll: web.Request | None = None
    _posting = False
    _probe: UpgradeProbe | None = None
    _timer: asyncio.TimerHandle | None = None
    _awaiting_pong = False
    _allowance: Allowance | None = None

    # Sending

    def put(self, packet: Any) -> None:
        """Send a packet. Over its budget of what waits, the connection is cut: its counters let it catch up."""
        if self.closing or self.closed:
            return
        self.queue.put_nowait(packet)
        if self.queue.size > LITTLE:
            self.server.backlog.grows(self)
        if self.queue.size > WRITE_BUDGET:
            log.info("closing a connection that doesn't take what it is sent")
            asyncio.get_running_loop().call_soon(self.shut, True)

    def waiting(self) -> int:
        """Return the number of bytes that its client didn't take yet."""
        return self.queue.size

    def cut(self) -> None:
        """End it at once."""
        self.shut(at_once=True)

    async def send(self, pkt: Any) -> None:
        """The same, as the library calls it."""
        self.put(pkt)

    # Polls

    async def handle_get_request(self, environ: dict[str, Any]) -> Any:
        """Answer a poll, or begin an upgrade."""
        request: web.Request = environ["aiohttp.request"]
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            return await self._upgrade_websocket(environ)
        if self._poll is not None and not is_gone(self._poll):
            self.shut(at_once=True)  # the protocol has it so: packets would be torn between the two
            return self.server._bad_request("Overlapping polls")
        self._poll = request
        request[POLLING] = self
        self.queue.news.set()  # if another waits, whose client is gone, it sees that it is over
        await self._something_to_send(request)
        if self._poll is not request or self.upgraded or is_gone(request):
            return [NOOP]
        return self._taken(ANSWERED) or [NOOP]

    async def _something_to_send(self, request: web.Request) -> None:
        queue = self.queue
        while queue.empty() and self._poll is request and not self.upgraded:
            queue.news.clear()
            try:
                async with asyncio.timeout(BESIDE_A_PROBE if self._probe is not None else None):
                    await queue.news.wait()
            except TimeoutError:
                return

    def _taken(self, most: int) -> list[Any]:
        """Return the packets that wait, `most` of them; after the last one the connection is over."""
        packets: list[Any] = []
        while not self.queue.empty() and len(packets) < most:
            packet = self.queue.get_nowait()
            if packet is None:
                self.over()
                break
            packets.append(packet)
        return packets

    async def answered(self, request: web.Request, response: web.StreamResponse) -> None:
        """Send the answer to a poll; a client that doesn't take it is cut off."""
        try:
            async with asyncio.timeout(SENDING_TIME):
                await response.prepare(request)
                await response.write_eof()
        except TimeoutError:
            log.info("closing a connection that doesn't read")
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:
            pass  # it is gone, as the web server sees too
        finally:
            if self._poll is request:
                self._poll = None

    # Posts

    async def take_post(self, request: web.Request) -> None:
        """Handle the packets of a post. Raises `AsnityError` or `ValueError` for a bad one, and closes the socket."""
        try:
            self._refuse_when_over()
            if self._posting:
                raise BadPacket("overlapping posts")
            self._posting = True
            try:
                await self._hear_all(await read_body(request, self.server.max_http_buffer_size))
            finally:
                self._posting = False
        except Exception:
            self.shut(at_once=True)  # the answer says it
            raise

    def _refuse_when_over(self) -> None:
        if self.upgraded or self.closing or self.closed:
            raise BadPacket("a post to what is over")

    async def _hear_all(self, body: bytes) -> None:
        self._refuse_when_over()  # meanwhile
        packets = body.decode().split(_SEPARATOR) if body else []
        if len(packets) > POLLED:
            raise BadPacket("too many packets in one post")
        for number, packet in enumerate(packets, 1):
            if self.closing or self.closed:
                return
            self._hear(packet)
            await self._count(len(packet), turn_is_over=not number % TURN)

    async def _count(self, size: int, *, turn_is_over: bool) -> None:
        """Wait until there is a budget for one more, and let everybody else have a turn now and then."""
        allowance = self._allowance = self._allowance or Allowance(self.server.budget)
        allowance.left -= 1 + (size >> SHIFT)
        seconds = allowance.wait() if allowance.left < 0 else 0.0
        if allowance.offends:
            raise BadPacket("always over its budget")
        if seconds or turn_is_over:
            await asyncio.sleep(seconds)

    def _hear(self, packet: str) -> None:
        kind = packet[:1]
        if kind == _MESSAGE:
            self.server.heard(self.sid, packet[1:])
        elif kind == _PONG:
            self.schedule_ping()
        elif kind == _CLOSE:
            self.shut(at_once=True)
        elif kind not in (_BINARY, _NOOP):  # binary: the attachments of a packet that was refused
            raise BadPacket("not a client's Engine.IO packet")

    async def receive(self, pkt: Any) -> None:
        """Handle a packet from one of the library's websockets."""
        if pkt.packet_type not in _KNOWN:
            raise eio_exceptions.UnknownPacketError("not a client's packet")
        await super().receive(pkt)

    # Upgrades

    def begin_probe(self, request: web.Request, give_up: Callable[[], object]) -> web.Response | None:
        """Probe a websocket beside polling, which goes on; `give_up` ends the probe.

        Returns the answer that refuses it: one is probed already, there are too many of its address, or it is over.
        """
        if self._probe is not None or self.closing or self.closed:
            return web.Response(status=400, text="One upgrade at a time.")
        connection_limit: ConnectionLimit = self.server.connection_limit
        refusal = connection_limit.refusal(request, upgrading=True)
        if refusal is None:
            connection_limit.opened(self._probe_name, connection_limit.address(request))
            self._probe = UpgradeProbe(give_up, asyncio.get_running_loop().call_later(PROBE_TIME, give_up))
        return refusal

    @property
    def _probe_name(self) -> str:
        """The id by which a probe counts towards the connection limit."""
        return f"{self.sid} upgrading"

    def probe_works(self) -> None:
        """Note that the probe succeeded: the client upgrades when its poll has come back.

        Raises `ValueError` for a second time.
        """
        if self._probe is None or self._probe.works:
            raise BadPacket("an upgrade is probed once")
        self._probe.works = True
        self.queue.news.set()

    def end_probe(self) -> None:
        """End the probe, one way or the other."""
        if self._probe is not None:
            self._probe.timer.cancel()
            self._probe = None
            self.server.connection_limit.closed(self._probe_name)
            self.queue.news.set()

    def hand_over(self) -> list[Any]:
        """Give the connection to a websocket; return the unsent packets. Raises `ValueError` without a probe."""
        if self._probe is None or not self._probe.works:
            raise BadPacket("an upgrade is probed first")
        packets = [each for each in self._taken(self.queue.qsize()) if each.packet_type != eio_packet.NOOP]
        self.upgraded = True
        self._let_go()
        return packets

    # Heartbeats, on the clock that nobody sets

    def schedule_ping(self) -> None:
        """Send a ping after a while; a second one only when a pong came."""
        if self._timer is None or self._awaiting_pong:
            self._wait(self.server.ping_interval, self._ask_for_life)

    def _ask_for_life(self) -> None:
        self._wait(self.server.ping_timeout, self._silent, awaiting_pong=True)
        self.put(eio_packet.Packet(eio_packet.PING))

    def _silent(self) -> None:
        log.info("closing a connection that is silent")
        self.shut(at_once=True)

    def _wait(self, seconds: float, then: Callable[[], object], *, awaiting_pong: bool = False) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._awaiting_pong = awaiting_pong
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

    async def check_ping_timeout(self) -> bool:
        """Return whether it is open: silence is noticed by a timer here, and not by the time of day."""
        return not self.closing and not self.closed

    # The end

    async def close(self, wait: bool = True, abort: bool = False, reason: object = None) -> None:
        """Call `shut`, for the library; never wait until everything is taken, which a silent client never does."""
        self.shut(at_once=abort)

    def shut(self, at_once: bool = False) -> None:
        """End the connection after what was sent to it and a farewell, or `at_once`."""
        if self.closing or self.closed:
            return
        self.closing = True
        # told later, as of a transport that is lost: whoever closes may be in the middle of something
        asyncio.get_running_loop().call_soon(self.server.gone, self.sid)
        if self._probe is not None:
            self._probe.give_up()
        if at_once:
            while not self.queue.empty():
                self.queue.get_nowait()
        self.queue.put_nowait(eio_packet.Packet(eio_packet.CLOSE))
        self.queue.put_nowait(None)
        if at_once and self._poll is None:
            self._end_now()
        else:
            self._wait(FAREWELL, self._end_now)

    def _end_now(self) -> None:
        for transport in (self.transport, self._poll.transport if self._poll is not None else None):
            if transport is not None:
                transport.abort()
        self.over()

    def over(self) -> None:
        """End the connection but for an answer that is under way; it doesn't count towards the limit any more."""
        if not self.closed:
            self.server.connection_limit.closed(self.sid)
        self._let_go()

    def _let_go(self) -> None:
        self.closing = self.closed = True
        self.server.backlog.gone(self)
        if self._timer is not None:
            self._timer.cancel()
        self.end_probe()
        self.queue.news.set()
        if self.server.sockets.get(self.sid) is self:
            del self.server.sockets[self.sid]


POLLING = web.RequestKey("polling", PollingSocket)
"""The socket whose poll a request is."""


def is_gone(request: web.Request) -> bool:
    """Return whether nobody is left to be answered."""
    return request.transport is None or request.transport.is_closing()
