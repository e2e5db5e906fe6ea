"""What text may be, and whom it mentions."""

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
    code_spans,
    mention_keys,
    mention_runs,
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


@pytest.mark.parametrize(
    ("content", "runs"),
    [
        ("@bob", ["bob"]),
        ("hi @bob, @alice!", ["bob", "alice"]),
        ("(@bob)", ["bob"]),
        ("@bob's", ["bob"]),
        ("mail@example.org", []),
        ("@@bob", []),
        ("@", []),
        ("@ bob", []),
        ("@a_b-c", ["a_b-c"]),
        ("안녕@민지가", ["민지가"]),
        ("@สมชาย ครับ", ["สมชาย"]),
        ("`@bob`", []),
        ("``@bob ` still``", []),
        ("`@bob", ["bob"]),
        ("```\n@bob\n```", []),
        ("```\n@bob", []),
        ("```py\n@bob\n```\n@alice", ["alice"]),
        ("a ``` b @bob", ["bob"]),
        ("@bob\n@alice\n@bob", ["bob", "alice", "bob"]),
    ],
)
def test_who_may_be_meant(content: str, runs: list[str]) -> None:
    assert mention_runs(content) == runs


@pytest.mark.parametrize(
    ("run", "keys"),
    [
        ("Bob", ["bob"]),
        ("bobby", ["bobby"]),
        ("민지가", ["민지가", "민지", "민"]),
        ("bob가", ["bob가", "bob"]),
        ("bob가입", ["bob가입", "bob가", "bob"]),
        ("민지bob", ["민지bob", "민"]),
    ],
)
def test_names_that_a_run_may_mean(run: str, keys: list[str]) -> None:
    assert list(mention_keys(run)) == keys


@given(st.text(alphabet="`~ \n@abc", max_size=200))
def test_spans_of_code_ascend_and_never_overlap(content: str) -> None:
    last = 0
    for start, end in code_spans(content):
        assert last <= start < end <= len(content)
        last = end


@given(st.text(alphabet=st.sampled_from("`@ab 가\n"), max_size=200))
def test_mentions_stand_in_the_text(content: str) -> None:
    for run in mention_runs(content):
        assert f"@{run}" in content


def test_looking_for_mentions_costs_by_the_length_of_the_text() -> None:
    """A message that is nothing but mentions and code is looked at once, not by the product of both."""
    assert len(mention_runs("`a`@b " * 666)) == 666
    assert len(mention_runs("@" * 4000)) == 0
    assert mention_runs("`" * 4000) == []
    assert len(list(mention_keys("가" * 4000))) <= 33


def test_errors_are_our_own() -> None:
    with pytest.raises(AsnityError):
        clean_content("x" * 1_000_000)
