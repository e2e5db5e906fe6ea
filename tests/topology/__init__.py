"""The ways in which the server can be hosted, as a fixture: suites run on all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.slowly import mostly_slow

if TYPE_CHECKING:
    from .deployment import Topology

TOPOLOGIES = ("embedded", "stock")
"""One program; the same with the libraries' own delivery."""


def topology_named(name: str) -> Topology:
    """Return one of `TOPOLOGIES`."""
    from .deployment import BY_NAME  # not before a test needs it: this is imported for every test run

    return BY_NAME[name]


def topology_fixture(*quick: str) -> Any:
    """Make a fixture of all topologies, a test for each; those that aren't named are left to the slow run."""

    @pytest.fixture(name="topology", params=mostly_slow(TOPOLOGIES, *quick))
    def topology(request: pytest.FixtureRequest) -> Topology:
        """A way to host the server."""
        return topology_named(request.param)

    return topology
