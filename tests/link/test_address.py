"""Addresses of links: whoever may connect is let in, on both loops that programs run on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asnity_server.link.address import LinkAddress, connect, listen
from asnity_server.link.certificates import make_certificates
from asnity_server.link.stream import Stream
from asnity_server.link.tls import LinkKeys


class _End:
    """One end of a connection, and what came there."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[bytes] = asyncio.Queue()

    def opened(self, stream: Stream) -> None:
        stream.send(b"hello")

    def frame(self, stream: Stream, payload: bytes) -> None:
        self.came.put_nowait(payload)

    def lost(self, stream: Stream, why: str) -> None:
        self.came.put_nowait(why.encode())


async def _meet(address: LinkAddress, folder: Path) -> None:
    here, there = _End(), _End()
    server = await listen(address, lambda: Stream(here), LinkKeys(folder, "api"))
    if not address.path:
        port = server.sockets[0].getsockname()[1]
        address = LinkAddress.parse(address.text.replace(":0", f":{port}"))
    stream = await connect(address, lambda: Stream(there), LinkKeys(folder, "gateway"))
    async with asyncio.timeout(20):
        assert await here.came.get() == await there.came.get() == b"hello"
    stream.close("enough")
    async with asyncio.timeout(20):
        await here.came.get()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("kind", ["unix", "tls", "tcp"])
def test_a_gateway_is_let_in(kind: str, loop: str, tmp_path: Path) -> None:
    module = pytest.importorskip(loop)
    make_certificates(tmp_path / "keys")
    addresses = {"unix": f"unix:{tmp_path / 'l'}", "tls": "tls://127.0.0.1:0", "tcp": "tcp://127.0.0.1:0"}
    module.run(_meet(LinkAddress.parse(addresses[kind]), tmp_path / "keys"))
