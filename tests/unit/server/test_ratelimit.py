"""How often is too often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.api.ratelimit import RateLimit
from asnity_server.protocol.errors import RateLimited


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _taken(limit: RateLimit, *keys: str) -> bool:
    try:
        limit.take(*keys)
    except RateLimited:
        return False
    return True


def test_a_burst_and_then_one_at_a_time() -> None:
    clock = Clock()
    limit = RateLimit(10, per=60.0, clock=clock)
    assert [_taken(limit, "a") for _ in range(11)] == [True] * 10 + [False]
    assert _taken(limit, "b")
    with pytest.raises(RateLimited) as refused:
        limit.take("a")
    assert refused.value.info.retry_after == 6.0
    clock.now += 6
    assert [_taken(limit, "a") for _ in range(2)] == [True, False]
    clock.now += 3600
    assert [_taken(limit, "a") for _ in range(11)] == [True] * 10 + [False]


def test_waiting_as_long_as_was_told_is_enough() -> None:
    clock = Clock()
    limit = RateLimit(3, per=1.0, clock=clock)
    for _ in range(50):
        while _taken(limit, "a"):
            pass
        clock.now += limit.wait("a")
        assert _taken(limit, "a")


def test_where_one_key_must_wait_nothing_is_counted() -> None:
    limit = RateLimit(2, per=60.0, clock=Clock())
    limit.take("address", "x")
    limit.take("address", "y")
    assert not _taken(limit, "address", "z")
    assert [_taken(limit, "z") for _ in range(3)] == [True, True, False]


def test_memory_is_bounded_and_who_is_held_back_stays_so() -> None:
    clock = Clock()
    limit = RateLimit(2, per=60.0, keys=100, clock=clock)
    limit.take("guesser")
    limit.take("guesser")
    for number in range(10_000):
        limit.take(number)
        assert len(limit) <= 101
    assert not _taken(limit, "guesser")
    clock.now += 60
    limit.take("someone")
    assert _taken(limit, "guesser")


@given(st.lists(st.floats(0, 20), max_size=200))
def test_never_more_than_the_limit_in_the_long_run(pauses: list[float]) -> None:
    clock = Clock()
    limit = RateLimit(5, per=10.0, clock=clock)
    start, taken = clock.now, 0
    for pause in pauses:
        clock.now += pause
        taken += _taken(limit, "a")
        assert taken <= 5 + (clock.now - start) / 2 + 1e-6
