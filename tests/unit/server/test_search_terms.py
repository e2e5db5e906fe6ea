"""Search terms of a text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.api.search import search_terms
from asnity_server.api.search.search_terms import HIT, HIT_END, Mapped, ParsedQuery, Term, fold, parse, terms_of
from asnity_server.protocol.errors import Invalid

FOUND = {
    "a word": ("meeting", "The meeting is at three."),
    "whatever its case": ("MEETING", "the Meeting"),
    "an accent in the text": ("resume", "my Résumé"),
    "an accent in the question": ("café", "the cafe"),
    "letters that are not taken apart": ("lodz", "Łódź"),
    "an accent that stands alone": ("naive", "nai\u0308ve"),
    "a sharp s": ("strasse", "Die Straße!"),
    "a capital dotted i": ("istanbul", "İstanbul"),
    "full width": ("ascii", "ＡＳＣＩＩ"),
    "several words in any order": ("three meeting", "The meeting is at three."),
    "the beginning of a word": ("buil", "Builds are green"),
    "the beginning of each word": ("gre buil", "Builds are green"),
    "one letter": ("b", "Builds are green"),
    "the beginning of a word with an accent": ("resu", "my Résumé"),
    "the beginning of a long word": ("a" * 39, "a" * 60),
    "a long word by its first forty": ("a" * 41, "a" * 60),
    "the beginning of what stands together": ("example.org/bui", "see https://example.org/build/7"),
    "the beginning of a Cyrillic word": ("ПРИ", "привет"),
    "the beginning of a word behind Hangul": ("새mod", "새model"),
    "the beginning of a number": ("202", "in 2026"),
    "words that stand together": ('"meeting is"', "The meeting is at three."),
    "a quote that is left open": ('"meeting', "The meeting is at three."),
    "an address": ("example.org/build", "see https://example.org/build/7"),
    "two syllables at the beginning": ("안녕", "안녕하세요 여러분"),
    "two syllables inside": ("하세", "안녕하세요 여러분"),
    "one syllable": ("세", "안녕하세요 여러분"),
    "the last syllable": ("요", "안녕하세요 여러분"),
    "a word before its particle": ("민지", "민지가 왔다"),
    "single letters of Hangul": ("ㅋㅋ", "아 ㅋㅋㅋ"),
    "decomposed Hangul": ("\u1112\u1161\u1109\u1166", "안녕하세요"),
    "a compound of two Han characters": ("会议", "今天的会议改到三点"),
    "Japanese inside": ("会議", "今日の会議は三時"),
    "kana": ("ちは", "こんにちは"),
    "half-width kana": ("ガギ", "ｶﾞｷﾞ"),
    "Thai inside": ("ประชุม", "วันนี้มีประชุม"),
    "Latin before Hangul": ("AI 모델", "새 ai모델을"),
    "Latin and Hangul as one": ("AI모델", "새 ai모델을"),
    "a number before Hangul": ("3시", "오후 3시에"),
    "a picture": ("🎉", "done🎉🎉"),
    "a picture with another skin": ("👍🏽", "👍 fine"),
    "a flag": ("🇰🇷", "go 🇰🇷"),
    "Cyrillic": ("ПРИВЕТ", "привет"),
    "Hindi": ("हिन्दी", "यह हिन्दी है"),
}
NOT_FOUND = {
    "the inside of a word": ("eeting", "The meeting is at three."),
    "the beginning of a quoted word": ('"meet"', "The meeting is at three."),
    "the beginning of the last quoted word": ('"is a"', "The meeting is at three."),
    "a beginning inside what stands together": ("exam.org", "see https://example.org/build/7"),
    "one of two": ("meeting four", "The meeting is at three."),
    "words that stand apart": ('"meeting three"', "The meeting is at three."),
    "syllables that stand apart": ("안세", "안녕하세요"),
    "syllables across a space": ("요여", "안녕하세요 여러분"),
    "three of which two pairs are there": ("가나다", "가나 나다"),
    "another letter": ("и", "й"),
    "what was deleted": ("meeting", ""),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_found(name: str) -> None:
    asked, text = FOUND[name]
    query = parse(asked)
    assert query.matches(text)
    assert HIT in query.snippet(text)
    assert _proposed(query, text)


@pytest.mark.parametrize("name", NOT_FOUND)
def test_what_is_not_found(name: str) -> None:
    asked, text = NOT_FOUND[name]
    assert not parse(asked).matches(text)


@pytest.mark.parametrize("asked", ["", "   ", "!!!", '""', "*", "\ufe0f", "...", "\n", '" "'])
def test_nothing_to_look_for(asked: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(asked)
    assert refused.value.info.field == "q"


@pytest.mark.parametrize(
    ("asked", "text", "snippet"),
    [
        ("하세", "안녕하세요", "안녕[하세]요"),
        ("cafe", "Café, CAFE!", "[Café], [CAFE]!"),
        ('"is at"', "it is\nat  home", "it [is at] home"),
        ("ガ", "ｶﾞｷﾞ", "[ｶﾞ]ｷﾞ"),
        ("ﬁ", "ﬁx fi", "[ﬁ]x [fi]"),
        ("buil", "Builds, rebuild", "[Buil]ds, rebuild"),
        ("aa", "aa aa aa", "[aa] [aa] [aa]"),
        ("가가", "가가가", "[가가]가"),
        ("x", "word " * 20 + "x" + " tail" * 60, "…" + ("word " * 20)[-40:] + "[x]" + (" tail" * 60)[:119] + "…"),
    ],
)
def test_snippets(asked: str, text: str, snippet: str) -> None:
    assert parse(asked).snippet(text) == snippet.replace("[", HIT).replace("]", HIT_END)


def _proposed(query: ParsedQuery, text: str) -> bool:
    """Whether an index of `terms_of` would propose a text."""
    known = terms_of(text)
    return all(
        any(each.startswith(term.text) for each in known) if term.beginning else term.text in known
        for term in query.terms
    )


ANY = st.characters(exclude_characters=HIT + HIT_END, exclude_categories=["Cs"])
TEXTS = st.text(st.sampled_from("ab Ac.안녕하요会議のガｶﾞÉé\u0301ß👍🏽🇰ใ़\n\"'_-ﬁİ½")) | st.text(ANY, max_size=30)


@given(TEXTS, TEXTS)
def test_the_index_proposes_whatever_matches(asked: str, text: str) -> None:
    try:
        query = parse(asked)
    except Invalid:
        return
    if query.matches(text):
        assert _proposed(query, text)
        assert HIT in query.snippet(text)


@given(TEXTS)
def test_a_text_is_found_by_itself(text: str) -> None:
    if fold(text).strip():
        assert parse(text.replace('"', " ")).matches(text)


@given(TEXTS)
def test_a_folded_text_is_its_runs_and_knows_its_places(text: str) -> None:
    mapped = Mapped(text)
    assert mapped.folded == fold(text)
    assert re.fullmatch(r" (\S+ )*", mapped.folded)
    places = [(sign, mapped.place(at)) for at, sign in enumerate(mapped.folded) if sign != " "]
    assert [place for _, place in places] == sorted(place for _, place in places)
    assert all(sign in fold(text[place : place + 2]) for sign, place in places)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_fast_way_is_the_same_way(text: str) -> None:
    assert search_terms.runs(text) == search_terms._RUNS.findall(search_terms._plain(text))


@given(TEXTS)
def test_a_snippet_is_part_of_the_text(text: str) -> None:
    try:
        query = parse(text[:2])
    except Invalid:
        return
    bare = query.snippet(text).replace(HIT, "").replace(HIT_END, "").strip("…")
    assert bare in re.sub(r"\s+", " ", text) or bare.strip() in re.sub(r"\s+", " ", text)
    assert len(bare) <= search_terms.SNIPPET


@given(TEXTS)
def test_terms_are_words_to_the_index(text: str) -> None:
    """FTS5's `ascii` tokenizer splits at what is ASCII and neither letter nor digit: no term has any of that."""
    for term in terms_of(text):
        assert re.fullmatch(r"[a-z0-9\x80-\U0010ffff]+", term)
    assert Term("x") == Term("x", beginning=False)
