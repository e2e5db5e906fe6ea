"""Emoji are told from other signs, one at a time."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.protocol.emoji import clean_emoji
from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.limits import EMOJI

KEPT = {
    "a picture": "👍",
    "a skin tone": "👍🏽",
    "a skin tone on a sign": "☝🏽",
    "a skin tone alone": "🏽",
    "a flag": "🇰🇷",
    "a flag of tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a plain black flag": "🏴",
    "a family": "👨‍👩‍👧‍👦",
    "two people, a heart and a kiss": "👩🏻‍❤️‍💋‍👨🏿",
    "a pirate": "🏴‍☠️",
    "a black cat": "🐈‍⬛",
    "a keycap": "1️⃣",
    "of Unicode 16": "\U0001fae9",
}
REFUSED = {
    "nothing": "",
    "a letter": "a",
    "a digit": "1",
    "a syllable": "안",
    "two": "👍👍",
    "one and a space": "👍 ",
    "one and a letter": "👍a",
    "half a flag": "🇰",
    "no region's flag": "🇦🇦",
    "three letters of flags": "🇰🇷🇰",
    "no country's tags": "🏴\U000e0061\U000e0061\U000e007f",
    "tags without an end": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067",
    "a skin tone on a sausage": "🌭🏽",
    "two skin tones": "👍🏽🏽",
    "a joiner at the end": "👨‍",
    "a joiner in front": "\u200d👨",
    "too many joined": "👨‍👩‍👧‍👦‍👦",
    "the mark alone": "\ufe0f",
    "the text form": "❤\ufe0e",
    "a marked letter": "a\ufe0f",
    "a keycap alone": "\u20e3",
    "a lone surrogate": "\ud83d",
    "an escape sequence": "\x1b[31m",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_one(name: str) -> None:
    assert clean_emoji(KEPT[name]) == KEPT[name]
    assert len(KEPT[name]) <= EMOJI


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_none(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_emoji(REFUSED[name])
    assert refused.value.info.field == "emoji"


@pytest.mark.parametrize(
    ("written", "kept"),
    [("❤", "❤️"), ("👍\ufe0f", "👍"), ("1\u20e3", "1️⃣"), ("🏳‍🌈", "🏳️‍🌈"), ("©", "©️")],
)
def test_two_ways_to_write_one_picture_are_the_same(written: str, kept: str) -> None:
    assert clean_emoji(written) == clean_emoji(kept) == kept


PARTS = "👍❤🏽👨🇰🇷1#a안🏴\ufe0f\ufe0e\u200d\u20e3\U000e0067\U000e007f "


@given(st.text(PARTS, max_size=8) | st.text(max_size=4))
def test_what_is_kept_stays_as_it_is(text: str) -> None:
    try:
        kept = clean_emoji(text)
    except Invalid:
        return
    assert clean_emoji(kept) == kept
    assert kept.replace("\ufe0f", "") == text.replace("\ufe0f", "")
    assert unicodedata.normalize("NFC", kept) == kept
