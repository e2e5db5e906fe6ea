"""Runs the contract against every way of reaching a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.harness import PLACES, ServerHarness, harness_on


@pytest.fixture(params=PLACES)
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ServerHarness]:
    """People on a server: the model, or the real one in each way to host it."""
    async with harness_on(request.param, tmp_path) as harness:
        yield harness
