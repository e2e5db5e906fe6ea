"""A real server for the lessons that others learned before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asnity_server.api.accounts.passwords import HashCost
from asnity_server.app import Server, ServerSettings, without_limits
from tests.lessons.harness import LessonHarness


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[LessonHarness]:
    """A server where anyone may sign up, with nobody on it."""
    settings = without_limits(ServerSettings(port=0, data=tmp_path, registration="open"))
    async with Server(settings, hash_cost=HashCost(time=1, memory=8)) as server:
        harness = LessonHarness(server, tmp_path)
        yield harness
        await harness.close()
