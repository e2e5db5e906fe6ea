"""Tests of the limit of joins: so many at once, and each connection's requests in their order."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.gateway import join_limit
from asnity_server.gateway.join_limit import JoinLimit

STEPS = st.lists(
    st.tuples(st.sampled_from(["join", "write", "answer", "gone"]), st.sampled_from("abcd")) | st.just(("answer", "")),
    max_size=60,
)


@given(STEPS)
def test_no_more_joins_are_carried_out_than_may_and_nothing_overtakes(steps: list[tuple[str, str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(join_limit, "AT_ONCE", 2)
        limit = JoinLimit()
    asked: dict[str, list[int]] = defaultdict(list)
    carried_out: dict[str, list[int]] = defaultdict(list)
    unanswered: deque[int] = deque()

    def request(who: str, number: int, *, joins: bool) -> Callable[[], None]:
        def carry_out() -> None:
            carried_out[who].append(number)
            if joins:
                unanswered.append(number)

        return carry_out

    for number, (step, who) in enumerate(steps):
        if step == "answer":
            if unanswered:
                unanswered.popleft()
                limit.joined()
        elif step == "gone":
            limit.gone(who)
            asked[who] = list(carried_out[who])
        else:
            asked[who].append(number)
            limit.ask(who, request(who, number, joins=step == "join"), joins=step == "join")
        assert len(unanswered) <= 2
        assert len(unanswered) == 2 or not limit.waiting, "nobody waits for nothing"
        for each, numbers in carried_out.items():
            assert numbers == asked[each][: len(numbers)]
    while unanswered:
        unanswered.popleft()
        limit.joined()
    assert carried_out == asked or not any(asked.values())


def test_what_waits_at_the_end_is_asked_and_answered() -> None:
    limit = JoinLimit()
    asked: list[int] = []
    for number in range(join_limit.AT_ONCE + 5):
        limit.ask(str(number), lambda number=number: asked.append(number), joins=True)  # type: ignore[misc]
    assert len(asked) == join_limit.AT_ONCE
    limit.end()
    assert asked == list(range(join_limit.AT_ONCE + 5))


def test_an_answer_that_comes_at_once_takes_the_next_turn() -> None:
    limit = JoinLimit()
    asked: list[int] = []
    for number in range(join_limit.AT_ONCE):
        limit.ask(str(number), lambda: None, joins=True)

    def refused(number: int) -> None:
        asked.append(number)
        limit.joined()

    for number in range(2_000):
        limit.ask(f"x{number}", lambda number=number: refused(number), joins=True)  # type: ignore[misc]
    assert asked == []
    limit.joined()
    assert asked == list(range(2_000))
