"""The API's tests run on a real file, and no call may block the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from tests.api.harness import ApiHarness


@pytest.fixture(autouse=True)
def nothing_blocks() -> Iterator[None]:
    """A blocking call of ours on the event loop fails the test."""
    with blockbuster_ctx("asnity_server"):
        yield


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[ApiHarness]:
    """An API with nobody in it."""
    harness = await ApiHarness(tmp_path / "asnity.db").open()
    yield harness
    await harness.close()
