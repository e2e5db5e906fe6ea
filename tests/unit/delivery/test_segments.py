"""The proxy passes a batch on in the pieces that a test asks for, whole and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.proxy import proxy_to
from tests.fakes.segments import Pieces, cut_at, of_size, single_bytes, whole

TEXT = "안녕하세요, 둘이서".encode()


async def _reads(pieces: Pieces, data: bytes) -> list[bytes]:
    """What a server reads, each time it reads something."""
    reads: list[bytes] = []
    done = asyncio.Event()

    class Server(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            reads.append(data)

        def connection_lost(self, error: Exception | None) -> None:
            done.set()

    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    async with server, proxy_to(server.sockets[0].getsockname()[1]) as proxy:
        proxy.pieces["up"] = pieces
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(data)
        await writer.drain()
        writer.write_eof()
        async with asyncio.timeout(20):
            await done.wait()
        writer.close()
    return reads


@pytest.mark.parametrize(
    ("pieces", "read"),
    [
        (whole, [TEXT]),
        (single_bytes, [bytes([each]) for each in TEXT]),
        (of_size(7), [TEXT[at : at + 7] for at in range(0, len(TEXT), 7)]),
        (cut_at(4, 1), [TEXT[:1], TEXT[1:4], TEXT[4:]]),
        (cut_at(0, len(TEXT), 1000), [TEXT]),
    ],
    ids=["whole", "single-bytes", "of-size", "cut-at", "cut-nowhere"],
)
async def test_a_server_reads_the_pieces_one_by_one(pieces: Pieces, read: list[bytes]) -> None:
    assert await _reads(pieces, TEXT) == read


@given(st.lists(st.binary(min_size=1)), st.sets(st.integers(-3, 60)), st.integers(1, 5))
def test_pieces_are_the_stream_again(chunks: list[bytes], places: Iterable[int], size: int) -> None:
    for pieces in (whole, single_bytes, of_size(size), cut_at(*places)):
        position = 0
        for chunk in chunks:
            found = list(pieces(position, chunk))
            assert b"".join(found) == chunk
            assert all(found)
            position += len(chunk)
