"""The gateway's tests run over both ways of delivery, and apart from the API; all but ours is left to the slow run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.delivery.stock import StockDelivery
from tests.gateway.harness import GatewayHarness
from tests.link.harness import LinkedGatewayHarness
from tests.topology import leave_to_slow_run

ASKING = ("test_access", "test_conversation", "test_counters", "test_limits", "test_messages")
"""Modules about what is asked of an API; the others are about connections."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the slow run what is the same with and without a link."""
    leave_to_slow_run(items, "linked", quick=ASKING)


@pytest.fixture(params=["fast", pytest.param("stock", marks=pytest.mark.slow), "linked"])
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[GatewayHarness]:
    """A running gateway with nobody in it."""
    make = LinkedGatewayHarness if request.param == "linked" else GatewayHarness
    harness = make(tmp_path / "asnity.db", StockDelivery() if request.param == "stock" else FastDelivery())
    await harness.open()
    yield harness
    await harness.close()
