"""Invisible characters: refused where they make names that can't be told apart, kept where something needs them."""

from __future__ import annotations

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.protocol import limits
from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.invisible import is_blank, is_invisible, stray_invisible
from asnity_server.protocol.markup import mention_runs
from asnity_server.protocol.text import (
    clean_channel_name,
    clean_content,
    clean_line,
    clean_username,
)

UNSEEN = "\ufff9\ufffa\ufffb\U00016fe4"
"""Without that property, and yet nothing is shown."""

HIDDEN = [*regex.findall(r"\p{Default_Ignorable_Code_Point}", "".join(map(chr, range(0xE1000)))), *UNSEEN]
"""`regex` carries Unicode's property: it finds them quickly, for each process that imports this."""


def line(text: str) -> str:
    return clean_line(text, field="displayName", longest=limits.DISPLAY_NAME, shortest=1)


def test_the_table_is_unicodes() -> None:
    """Perhaps `regex` knows another version: what both know is the same."""
    signs = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    assert {each for each in signs if is_invisible(each)} == set(HIDDEN)


@given(sign=st.sampled_from(HIDDEN), name=st.sampled_from(["bob", "민지", "jose", "Ёлка"]), at=st.integers(0, 5))
def test_no_username_or_channel_has_any(sign: str, name: str, at: int) -> None:
    with pytest.raises(Invalid):
        clean_username(name[:at] + sign + name[at:])
    with pytest.raises(Invalid):
        clean_channel_name(name[:at] + sign + name[at:])


@given(sign=st.sampled_from(HIDDEN), name=st.sampled_from(["bob", "민지", "José", "Ёлка"]), at=st.integers(0, 5))
def test_no_name_or_topic_is_written_with_one_that_changes_nothing(sign: str, name: str, at: int) -> None:
    with pytest.raises(Invalid):
        line(name[:at] + sign + name[at:])


@pytest.mark.parametrize(
    "name",
    [
        "bob\u1160",
        "bob\u034f",
        "bob\ufe0f",
        "bob\U000e0100",
        "bob\u180b",
        "\u3164",
        "\u200b",
        "\u2800",
        "\u00ad",
        "a\u200db",
        *("علی\u200c", "🏴\U000e0067", "1\ufe0f", "\u200d👩", "👩\u200d", "❤\ufe0f\ufe0f"),
    ],
)
def test_what_was_found_is_refused_in_names(name: str) -> None:
    with pytest.raises(Invalid):
        line(name)


@pytest.mark.parametrize(
    "name",
    [
        *("👩‍💻 Dana", "I ❤️ tea", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏳️‍🌈", "👩🏽‍🚀", "👁️‍🗨️", "1️⃣ first", "©️", "🧑🏻‍❤️‍💋‍🧑🏿", "👨‍👩‍👧‍👦"),
        "می‌خواهم",
        "क्‍ष",
        "শ্রী",
        "ක්‍ෂ",
        "ക്‍",
        "葛󠄀城",
        "ᠭᠣᠣᠯ᠋",
        "민지",
        "가나다",
        "漢字",
        "Zoë",
        "Nguyễn",
        "Ёлка",
        "שלום",
        "ภาษาไทย",
    ],
)
def test_what_is_needed_stays(name: str) -> None:
    assert line(name) == unicodedata.normalize("NFC", name)
    assert stray_invisible(unicodedata.normalize("NFC", name)) is None


@given(text=st.text(st.sampled_from([*HIDDEN, " ", "\n", "\u2800", "\u00a0", "\u3000"]), max_size=20))
def test_a_message_of_nothing_that_is_seen_is_empty(text: str) -> None:
    assert is_blank(text)
    with pytest.raises(Invalid):
        clean_content(text)


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), sign=st.sampled_from("aé가漢👍"))
def test_a_message_with_something_that_is_seen_is_none(text: str, sign: str) -> None:
    assert not is_blank(text + sign)
    if not {"\u2028", "\u2029"} & set(text):
        assert sign in clean_content(text + sign)


def test_braille_art_and_hidden_signs_in_messages_stay() -> None:
    art = "⠀⠀⣠⣤\n⠀⣿⠀"
    assert clean_content(art) == art
    assert clean_content("soft\u00adhyphen") == "soft\u00adhyphen"


@given(sign=st.sampled_from(HIDDEN))
def test_a_call_ends_before_what_isnt_seen(sign: str) -> None:
    assert mention_runs(f"@bob{sign} look")[:1] == ["bob"]
