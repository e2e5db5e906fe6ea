"""A server made by hand, and doors to it that are closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from asnity_tui.client.transport.socket import SocketTransport
from tests.contract.harness import Recorder
from tests.fakes.raw_server import RawServer, raw_server


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    """A server that says whatever a test wants."""
    async with raw_server() as server:
        yield server


@pytest.fixture
def heard() -> Recorder:
    """Collect the calls of a listener."""
    return Recorder()


@pytest.fixture
async def dial(heard: Recorder) -> AsyncIterator[Callable[..., Awaitable[SocketTransport]]]:
    """Opens doors, and closes them at the end."""
    doors: list[SocketTransport] = []

    async def dial(url: str, *community_ids: str, patience: float = 5) -> SocketTransport:
        door = SocketTransport(url, "secret", heard, timeout=patience)
        doors.append(door)
        await door.open()
        for each in community_ids:
            await door.enter(each)
        return door

    yield dial
    for each in doors:
        await each.close()
