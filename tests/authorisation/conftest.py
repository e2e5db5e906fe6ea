"""The matrix runs on every topology; in the quick run, the sockets' part of it on a gateway apart from the API, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.topology import topology_fixture

topology = topology_fixture("embedded", "apart")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave routes to the slow run where they are served by the same code as elsewhere."""
    for item in items:
        if item.path == Path(__file__).with_name("test_matrix.py") and item.name.startswith("test_route[apart-"):
            item.add_marker(pytest.mark.slow)
