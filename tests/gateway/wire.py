"""A websocket by hand: frames as bytes, as many at once as one likes, and what came back."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable

from asnity_server.gateway.delivery import frames
from tests.gateway.harness import PATIENCE, GatewayHarness

PING = b"\x89\x80\0\0\0\0"
"""An empty ping of the websocket protocol."""

_HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def said(text: str) -> bytes:
    """A packet as a client's frame, masked with zeros."""
    plain = frames.frame(text.encode())
    header = len(plain) - len(text.encode())
    return bytes((plain[0], plain[1] | 0x80)) + plain[2:header] + b"\0\0\0\0" + plain[header:]


class Wire:
    """One connection. Everything that comes is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._parser = _Frames()
        self.came: list[tuple[int, bytes]] = []
        """Frames, as (opcode, payload)."""
        self._news = asyncio.Event()
        self.closed = False
        self._reading = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def open(cls, harness: GatewayHarness) -> Wire:
        """Connect, and take the greeting."""
        reader, writer = await asyncio.open_connection("127.0.0.1", harness.port)
        writer.write(_HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        wire = cls(reader, writer)
        await wire.until(lambda: any(payload[:1] == b"0" for payload in wire.texts()))
        return wire

    async def enter(self, namespace: str, token: str) -> None:
        """Connect to a namespace."""
        self.send(said(f"40{namespace},{json.dumps({'token': token})}"))
        await self.until(lambda: any(each.startswith(f"40{namespace}".encode()) for each in self.texts()))

    def send(self, data: bytes) -> None:
        """Bytes, without waiting until they are taken."""
        self._writer.write(data)

    def texts(self) -> list[bytes]:
        """Engine.IO packets that came."""
        return [payload for opcode, payload in self.came if opcode == frames.TEXT]

    def pongs(self) -> int:
        """How many pings were answered."""
        return sum(opcode == frames.PONG for opcode, _ in self.came)

    def answered(self) -> list[int]:
        """The numbers of the requests that were answered, in the order in which they were."""
        acknowledged = (each.partition(b",")[2] for each in self.texts() if each.startswith(b"43"))
        return [int(each.partition(b"[")[0]) for each in acknowledged]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something that came makes it true."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def _read(self) -> None:
        try:
            while data := await self._reader.read(65536):
                self.came += self._parser.feed(data)
                self._news.set()
        except ConnectionError:
            pass
        self.closed = True
        self._news.set()

    def deafen(self) -> None:
        """Read nothing from here on, and let the system take little."""
        transport = self._writer.transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        transport.pause_reading()  # type: ignore[attr-defined]
        self._reading.cancel()

    async def close(self) -> None:
        """Hang up."""
        self._writer.transport.abort()
        await asyncio.wait([self._reading])


class _Frames:
    """A server's frames, taken apart: whole ones, unmasked."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        found, data, position = [], self._rest + data, 0
        while len(data) - position >= 2:
            length, start = data[position + 1], position + 2
            width = {126: 2, 127: 8}.get(length, 0)
            if len(data) < start + width:
                break
            if width:
                length = int.from_bytes(data[start : start + width], "big")
            end = start + width + length
            if len(data) < end:
                break
            found.append((data[position] & 0x0F, data[start + width : end]))
            position = end
        self._rest = data[position:]
        return found
