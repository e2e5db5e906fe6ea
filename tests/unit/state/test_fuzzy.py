"""Names by a few of their letters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_tui.state.completion.fuzzy import match, sieve


def score(pattern: str, text: str) -> int:
    found = match(pattern, text)
    assert found is not None, (pattern, text)
    return found.score


@pytest.mark.parametrize(
    ("pattern", "text", "positions"),
    [
        ("gen", "general", (0, 1, 2)),
        ("GEN", "general", (0, 1, 2)),
        ("grl", "general", (0, 4, 6)),
        ("nc", "night-crew", (0, 6)),
        ("cafe", "Café de Paris", (0, 1, 2, 3)),
        ("민ㅈ", "민지", (0, 1)),
        ("ㅁㅈ", "민지", (0, 1)),
        ("귤", "귤 이야기", (0,)),
        ("ß", "Straße", (4,)),
        ("de paris", "Café de Paris", (5, 6, 8, 9, 10, 11, 12)),
        ("", "anything", ()),
    ],
)
def test_what_fits_and_where(pattern: str, text: str, positions: tuple[int, ...]) -> None:
    found = match(pattern, text)
    assert found is not None
    assert found.positions == positions


@pytest.mark.parametrize(("pattern", "text"), [("lg", "gl"), ("generally", "general"), ("x", ""), ("지민", "민지")])
def test_what_does_not_fit(pattern: str, text: str) -> None:
    assert match(pattern, text) is None


def test_what_people_mean_stands_first() -> None:
    assert score("rel", "rel") > score("rel", "release") > score("rel", "the release") > score("rel", "unrelated")
    assert score("rel", "unrelated") > score("rel", "random-else")
    assert score("dr", "dev-releases") > score("dr", "doer")


@settings(max_examples=50)
@given(st.text(max_size=30), st.data())
def test_any_letters_in_their_order_fit(text: str, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(0, max(0, len(text) - 1)), unique=True).map(sorted)) if text else []
    pattern = "".join(text[each] for each in chosen)
    found = match(pattern, text)
    assert found is not None
    assert list(found.positions) == sorted(set(found.positions))
    assert all(0 <= each < len(text) for each in found.positions)


@settings(max_examples=50)
@given(st.text(max_size=12), st.text(max_size=30))
def test_nothing_breaks_it(pattern: str, text: str) -> None:
    found = match(pattern, text)
    assert found is None or found.score >= 0


@settings(max_examples=80)
@given(st.text(max_size=6), st.text(max_size=20))
def test_the_quick_test_lets_through_what_fits(pattern: str, text: str) -> None:
    assert sieve(pattern)(text) == (match(pattern, text) is not None)
