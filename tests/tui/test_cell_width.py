"""Text from others: harmless, and never wider than the room that it has."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, split_graphemes

from asnity_tui.widgets.text.cell_width import clusters, fit, pad, width_of, wrap
from asnity_tui.widgets.text.safe_text import harmless, harmless_line

PIECES = (
    *("a", "Z", "é", "e\u0301", " ", "  ", "\n", "한", "글", "\u1100\u1161\u11a8", "漢", "字", "。", "「", "カ", "ｶﾞ"),
    *("👍", "👍🏽", "🏽", "👩‍👩‍👧", "🇰🇷", "🇰", "❤️", "❤", "✌🏽", "☝", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "⛹🏽‍♂️", "😶‍🌫️", "🏳️‍🌈"),
    *(
        "\u0301",
        "\u200d",
        "\ufe0f",
        "\ufe0e",
        "\u200b",
        "\u202e",
        "\u2066",
        "\u00ad",
        "\u3164",
        "\x1b[31m",
        "\x9b",
        "\t",
    ),
    *("\u0e01\u0e33", "क्षि", "\u2028", "\r\n", "\r", "\x07", "\x7f", "\ud800", "\U000e0041", "[bold]", "\\[", "\uffff"),
)
texts = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=40).map("".join)
widths = st.integers(min_value=2, max_value=30)


@given(texts)
def test_nothing_that_controls_a_terminal_is_left(text: str) -> None:
    shown = harmless(text)
    assert not [sign for sign in shown if sign != "\n" and unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")]
    assert not set(shown) & set("\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


@given(texts)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@given(texts)
def test_a_line_has_no_line_feed(text: str) -> None:
    assert "\n" not in harmless_line(text)


@pytest.mark.parametrize(
    "text",
    [
        "Good morning!",
        "안녕하세요",
        "中文，日本語",
        "👩‍👩‍👧 👍🏽 🇰🇷 ❤️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏳️‍🌈",
        "café ñandú",
        "a  b\nc",
        "[bold]x[/]",
        "\ue0b0",
    ],
)
def test_what_people_write_is_not_touched(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\u202eb\u2066c", "abc"),
        ("a\u200db", "ab"),
        ("x\u200by", "xy"),
        ("🇰", "K"),
        ("🏽", "\ufffd"),
        ("\u0301", "\u25cc\u0301"),
        ("a\tb", "a   b"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("\x9b31m", "\ufffd31m"),
        ("a" + "\u0301" * 50, "á" + "\u0301" * 8),
        ("\u3164", ""),
    ],
)
def test_what_would_do_harm_shows_or_vanishes(text: str, shown: str) -> None:
    assert harmless(text) == shown


@given(texts)
def test_widths_of_clusters_add_up_to_the_width_of_the_text(text: str) -> None:
    shown = harmless(text)
    assert "".join(cluster for cluster, _ in clusters(shown)) == shown
    assert sum(cells for _, cells in clusters(shown)) == width_of(shown) == cell_len(shown)
    assert all(cells <= 2 for _, cells in clusters(shown))


@given(texts)
def test_a_cluster_never_ends_inside_one_of_the_library(text: str) -> None:
    shown = harmless_line(text)
    ours, position = {0}, 0
    for cluster, _ in clusters(shown):
        position += len(cluster)
        ours.add(position)
    assert ours <= {start for start, _, _ in split_graphemes(shown)[0]} | {0, len(shown)}


@given(texts, widths)
def test_no_line_is_wider_than_its_room_and_no_cluster_is_cut(text: str, width: int) -> None:
    shown = harmless(text)
    edges, position = {0}, 0
    for cluster, _ in clusters(shown):
        position += len(cluster)
        edges.add(position)
    for start, end in wrap(shown, width):
        assert cell_len(shown[start:end]) <= width
        assert "\n" not in shown[start:end]
        assert start in edges
        assert end in edges


@given(texts, widths)
def test_wrapping_loses_nothing_but_white_space(text: str, width: int) -> None:
    shown = harmless(text)
    lines = wrap(shown, width)
    assert "".join("".join(shown[start:end].split()) for start, end in lines) == "".join(shown.split())
    assert all(before[1] <= after[0] for before, after in pairwise(lines))


@given(texts, st.integers(min_value=0, max_value=20))
def test_what_is_cut_fits(text: str, width: int) -> None:
    shown = harmless_line(text)
    assert cell_len(fit(shown, width)) <= width
    assert cell_len(pad(shown, width)) == width


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("Good morning to you", 12, ["Good morning", "to you"]),
        ("귤 먹으러 올 사람?", 10, ["귤 먹으러", "올 사람?"]),
        ("日本語の文章です。", 10, ["日本語の文", "章です。"]),
        ("これは本。", 8, ["これは", "本。"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("한글한글한글", 5, ["한글", "한글", "한글"]),
        ("  indented", 20, ["  indented"]),
        ("a\n\nb", 9, ["a", "", "b"]),
        ("", 9, [""]),
        ("see https://example.org/a/very/long/path ok", 20, ["see", "https://example.org/", "a/very/long/path ok"]),
    ],
)
def test_lines_break_where_people_expect_it(text: str, width: int, lines: list[str]) -> None:
    assert [text[start:end] for start, end in wrap(text, width)] == lines
