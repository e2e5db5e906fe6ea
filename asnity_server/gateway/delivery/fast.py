"""Delivery as fast as the kernel takes it: one frame for everyone, one write per member, nothing in between."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from typing import Protocol

from aiohttp import web
from engineio import packet as eio_packet

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.limits import WRITE_BUDGET

from . import frames, packets
from .batch import Stream
from .engineio_server import LineServer
from .interface import Receiver
from .polling import PollingSocket
from .socketio_server import PATH, Door
from .websocket import Line

log = logging.getLogger(__name__)


class Endpoint(Protocol):
    """Where frames for one connection go."""

    def write(self, data: bytes) -> None:
        """Whole frames, one or several."""

    def waiting(self) -> int:
        """Bytes that it didn't take yet."""


class PollingEndpoint:
    """A connection that polls, or began so: frames become packets in the library's queue until a line takes over."""

    def __init__(self, socket: PollingSocket) -> None:
        self._socket = socket
        self.line: Line | None = None

    def write(self, data: bytes) -> None:
        """See `Endpoint`."""
        if self.line is not None:
            self.line.write(data)
            return
        for payload in _payloads(data):
            self._socket.put(eio_packet.Packet(encoded_packet=payload.decode()))

    def waiting(self) -> int:
        """See `Endpoint`."""
        if self.line is not None:
            return self.line.waiting()
        size: int = self._socket.queue.size
        return size


def _payloads(data: bytes) -> Iterator[bytes]:
    """The payloads of whole, unmasked frames."""
    position = 0
    while position < len(data):
        length, start = data[position + 1], position + 2
        if length >= 126:
            width = 2 if length == 126 else 8
            length = int.from_bytes(data[start : start + width], "big")
            start += width
        yield data[start : start + length]
        position = start + length


class FastDelivery:
    """Writes to transports directly. Rooms are kept here; the library's manager knows of none."""

    def __init__(self, door: Door | None = None) -> None:
        self._door = door or Door()
        self._server: LineServer
        self._endpoints: dict[str, Endpoint] = {}
        self._rooms: dict[tuple[str, str], dict[Endpoint, None]] = {}
        self._streams: dict[tuple[str, str], Stream[Endpoint]] = {}

    def attach(self, app: web.Application, receiver: Receiver) -> None:
        """See `Delivery`."""
        self._server = LineServer(
            receiver, door=self._door, took_over=self._took_over, gone=lambda link: self._endpoints.pop(link, None)
        )
        self._server.attach(app, socketio_path=PATH)

    def _took_over(self, line: Line) -> None:
        endpoint = self._endpoints.get(line.sid)
        if isinstance(endpoint, PollingEndpoint):
            endpoint.line = line  # it stays in its rooms
        else:
            self._endpoints[line.sid] = line

    def _endpoint(self, link: str) -> Endpoint | None:
        endpoint = self._endpoints.get(link)
        if endpoint is None and link in self._server.links:
            socket = self._server.eio.sockets.get(link)
            if isinstance(socket, PollingSocket):
                endpoint = self._endpoints[link] = PollingEndpoint(socket)
        return endpoint

    def _send(self, link: str, packet: str) -> None:
        self.flush()
        endpoint = self._endpoint(link)
        if endpoint is not None:
            endpoint.write(frames.frame(b"4" + packet.encode()))

    # Namespaces

    def accept(self, link: str, namespace: str, person: str) -> None:
        """See `Delivery`."""
        socket = self._server.eio.sockets.get(link)
        if socket is not None:
            socket.person = person
        self._send(link, packets.payload(packets.CONNECT, namespace, {"sid": self._server.eio.generate_id()}))

    def refuse(self, link: str, namespace: str, error: ErrorInfo) -> None:
        """See `Delivery`."""
        self._send(link, packets.payload(packets.CONNECT_ERROR, namespace, {"message": error.message, "data": error}))

    def expel(self, link: str, namespace: str) -> None:
        """See `Delivery`."""
        self._send(link, packets.disconnect(namespace))

    def forget(self, link: str, namespace: str) -> None:
        """See `Delivery`. Its rooms were left one by one; there is nothing else."""

    # Rooms

    def enter(self, link: str, namespace: str, room: str) -> None:
        """See `Delivery`."""
        self.flush()
        endpoint = self._endpoint(link)
        if endpoint is not None:
            self._rooms.setdefault((namespace, room), {})[endpoint] = None

    def leave(self, link: str, namespace: str, room: str) -> None:
        """See `Delivery`."""
        self.flush()
        members = self._rooms.get((namespace, room))
        endpoint = self._endpoints.get(link)
        if members is not None and endpoint is not None:
            members.pop(endpoint, None)
            if not members:
                del self._rooms[namespace, room]

    # Packets

    def acknowledge(self, link: str, namespace: str, number: int, answer: object, *, along: str | None = None) -> None:
        """See `Delivery`."""
        endpoint = self._endpoint(link)
        if endpoint is None:
            return
        frame = frames.frame(packets.frame_payload(packets.ACK, namespace, [answer], number))
        if along is None:
            self.flush()
            endpoint.write(frame)
        else:
            self._stream(namespace, along).insert(endpoint, frame)

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
        members = self._rooms.get((namespace, room))
        if members is None:
            return
        frame = frames.frame(packets.frame_payload(packets.EVENT, namespace, [event, data]))
        skipped = {endpoint for link in but if (endpoint := self._endpoints.get(link)) is not None}
        if along == room:
            self._stream(namespace, along).add(frame, skipped)
        elif along is not None:
            stream = self._stream(namespace, along)
            for endpoint in members:
                if endpoint not in skipped:
                    stream.insert(endpoint, frame)
        else:
            self.flush()
            for endpoint in list(members):
                if endpoint not in skipped and not (ephemeral and endpoint.waiting() > WRITE_BUDGET // 4):
                    endpoint.write(frame)

    def _stream(self, namespace: str, room: str) -> Stream[Endpoint]:
        stream = self._streams.get((namespace, room))
        if stream is None:
            stream = self._streams[namespace, room] = Stream()
        return stream

    def flush(self) -> None:
        """See `Delivery`."""
        if self._streams:
            streams, self._streams = self._streams, {}
            for place, stream in streams.items():
                for endpoint, data in stream.writes(list(self._rooms.get(place, ()))):
                    endpoint.write(data)

    # The other way

    def hold(self, link: str) -> None:
        """See `Delivery`."""
        socket = self._server.eio.sockets.get(link)
        if isinstance(socket, Line):
            socket.hold()

    def release(self, link: str) -> None:
        """See `Delivery`."""
        socket = self._server.eio.sockets.get(link)
        if isinstance(socket, Line):
            socket.release()

    # The end

    def close(self, link: str) -> None:
        """See `Delivery`."""
        self.flush()
        self._server.end(link)

    async def shut_down(self) -> None:
        """See `Delivery`."""
        self.flush()
        for link in list(self._server.eio.sockets):
            self._server.end(link)
        await self._server.stop()
