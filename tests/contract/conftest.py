"""Runs the contract against every way of reaching a server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .stage import Stage, fake_stage

STAGES = {"fake": fake_stage}


@pytest.fixture(params=list(STAGES))
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """People on a server: the model, or the real one."""
    async with STAGES[request.param]() as stage:
        yield stage
