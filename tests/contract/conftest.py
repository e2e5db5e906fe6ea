"""Runs the contract against every way of reaching a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.harness import ServerHarness, fake_harness, real_harness


@pytest.fixture(params=["fake", "fast", pytest.param("stock", marks=pytest.mark.slow)])
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ServerHarness]:
    """People on a server: the model, or the real one with either of its ways of delivering."""
    place = fake_harness() if request.param == "fake" else real_harness(tmp_path, request.param)
    async with place as harness:
        yield harness
