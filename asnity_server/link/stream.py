"""A stream carries frames over one connection: length-prefixed, written once per turn of the loop, within a budget."""

from __future__ import annotations

import asyncio
import logging
from struct import Struct
from typing import Protocol, cast

from .frames import LONGEST, Malformed

log = logging.getLogger(__name__)

BUDGET = 8 * 1024 * 1024
"""Bytes that may wait for the other side; beyond it, the connection ends."""

_LENGTH = Struct(">I")


class StreamOwner(Protocol):
    """Owns one end of a stream."""

    def opened(self, stream: Stream) -> None:
        """The connection is there. `stream.close` refuses it."""

    def frame(self, stream: Stream, payload: bytes) -> None:
        """Take a frame. Raises `Malformed`, which ends the connection."""

    def lost(self, stream: Stream, why: str) -> None:
        """The connection is gone."""


class Stream(asyncio.Protocol):
    """One end of a connection between two programs."""

    def __init__(self, owner: StreamOwner) -> None:
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._out: list[bytes] = []
        self._gathered = 0
        self._why = ""
        self.transport: asyncio.Transport
        self.closed = False
        self.heard_at = self._loop.time()
        """When something came last."""
        self.sent_bytes = self.received_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods alone
        self.transport.set_write_buffer_limits(high=BUDGET)
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self.heard_at = self._loop.time()
        self.received_bytes += len(data)
        buffer = self._buffer
        if buffer:
            buffer += data
            data = bytes(buffer) if len(buffer) < 4 or len(buffer) >= 4 + _LENGTH.unpack_from(buffer)[0] else b""
            if not data:
                self._check_length(_LENGTH.unpack_from(buffer)[0])
                return
            buffer.clear()
        position = self._take(data)
        if position < len(data):
            buffer += data[position:]

    def _take(self, data: bytes) -> int:
        """Take all whole frames; returns how many bytes they are."""
        position, end = 0, len(data)
        while end - position >= 4 and not self.closed:
            length = _LENGTH.unpack_from(data, position)[0]
            if not self._check_length(length):
                return end
            if end - position - 4 < length:
                break
            payload = data[position + 4 : position + 4 + length]
            position += 4 + length
            try:
                self._owner.frame(self, payload)
            except Malformed as error:
                self.close(f"a frame can't be read: {error}")
        return end if self.closed else position

    def _check_length(self, length: int) -> bool:
        if length > LONGEST:
            self.close(f"a frame of {length:,} bytes is too long")
        return not self.closed

    def send(self, payload: bytes) -> None:
        """Send a frame, at the end of this turn of the loop."""
        if self.closed:
            return
        if not self._out:
            self._loop.call_soon(self.flush)
        self._out.append(_LENGTH.pack(len(payload)))
        self._out.append(payload)
        self._gathered += 4 + len(payload)

    def send_now(self, payload: bytes) -> None:
        """Send a frame at once, behind what was sent in this turn: where nothing more comes in it."""
        if self.closed:
            return
        self._out.append(_LENGTH.pack(len(payload)))
        self._out.append(payload)
        self._gathered += 4 + len(payload)
        self.flush()

    def flush(self) -> None:
        """Write what was sent in this turn."""
        if not self._out or self.closed:
            return
        data = b"".join(self._out)
        self._out.clear()
        self._gathered = 0
        self.sent_bytes += len(data)
        self.transport.write(data)
        if self.waiting > BUDGET:
            self.close("the other side is too slow")

    @property
    def waiting(self) -> int:
        """Bytes that the other side didn't take yet."""
        return self._gathered + self.transport.get_write_buffer_size()

    def close(self, why: str, *, politely: bool = False) -> None:
        """End the connection; `politely` behind what was sent."""
        if self.closed:
            return
        if politely:
            self.flush()
        self.closed, self._why = True, self._why or why
        if politely:
            self.transport.close()
        else:
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self.closed = True
        self._owner.lost(self, self._why or (str(error) if error is not None else "the connection ended"))
