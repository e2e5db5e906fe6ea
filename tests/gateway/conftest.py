"""The gateway's tests run over both ways of delivery; the libraries' own is left to the slow run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.delivery.stock import StockDelivery
from tests.gateway.harness import GatewayHarness


@pytest.fixture(params=[FastDelivery, pytest.param(StockDelivery, marks=pytest.mark.slow)], ids=["fast", "stock"])
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[GatewayHarness]:
    """A running gateway with nobody in it."""
    harness = GatewayHarness(tmp_path / "asnity.db", request.param())
    await harness.open()
    yield harness
    await harness.close()
