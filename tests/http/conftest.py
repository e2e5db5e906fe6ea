"""HTTP's tests go through a real socket, and no call of ours may block the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from tests.http.harness import HttpHarness, open_server


@pytest.fixture(autouse=True)
def nothing_blocks() -> Iterator[None]:
    """A blocking call of ours on the event loop fails the test."""
    with blockbuster_ctx("asnity_server"):
        yield


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[HttpHarness]:
    """A server where anyone may sign up."""
    server = await open_server(tmp_path / "asnity.db", registration="open")
    yield server
    await server.close()
    await server.harness.close()
