"""The budget of what connections send, by a clock that is set."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from asnity_server.gateway.delivery.budget import AT_ONCE, PATIENCE, TURN, Allowance, Budget, TurnQueue


class Clock:
    """Seconds, as a test says."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0, 3)), max_size=60))
def test_over_any_time_no_more_is_taken_than_the_budget(steps: list[tuple[int, float]]) -> None:
    clock, taken = Clock(), 0
    allowance, begun = Allowance(Budget(100, 0.01), clock=clock), clock.now
    for count, pause in steps:
        clock.now += pause
        if allowance.left < 0:
            clock.now += allowance.wait()
            assert allowance.wait() == 0
        allowance.left -= count
        taken += count
        assert taken <= 100 + (clock.now - begun) / 0.01 + 40 + 1e-6


def test_who_waits_long_enough_has_all_of_it_again_and_no_more() -> None:
    clock = Clock()
    allowance = Allowance(Budget(100, 0.01), clock=clock)
    allowance.left -= 101
    assert 0 < allowance.wait() <= (TURN + 1) * 0.01
    clock.now += 3600
    assert allowance.wait() == 0
    assert allowance.left == 100


def test_always_wanting_more_is_an_offence_and_now_and_then_is_not() -> None:
    clock = Clock()
    always, sometimes = (Allowance(Budget(10, 0.1), clock=clock) for _ in range(2))
    for _ in range(int(PATIENCE / 0.05) + 2):
        clock.now += 0.05
        always.left = -5
        always.wait()
    assert always.offends
    for _ in range(60):
        clock.now += PATIENCE / 5
        sometimes.wait()
        sometimes.left = -1
        sometimes.wait()
        assert not sometimes.offends


def test_without_a_budget_nothing_waits() -> None:
    clock = Clock()
    allowance = Allowance(Budget(), clock=clock)
    for _ in range(1_000):
        clock.now += 1
        allowance.left -= 1_000
        assert allowance.left >= 0 or allowance.wait() == 0
        assert not allowance.offends


async def test_turns_are_given_a_few_in_each_round_and_in_order() -> None:
    rounds: list[list[int]] = [[]]
    turns, over = TurnQueue(), asyncio.Event()

    class One:
        def __init__(self, number: int) -> None:
            self.number, self.left = number, 3

        def go_on(self) -> None:
            rounds[-1].append(self.number)
            self.left -= 1
            if self.left:
                turns.ask(self)

    def tick() -> None:
        rounds.append([])
        if len(turns):
            asyncio.get_running_loop().call_soon(tick)
        else:
            over.set()

    for number in range(10):
        turns.ask(One(number))
    asyncio.get_running_loop().call_soon(tick)
    await over.wait()
    assert max(len(each) for each in rounds) <= AT_ONCE
    assert [number for each in rounds for number in each] == [*range(10)] * 3
