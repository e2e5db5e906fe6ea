"""Work in bursts is done at its pace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asnity_tui.screens import throttle
from asnity_tui.screens.throttle import Throttle


class Node:
    """Writes down when something is to be called."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def set_timer(self, wait: float, work: Callable[[], None]) -> None:
        self.waits.append(wait)

    def call_later(self, work: Callable[[], None]) -> None:
        self.waits.append(0)
        work()


@pytest.mark.parametrize(("takes", "wait"), [(0.01, 0.1), (2.0, 6.0)])
def test_what_takes_long_is_done_less_often(takes: float, wait: float, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0

    def work() -> None:
        nonlocal now
        now += takes

    monkeypatch.setattr(throttle, "monotonic", lambda: now)
    node = Node()
    paced = Throttle(node, 0.1, work)  # type: ignore[arg-type]
    for _ in range(3):
        paced.request()
    assert node.waits == [0, pytest.approx(wait)]
