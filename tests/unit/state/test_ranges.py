"""Stretches of contiguous ids against a plain dictionary."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_tui.state.ranges import Ranges

from .making import ME, message, messages


def ids(ranges: Ranges) -> list[tuple[int, int]]:
    return [(each.first, each.last) for each in ranges]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 6), st.integers(1, 5), st.booleans()), max_size=25))
def test_merging_is_a_union_where_the_higher_rev_wins(pages: list[tuple[int, int, int, bool]]) -> None:
    ranges, naive = Ranges(ME), dict[int, int]()
    for first, length, rev, bordering in pages:
        run = [message(each, rev) for each in range(first, first + length)]
        before = dict(naive)
        if bordering:
            run = run[:1]
            borders = {first - 1, first, first + 1} & naive.keys() or (not naive and first == 1)
            changed = ranges.extend(run[0])
            run = run if borders else []
        else:
            changed = ranges.put(run)
        for each in run:
            naive[each.id] = max(each.rev, naive.get(each.id, 0))
        assert changed == (naive != before)
        rows = [row.message for range_ in ranges for row in range_.rows]
        assert {each.id: each.rev for each in rows} == naive
        assert [each.id for each in rows] == sorted(naive)
        assert len(ranges) == len(naive)
        bounds = ids(ranges)
        assert all(one[1] + 1 < other[0] for one, other in pairwise(bounds))
        assert all((row := ranges.row(each)) and row.message.id == each for each in naive)
        assert ranges.row(47) is None


def test_a_row_stays_the_same_object_until_its_copy_is_newer() -> None:
    ranges = Ranges(ME)
    ranges.put(messages(1, 5))
    rows = [ranges.row(each) for each in range(1, 6)]
    ranges.put((message(2, 1), message(3, 9), message(4), message(5), message(6)))
    assert [ranges.row(each) is row for each, row in enumerate(rows, 1)] == [True, True, False, True, True]


def test_what_is_too_much_goes_from_the_end_that_is_farther_from_the_eye(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_tui.state.ranges.HELD_MAX", 20)
    monkeypatch.setattr("asnity_tui.state.ranges.HELD_SLACK", 5)
    ranges = Ranges(ME)
    ranges.put(messages(11, 30))
    assert not ranges.bound(28, 30)
    ranges.put(messages(31, 31))
    assert ranges.bound(28, 31)
    assert ids(ranges) == [(17, 31)]
    ranges.put(messages(1, 9))
    assert ranges.bound(2, 6)
    assert ids(ranges) == [(1, 9), (17, 22)]
    assert len(ranges) == 15


def test_dropping_takes_whole_stretches_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_tui.state.ranges.HELD_MAX", 10)
    monkeypatch.setattr("asnity_tui.state.ranges.HELD_SLACK", 0)
    ranges = Ranges(ME)
    ranges.put((*messages(1, 2), *messages(5, 6), *messages(10, 18)))
    assert ranges.bound(15, 18)
    assert ids(ranges) == [(6, 6), (10, 18)]


def test_of_too_many_ranges_the_farthest_goes() -> None:
    ranges = Ranges(ME)
    for first in range(1, 91, 10):
        ranges.put(messages(first, first + 2))
    assert ranges.bound(31, 33)
    assert ids(ranges) == [(first, first + 2) for first in range(1, 81, 10)]
