"""The gateway's tests run over both ways of delivery; the libraries' own is left to the slow run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.delivery.stock import StockDelivery

from .house import House


@pytest.fixture(params=[FastDelivery, pytest.param(StockDelivery, marks=pytest.mark.slow)], ids=["fast", "stock"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """A running gateway with nobody in it."""
    house = House(tmp_path / "asnity.db", request.param())
    await house.open()
    yield house
    await house.close()
