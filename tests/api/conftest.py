"""The API's tests run on a real file, and no call may block the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from .house import House


@pytest.fixture(autouse=True)
def nothing_blocks() -> Iterator[None]:
    """A blocking call of ours on the event loop fails the test."""
    with blockbuster_ctx("asnity_server"):
        yield


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """An API with nobody in it."""
    house = await House(tmp_path / "asnity.db").open()
    yield house
    await house.close()
