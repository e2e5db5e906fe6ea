"""Names that look alike, and those that only resemble each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.api.lookalikes import look_alike, looks

SAME = [
    ("bob", "b\u043eb"),  # Cyrillic o
    ("bob", "B\u041e\u0412"),  # a capital name that is Cyrillic but for its first letter
    ("alice", "\u0430lice"),
    ("ALICE", "\u0410L\u0406\u0421\u0415"),
    ("scope", "\u0455\u0441\u043e\u0440\u0435"),  # all of it Cyrillic
    ("alice", "\u0251lice"),  # Latin alpha
    ("omar", "\u03bfmar"),  # Greek omicron
    ("eve", "\u0435v\u0435"),
    ("Eve", "Ｅｖｅ"),  # full width
    ("general", "gener\u0430l"),
    ("口", "ロ"),  # Han, Katakana
    ("Ёлка", "E\u0308лка"),  # Latin E with a diaeresis
    ("bob1", "b\u043eb1"),
]
DIFFERENT = [
    ("bob", "bobby"),
    ("bob1", "bobl"),
    ("b0b", "bob"),
    ("rn", "m"),
    ("modern", "modem"),
    ("jose", "josé"),
    ("zoe", "zoë"),
    ("민지", "민정"),
    ("민지1", "민지l"),
    ("각아", "가가"),
    ("美", "羊"),
    ("Ёлка", "Елка"),
    ("đuro", "duro"),
    ("ali", "علی"),
    ("bob", "bob"),
    ("Bob", "bob"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_looks_the_same(one: str, other: str) -> None:
    assert look_alike(one, other)
    assert look_alike(other, one)
    assert looks(one) & looks(other)  # and the index finds it


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_can_be_told_apart(one: str, other: str) -> None:
    assert not look_alike(one, other)
    assert not look_alike(other, one)


LATIN_LIKE = {"a": "\u0430", "c": "\u0441", "e": "\u0435", "o": "\u043e", "p": "\u0440", "x": "\u0445", "y": "\u0443"}


@given(
    name=st.text("abceoprxy", min_size=2, max_size=12),
    turned=st.sets(st.integers(0, 11), min_size=1),
)
def test_any_letters_that_are_exchanged_for_cyrillic_ones_are_noticed(name: str, turned: set[int]) -> None:
    other = "".join(LATIN_LIKE.get(sign, sign) if at in turned else sign for at, sign in enumerate(name))
    assert look_alike(name, other) == (name != other)


@given(one=st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", max_size=32), other=st.text("lI1O0rnm_-", max_size=32))
def test_latin_letters_and_digits_stay_free(one: str, other: str) -> None:
    assert not look_alike(one, other)


syllables = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=6)


@given(one=syllables, other=syllables)
def test_hangul_stays_free(one: str, other: str) -> None:
    assert not look_alike(one, other)


@given(one=st.text(max_size=12), other=st.text(max_size=12))
def test_it_goes_both_ways_and_the_index_finds_all_of_it(one: str, other: str) -> None:
    assert look_alike(one, other) == look_alike(other, one)
    if look_alike(one, other):
        assert looks(one) & looks(other)
