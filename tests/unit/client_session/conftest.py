"""A harness for each test, closed after it."""

from collections.abc import AsyncIterator

import pytest

from .session_harness import SessionHarness


@pytest.fixture
async def harness() -> AsyncIterator[SessionHarness]:
    made = SessionHarness()
    yield made
    await made.end()


@pytest.fixture
async def live(harness: SessionHarness) -> SessionHarness:
    """A harness whose session is online."""
    await harness.begin()
    assert harness.session.connection.status == "online"
    return harness
