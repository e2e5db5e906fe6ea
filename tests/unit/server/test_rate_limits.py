"""How often is too often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.protocol.errors import RateLimited
from asnity_server.rate_limits import LONG, UNLIMITED, Key, Rate, RateLimit, RateLimits, Rates


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _taken(limit: RateLimit, *keys: Key) -> bool:
    try:
        limit.take(*keys)
    except RateLimited:
        return False
    return True


def test_a_burst_and_then_one_at_a_time() -> None:
    clock = Clock()
    limit = RateLimit(Rate.parse("10/min"), clock=clock)
    assert [_taken(limit, "a") for _ in range(11)] == [True] * 10 + [False]
    assert _taken(limit, "b")
    with pytest.raises(RateLimited) as refused:
        limit.take("a")
    assert refused.value.info.retry_after == 6.0
    clock.now += 6
    assert [_taken(limit, "a") for _ in range(2)] == [True, False]
    clock.now += 3600
    assert [_taken(limit, "a") for _ in range(11)] == [True] * 10 + [False]


def test_several_at_once_count_each() -> None:
    clock = Clock()
    limit = RateLimit(Rate.parse("10/min"), clock=clock)
    limit.take("a", times=7)
    with pytest.raises(RateLimited) as refused:
        limit.take("a", times=4)
    assert refused.value.info.retry_after == 6.0
    limit.take("a", times=3)
    assert not _taken(limit, "a")


def test_more_than_may_be_at_once_takes_a_full_bucket_and_is_waited_for() -> None:
    clock = Clock()
    limit = RateLimit(Rate.parse("10/min"), clock=clock)
    limit.take("a", times=100)
    clock.now += 90 * 6
    assert not _taken(limit, "a")
    clock.now += 6
    assert _taken(limit, "a")
    with pytest.raises(RateLimited) as refused:
        limit.take("a", times=100)
    assert refused.value.info.retry_after == 60.0  # until it is full


def test_a_burst_and_a_rate_of_their_own() -> None:
    clock = Clock()
    limit = RateLimit(Rate.parse("10+5/s"), clock=clock)
    assert [_taken(limit, "a") for _ in range(11)] == [True] * 10 + [False]
    with pytest.raises(RateLimited) as refused:
        limit.take("a")
    assert refused.value.info.retry_after == 0.2
    clock.now += 1
    assert [_taken(limit, "a") for _ in range(6)] == [True] * 5 + [False]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10+5/s", Rate(10, 0.2)),
        ("10/min", Rate(10, 6.0)),
        ("1+1/h", Rate(1, 3600.0)),
        ("off", UNLIMITED),
    ],
)
def test_how_rates_are_written(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize(
    "text", ["", "10", "0/s", "1+0/s", "0+1/s", "-1/s", "1/d", "1.5/s", "10 / s", "off ", "1/s\n", "9999999/s"]
)
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="a rate looks like"):
        Rate.parse(text)


def test_what_is_not_limited_is_not_remembered() -> None:
    limits = RateLimits(Rates(typing=Rate.parse("1/s")))
    for _ in range(1000):
        limits.messages.take("a")
    assert len(limits.messages) == 0
    limits.typing.take("a")
    assert not _taken(limits.typing, "a")


def test_waiting_as_long_as_was_told_is_enough() -> None:
    clock = Clock()
    limit = RateLimit(Rate.parse("3/s"), clock=clock)
    for _ in range(50):
        while _taken(limit, "a"):
            pass
        clock.now += limit.wait("a")
        assert _taken(limit, "a")


def test_where_one_key_must_wait_nothing_is_counted() -> None:
    limit = RateLimit(Rate.parse("2/min"), clock=Clock())
    limit.take("address", "x")
    limit.take("address", "y")
    assert not _taken(limit, "address", "z")
    assert [_taken(limit, "z") for _ in range(3)] == [True, True, False]


def test_memory_is_bounded_and_who_is_held_back_stays_so() -> None:
    clock = Clock()
    limit = RateLimit(Rate.parse("2/min"), keys=100, clock=clock)
    limit.take("guesser")
    limit.take("guesser")
    for number in range(10_000):
        limit.take(str(number))
        assert len(limit) <= 101
    assert not _taken(limit, "guesser")
    clock.now += 60
    limit.take("someone")
    assert _taken(limit, "guesser")


def test_what_has_been_full_for_a_while_is_forgotten_before_the_memory_is_full() -> None:
    clock = Clock()
    limit = RateLimit(Rate.parse("2/min"), clock=clock)
    for number in range(1000):
        limit.take(str(number))
    clock.now += 60
    for _ in range(1000):
        clock.now += 60
        limit.take("someone")
    assert len(limit) == 1


_KEYS = st.one_of(st.text(max_size=100), st.lists(st.text(max_size=40), max_size=3).map(tuple))


@given(st.lists(_KEYS, min_size=1, max_size=30), st.integers(1, 40))
def test_whatever_a_key_is_little_of_it_is_kept(keys: list[Key], longer: int) -> None:
    limit = RateLimit(Rate.parse("1/h"), keys=10, clock=Clock())
    for key in keys:
        _taken(limit, key * longer)
        assert len(limit) <= 10
        for kept in limit._full_at:
            assert len(kept) <= LONG
            assert isinstance(kept, str | bytes) or sum(map(len, kept)) <= LONG


@given(st.text(max_size=100), st.text(max_size=100))
def test_keys_that_differ_count_by_themselves_however_long_they_are(one: str, other: str) -> None:
    limit = RateLimit(Rate.parse("1/h"), clock=Clock())
    assert _taken(limit, one)
    assert not _taken(limit, one)
    assert _taken(limit, (one,))
    assert _taken(limit, ("name", one))
    assert _taken(limit, other) == (one != other)
    assert _taken(limit, ("name", other)) == (one != other)


def test_a_long_name_is_held_back_as_a_short_one() -> None:
    limit = RateLimit(Rate.parse("10/min"), clock=Clock())
    long = "\ufdfa" * 4096
    assert [_taken(limit, ("name", long)) for _ in range(11)] == [True] * 10 + [False]
    assert limit.wait(("name", long)) == pytest.approx(6.0)
    assert _taken(limit, ("name", long + "x"))


@given(st.lists(st.floats(0, 20), max_size=200))
def test_never_more_than_the_limit_in_the_long_run(pauses: list[float]) -> None:
    clock = Clock()
    limit = RateLimit(Rate(5, 2.0), clock=clock)
    start, taken = clock.now, 0
    for pause in pauses:
        clock.now += pause
        taken += _taken(limit, "a")
        assert taken <= 5 + (clock.now - start) / 2 + 1e-6
