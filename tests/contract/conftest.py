"""Runs the contract against every way of reaching a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .stage import Stage, fake_stage, real_stage


@pytest.fixture(params=["fake", "fast", pytest.param("stock", marks=pytest.mark.slow)])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """People on a server: the model, or the real one with either of its ways of delivering."""
    place = fake_stage() if request.param == "fake" else real_stage(tmp_path, request.param)
    async with place as stage:
        yield stage
