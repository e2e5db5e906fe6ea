"""Tests of frames on a connection: whole ones arrive whole, whatever the pieces, and too much ends it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.link import frames, stream
from asnity_server.link.frames import Malformed
from asnity_server.link.stream import Stream


class Owner:
    """Remembers what came."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def opened(self, stream: Stream) -> None:
        """See `StreamOwner`."""

    def frame(self, stream: Stream, payload: bytes) -> None:
        """See `StreamOwner`."""
        if payload == b"bad":
            raise Malformed("it is bad")
        self.frames.append(payload)

    def lost(self, stream: Stream, why: str) -> None:
        """See `StreamOwner`."""
        self.ended.set_result(why)


class FakeTransport(asyncio.Transport):
    """Takes note of what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False

    def write(self, data: bytes) -> None:  # type: ignore[override]
        """See `asyncio.Transport`."""
        self.written += data

    def get_write_buffer_size(self) -> int:
        """See `asyncio.Transport`."""
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """See `asyncio.Transport`."""

    def abort(self) -> None:
        """See `asyncio.Transport`."""
        self.aborted = True


@given(st.lists(st.binary(max_size=70), max_size=12), st.lists(st.integers(1, 40), max_size=40))
def test_frames_arrive_whole_in_whatever_pieces(payloads: list[bytes], cuts: list[int]) -> None:
    async def run() -> None:
        sender, owner = FakeTransport(), Owner()
        sending, receiving = Stream(Owner()), Stream(owner)
        sending.connection_made(sender)
        receiving.connection_made(FakeTransport())
        wanted = [each for each in payloads if each != b"bad"]
        for payload in wanted:
            sending.send(payload)
        sending.flush()
        data, sizes = sender.written, iter(cuts)
        while data:
            size = next(sizes, len(data))
            receiving.data_received(data[:size])
            data = data[size:]
        assert owner.frames == wanted

    asyncio.run(run())


async def test_a_frame_that_cannot_be_read_ends_the_connection_and_nothing_behind_it_is_taken() -> None:
    owner, transport = Owner(), FakeTransport()
    receiving = Stream(owner)
    receiving.connection_made(transport)
    receiving.data_received(b"\x00\x00\x00\x03bad\x00\x00\x00\x01x")
    assert transport.aborted
    assert owner.frames == []


async def test_a_frame_that_is_too_long_ends_the_connection() -> None:
    transport = FakeTransport()
    receiving = Stream(Owner())
    receiving.connection_made(transport)
    head = (frames.LONGEST + 1).to_bytes(4, "big")
    for byte in head:
        receiving.data_received(bytes([byte]))
    assert transport.aborted


async def test_an_end_that_does_not_read_is_cut_off() -> None:
    ours, theirs = socket.socketpair()
    owner = Owner()
    make: Callable[[], Stream] = lambda: Stream(owner)  # noqa: E731
    _, sending = await asyncio.get_running_loop().create_connection(make, sock=ours)
    while not sending.closed:
        sending.send(bytes(stream.BUDGET // 4))
        await asyncio.sleep(0)
    assert await owner.ended == "the other side is too slow"
    theirs.close()


def test_frames_cross_on_the_loop_that_the_programs_run_on() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def run() -> None:
        loop, owner, ends = asyncio.get_running_loop(), Owner(), socket.socketpair()
        _, sending = await loop.create_connection(lambda: Stream(Owner()), sock=ends[0])
        _, receiving = await loop.create_connection(lambda: Stream(owner), sock=ends[1])
        sending.send(b"one")
        sending.send(b"two")
        sending.close("enough", politely=True)
        async with asyncio.timeout(5):
            await owner.ended
        assert owner.frames == [b"one", b"two"]
        receiving.close("enough")

    uvloop.run(run())
