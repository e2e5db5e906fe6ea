"""The links' tests run on an API and two gateways, unless they say otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .harness import LinkHarness


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[LinkHarness]:
    """One API and two gateways."""
    harness = LinkHarness(tmp_path / "asnity.db", gateways=2)
    await harness.open()
    yield harness
    await harness.close()
