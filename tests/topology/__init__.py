"""The ways in which the server can be hosted, as a fixture: suites run on all of them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.slowly import mostly_slow

if TYPE_CHECKING:
    from .deployment import Topology

TOPOLOGIES = ("embedded", "stock", "apart", "processes")
"""One program; the same with the libraries' own delivery; API and gateway in the test's process with a link over a Unix
socket between them; an API and three gateways as processes with links over TLS."""


def topology_named(name: str) -> Topology:
    """Return one of `TOPOLOGIES`."""
    from .apart import ApartDeployment  # not before a test needs it: this is imported for every test run
    from .deployment import EmbeddedDeployment, StockDeployment
    from .processes import ProcessesDeployment

    known: dict[str, Topology] = {
        "embedded": EmbeddedDeployment,
        "stock": StockDeployment,
        "apart": ApartDeployment,
        "processes": ProcessesDeployment,
    }
    return known[name]


def place_of(items: Iterable[pytest.Item], place: str) -> Iterator[pytest.Function]:
    """Yield the cases of one place."""
    for item in items:
        case = getattr(item, "callspec", None)
        if isinstance(item, pytest.Function) and case is not None and place in case.params.values():
            yield item


def leave_to_slow_run(items: Iterable[pytest.Item], place: str, *, quick: Container[str]) -> None:
    """Mark the cases of one place as slow, but in the modules (by their names) that are `quick`."""
    for item in place_of(items, place):
        if item.path.stem not in quick:
            item.add_marker(pytest.mark.slow)


def topology_fixture(*quick: str) -> Any:
    """Make a fixture of all topologies, a test for each; those that aren't named are left to the slow run."""

    @pytest.fixture(name="topology", params=mostly_slow(TOPOLOGIES, *quick))
    def topology(request: pytest.FixtureRequest) -> Topology:
        """A way to host the server."""
        return topology_named(request.param)

    return topology
