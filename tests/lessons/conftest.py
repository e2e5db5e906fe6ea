"""A real server for the lessons that others learned before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asnity_server.config import ServerSettings, without_limits
from tests.lessons.harness import LessonHarness
from tests.topology.deployment import Topology


@pytest.fixture
async def harness(tmp_path: Path, topology: Topology) -> AsyncIterator[LessonHarness]:
    """A server where anyone may sign up, with nobody on it."""
    async with topology(without_limits(ServerSettings(port=0, data=tmp_path, registration="open"))) as server:
        harness = LessonHarness(server, tmp_path)
        yield harness
        await harness.close()
