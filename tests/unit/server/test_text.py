"""Text that may be sent, and the people it mentions."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.protocol.errors import AsnityError, Invalid, TooLarge
from asnity_server.protocol.limits import CONTENT
from asnity_server.protocol.text import (
    clean_channel_name,
    clean_content,
    clean_line,
    clean_name,
    clean_username,
    name_key,
)


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("hello", "hello"),
        ("  indented\n\n  more  \n \t", "  indented\n\n  more"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("e\u0301", "\u00e9"),
        ("\u1112\u1161\u11ab", "한"),
        ("x" * CONTENT, "x" * CONTENT),
        ("x" * CONTENT + " " * 50, "x" * CONTENT),
        ("e\u0301" * CONTENT, "\u00e9" * CONTENT),
    ],
)
def test_content_as_it_is_stored(given_text: str, stored: str) -> None:
    assert clean_content(given_text) == stored


@pytest.mark.parametrize("sign", [*map(chr, range(9)), *map(chr, range(11, 32)), *map(chr, range(127, 160))])
def test_control_characters_are_refused(sign: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_content(f"a{sign}b")
    assert sign not in str(refused.value)


@pytest.mark.parametrize("number", [0x2028, 0x2029, 0xD800, 0xDFFF])
def test_separators_and_lone_surrogates_are_refused(number: int) -> None:
    with pytest.raises(Invalid):
        clean_content(f"a{chr(number)}b")


@given(st.text())
def test_clean_content_is_clean_or_refused(text: str) -> None:
    try:
        clean = clean_content(text)
    except (Invalid, TooLarge):
        return
    assert clean_content(clean) == clean
    assert 1 <= len(clean) <= CONTENT
    assert unicodedata.is_normalized("NFC", clean)
    assert not any(unicodedata.category(sign) in ("Cs", "Cc") and sign not in "\n\t" for sign in clean)
    clean.encode()


@given(st.text(), st.integers(0, 1))
def test_a_clean_line_is_one_line_or_refused(text: str, shortest: int) -> None:
    try:
        clean = clean_line(text, field="topic", longest=50, shortest=shortest)
    except Invalid:
        return
    assert shortest <= len(clean) <= 50
    assert clean == clean.strip()
    assert "\n" not in clean
    assert not any(sign in clean for sign in "\u202e\u2066\u200f\ufeff\u0085")


@pytest.mark.parametrize("name", ["bob", "민지", "Jürgen", "สมชาย", "श्री", "a_b-c", "x2", "Ｗｉｄｅ", "ßß"])
def test_names_of_any_script(name: str) -> None:
    clean = clean_username(name)
    assert clean == unicodedata.normalize("NFKC", name)
    assert name_key(clean) == name_key(name) == name_key(name.upper())


@pytest.mark.parametrize(
    "name",
    ["a", "", "x" * 33, "two words", "dot.ted", "a@b", "__", "-", "new\nline", "zero\u200bwidth", "🦊🦊", "a\u202eb"],
)
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(Invalid):
        clean_username(name)


@pytest.mark.parametrize("mark", ["\u1039", "\u17d2", "\u2d7f", "\u0e31", "\u064b", "\u302a", "\U00016fe4"])
def test_a_mark_of_another_script_is_no_part_of_a_name(mark: str) -> None:
    for name in (f"bob{mark}", f"b{mark}ob", f"{mark}bob"):
        with pytest.raises(Invalid):
            clean_username(name)


@pytest.mark.parametrize(
    "name",
    ["မြန်မာ", "ខ្មែរ", "สวัสดี", "مُحَمَّد", "שָׂרָה", "நகரம்", "বাংলা", "ਪੰਜਾਬੀ", "ລາວ", "བོད་ཡིག"[:3], "မိုး9", "ç\u0331x", "к\u0301о"],
)
def test_marks_of_ones_own_script_are(name: str) -> None:
    assert clean_username(name)


@pytest.mark.parametrize("name", ["channel", "CHANNEL", "here", "Everyone", "me", "ｍｅ", "system"])
def test_reserved_names(name: str) -> None:
    with pytest.raises(Invalid):
        clean_username(name)


def test_a_channel_name_may_be_written_with_its_sign() -> None:
    assert clean_channel_name("#plans") == "plans"
    with pytest.raises(Invalid):
        clean_channel_name("##plans")


@given(st.text(max_size=60))
def test_a_clean_name_stays_what_it_is(text: str) -> None:
    try:
        clean = clean_name(text, field="name", longest=32, shortest=2)
    except Invalid:
        return
    assert clean_name(clean, field="name", longest=32, shortest=2) == clean
    assert name_key(name_key(clean)) == name_key(clean)


def test_errors_are_our_own() -> None:
    with pytest.raises(AsnityError):
        clean_content("x" * 1_000_000)
