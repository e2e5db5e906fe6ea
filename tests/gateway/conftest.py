"""The gateway's tests run over both ways of delivery, and apart from the API; all but ours is left to the slow run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.delivery.stock import StockDelivery
from tests.gateway.harness import GatewayHarness
from tests.link.harness import LinkedGatewayHarness

OF_CONNECTIONS = ("greedy", "hostile", "polling", "segments", "transports", "unread", "upgrading")
"""Modules about what happens before anything is asked of an API."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the slow run what is the same with and without a link."""
    modules = {Path(__file__).with_name(f"test_{each}.py") for each in OF_CONNECTIONS}
    for item in items:
        case = getattr(item, "callspec", None)
        if item.path in modules and case is not None and case.params.get("harness") == "linked":
            item.add_marker(pytest.mark.slow)


@pytest.fixture(params=["fast", pytest.param("stock", marks=pytest.mark.slow), "linked"])
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[GatewayHarness]:
    """A running gateway with nobody in it."""
    make = LinkedGatewayHarness if request.param == "linked" else GatewayHarness
    harness = make(tmp_path / "asnity.db", StockDelivery() if request.param == "stock" else FastDelivery())
    await harness.open()
    yield harness
    await harness.close()
