"""Addresses of links: whoever may connect is let in, on both loops that programs run on."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
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


def _knock_as_nobody(folder: str, path: str) -> socket.socket:
    """Connect as a user who may use the socket by its mode alone."""
    os.chmod(folder, 0o711)
    os.chmod(path, 0o666)
    found = socket.socket(socket.AF_UNIX)
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        found.connect(path)
    finally:
        os.seteuid(0)
        os.setegid(0)
    return found


NOBODY = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
async def test_another_user_is_turned_away_though_the_socket_is_open_to_all() -> None:
    end = _End()
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/l"
        server = await listen(LinkAddress.parse(f"unix:{path}"), lambda: Stream(end), None)
        assert os.stat(path).st_mode & 0o777 == 0o660
        with _knock_as_nobody(folder, path):
            async with asyncio.timeout(20):
                assert await end.came.get() == b"user 65534 may not link"
        server.close()
        await server.wait_closed()


async def test_a_socket_that_somebody_listens_on_stays_theirs(tmp_path: Path) -> None:
    end = _End()
    address = LinkAddress.parse(f"unix:{tmp_path / 'l'}")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(address.path)  # as a program that was killed leaves it
    server = await listen(address, lambda: Stream(end), None)
    with pytest.raises(OSError, match="in use"):
        await listen(address, lambda: Stream(end), None)
    async with asyncio.timeout(20):
        await end.came.get()  # the other one looked whether somebody listens
    server.close()
    await server.wait_closed()
    os.mknod(tmp_path / "file")
    with pytest.raises(OSError, match="in use"):
        await listen(LinkAddress.parse(f"unix:{tmp_path / 'file'}"), lambda: Stream(end), None)
    assert "file" in os.listdir(tmp_path)
