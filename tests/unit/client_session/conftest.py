"""A desk for each test, cleared away behind it."""

from collections.abc import AsyncIterator

import pytest

from .desk import Desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    yield made
    await made.end()


@pytest.fixture
async def live(desk: Desk) -> Desk:
    """A desk whose session is online."""
    await desk.begin()
    assert desk.session.connection.status == "online"
    return desk
