"""Runs the contract against every way of reaching a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.harness import PLACES, ServerHarness, harness_on
from tests.topology import leave_to_slow_run, place_of

TOLD_TO_OTHERS = ("test_channels", "test_communities", "test_messages")
"""Modules about what one asks and others are told."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the slow run what crosses a link as other things do, or not at all."""
    folder = Path(__file__).parent
    ours = [each for each in items if each.path.parent == folder]
    leave_to_slow_run(ours, "apart", quick=TOLD_TO_OTHERS)
    for each in place_of(ours, "processes"):
        if "monkeypatch" in each.fixturenames:
            items.remove(each)  # nothing of another process can be replaced


@pytest.fixture(params=PLACES)
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ServerHarness]:
    """People on a server: the model, or the real one in each way to host it."""
    async with harness_on(request.param, tmp_path) as harness:
        yield harness
