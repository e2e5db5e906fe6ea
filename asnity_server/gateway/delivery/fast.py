"""The fast delivery: one frame for everyone in a room, one write per member, straight to its transport."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from typing import Protocol

from aiohttp import web
from engineio import packet as eio_packet

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.limits import WRITE_BUDGET

from . import frames, packets
from .batch import Batch
from .engineio_server import WebSocketServer
from .interface import Receiver
from .polling import PollingSocket
from .socketio_server import PATH, ConnectionPolicy
from .websocket import WebSocketConnection

log = logging.getLogger(__name__)


class Endpoint(Protocol):
    """The receiver of frames for one connection."""

    def write(self, data: bytes) -> None:
        """Write whole frames, one or several."""

    def waiting(self) -> int:
        """Return the number of bytes that it didn't take yet."""


class PollingEndpoint:
    """A connection that began by polling: frames become packets in the library's queue until a websocket takes over."""

    def __init__(self, socket: PollingSocket) -> None:
        self._socket = socket
        self.websocket: WebSocketConnection | None = None

    def write(self, data: bytes) -> None:
        """See `Endpoint`."""
        if self.websocket is not None:
            self.websocket.write(data)
            return
        for payload in _payloads(data):
            self._socket.put(eio_packet.Packet(encoded_packet=payload.decode()))

    def waiting(self) -> int:
        """See `Endpoint`."""
        if self.websocket is not None:
            return self.websocket.waiting()
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

    def __init__(self, policy: ConnectionPolicy | None = None) -> None:
        self._policy = policy or ConnectionPolicy()
        self._server: WebSocketServer
        self._endpoints: dict[str, Endpoint] = {}
        self._rooms: dict[tuple[str, str], dict[Endpoint, None]] = {}
        self._batches: dict[tuple[str, str], Batch[Endpoint]] = {}

    def attach(self, app: web.Application, receiver: Receiver) -> None:
        """See `Delivery`."""
        self._server = WebSocketServer(
            receiver,
            policy=self._policy,
            took_over=self._took_over,
            gone=lambda connection_id: self._endpoints.pop(connection_id, None),
        )
        self._server.attach(app, socketio_path=PATH)

    def _took_over(self, websocket: WebSocketConnection) -> None:
        endpoint = self._endpoints.get(websocket.sid)
        if isinstance(endpoint, PollingEndpoint):
            endpoint.websocket = websocket  # it stays in its rooms
        else:
            self._endpoints[websocket.sid] = websocket

    def _endpoint(self, connection_id: str) -> Endpoint | None:
        endpoint = self._endpoints.get(connection_id)
        if endpoint is None and connection_id in self._server.connection_ids:
            socket = self._server.eio.sockets.get(connection_id)
            if isinstance(socket, PollingSocket):
                endpoint = self._endpoints[connection_id] = PollingEndpoint(socket)
        return endpoint

    def _send(self, connection_id: str, packet: str) -> None:
        self.flush()
        endpoint = self._endpoint(connection_id)
        if endpoint is not None:
            endpoint.write(frames.frame(b"4" + packet.encode()))

    # Namespaces

    def accept(self, connection_id: str, namespace: str, person: str) -> None:
        """See `Delivery`."""
        socket = self._server.eio.sockets.get(connection_id)
        if socket is not None:
            socket.person = person
        self._send(connection_id, packets.payload(packets.CONNECT, namespace, {"sid": self._server.eio.generate_id()}))

    def refuse(self, connection_id: str, namespace: str, error: ErrorInfo) -> None:
        """See `Delivery`."""
        self._send(
            connection_id, packets.payload(packets.CONNECT_ERROR, namespace, {"message": error.message, "data": error})
        )

    def expel(self, connection_id: str, namespace: str) -> None:
        """See `Delivery`."""
        self._send(connection_id, packets.disconnect(namespace))

    def forget(self, connection_id: str, namespace: str) -> None:
        """See `Delivery`. Its rooms were left one by one; there is nothing else."""

    # Rooms

    def enter(self, connection_id: str, namespace: str, room: str) -> None:
        """See `Delivery`."""
        self.flush()
        endpoint = self._endpoint(connection_id)
        if endpoint is not None:
            self._rooms.setdefault((namespace, room), {})[endpoint] = None

    def leave(self, connection_id: str, namespace: str, room: str) -> None:
        """See `Delivery`."""
        self.flush()
        members = self._rooms.get((namespace, room))
        endpoint = self._endpoints.get(connection_id)
        if members is not None and endpoint is not None:
            members.pop(endpoint, None)
            if not members:
                del self._rooms[namespace, room]

    # Packets

    def acknowledge(
        self, connection_id: str, namespace: str, number: int, answer: object, *, order_with: str | None = None
    ) -> None:
        """See `Delivery`."""
        endpoint = self._endpoint(connection_id)
        if endpoint is None:
            return
        frame = frames.frame(packets.frame_payload(packets.ACK, namespace, [answer], number))
        if order_with is None:
            self.flush()
            endpoint.write(frame)
        else:
            self._batch(namespace, order_with).insert(endpoint, frame)

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
        members = self._rooms.get((namespace, room))
        if members is None:
            return
        frame = frames.frame(packets.frame_payload(packets.EVENT, namespace, [event, data]))
        skipped = {endpoint for connection_id in skip if (endpoint := self._endpoints.get(connection_id)) is not None}
        if order_with == room:
            self._batch(namespace, order_with).add(frame, skipped)
        elif order_with is not None:
            batch = self._batch(namespace, order_with)
            for endpoint in members:
                if endpoint not in skipped:
                    batch.insert(endpoint, frame)
        else:
            self.flush()
            for endpoint in list(members):
                if endpoint not in skipped and not (ephemeral and endpoint.waiting() > WRITE_BUDGET // 4):
                    endpoint.write(frame)

    def _batch(self, namespace: str, room: str) -> Batch[Endpoint]:
        batch = self._batches.get((namespace, room))
        if batch is None:
            batch = self._batches[namespace, room] = Batch()
        return batch

    def flush(self) -> None:
        """See `Delivery`."""
        if self._batches:
            batches, self._batches = self._batches, {}
            for place, batch in batches.items():
                for endpoint, data in batch.writes(list(self._rooms.get(place, ()))):
                    endpoint.write(data)

    # The other way

    def hold(self, connection_id: str) -> None:
        """See `Delivery`."""
        socket = self._server.eio.sockets.get(connection_id)
        if isinstance(socket, WebSocketConnection):
            socket.hold()

    def release(self, connection_id: str) -> None:
        """See `Delivery`."""
        socket = self._server.eio.sockets.get(connection_id)
        if isinstance(socket, WebSocketConnection):
            socket.release()

    # The end

    def close(self, connection_id: str) -> None:
        """See `Delivery`."""
        self.flush()
        self._server.end(connection_id)

    async def shut_down(self) -> None:
        """See `Delivery`."""
        self.flush()
        for connection_id in list(self._server.eio.sockets):
            self._server.end(connection_id)
        await self._server.stop()
