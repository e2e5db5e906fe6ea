"""Markdown as people write it in chat: what shows of it, where it leads, and that it never breaks a row."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from asnity_tui.widgets.text.code_colours import LANGUAGES, colours
from asnity_tui.widgets.text.hyperlinks import works
from asnity_tui.widgets.text.markdown import render
from asnity_tui.widgets.text.rich_body import StyleRange, overlaid, plain
from asnity_tui.widgets.text.safe_text import harmless
from asnity_tui.widgets.text.style_table import style_of
from asnity_tui.widgets.timeline.layout import RowHeader, layout_row

from .making import ME, render_context, row, unsent
from .test_cell_width import PIECES

SIGNS = ("*", "**", "_", "~~", "`", "```", "```py\n", "\n", "\n\n", "> ", "- ", "1. ", "  ", "[a](https://b.org/", ")")
SIGNS = (
    *SIGNS,
    "# ",
    "\\",
    "https://x.org/_a_*b*",
    "<https://y.org>",
    "(",
    "def f():",
    "javascript:",
    "![",
    "]",
    "@mina ",
)
written = st.lists(st.sampled_from(SIGNS) | st.sampled_from(PIECES), max_size=40).map("".join)


def shown(text: str, width: int = 40) -> list[str]:
    """The lines of a message as text."""
    layout = layout_row(row(1, "a", text), RowHeader(heading=False), render_context(render=render), width)
    return ["".join(piece.text for piece in line)[3:].rstrip() for line in layout.lines]


def styles(text: str) -> dict[str, str]:
    """List the styled pieces with their styles."""
    body = render(text)
    return {body.text[start:end]: style for start, end, style in body.spans}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("**bold** and *it* and ~~gone~~", ["bold and it and gone"]),
        ("snake_case_name * 2 * 3", ["snake_case_name * 2 * 3"]),
        ("one\n  two *x*\n\n\nthree", ["one", "  two x", "", "", "three"]),
        ("> said\nanswer", ["▎ said", "answer"]),
        ("> > deep\n> less", ["▎ ▎ deep", "▎ less"]),
        ("- one\n- two\n  - three\nafter", ["- one", "- two", "  - three", "after"]),
        ("3. x\n4. y", ["3. x", "4. y"]),
        ("1) x", ["1) x"]),
        ("# Head", ["# Head"]),
        ("```\n  a\n\n b\n```\nafter", ["  a", "", " b", "after"]),
        ("- a\n  ```\n  b\n  ```", ["- a", "  b"]),
        ("a <b>&amp;</b>\n---\n| a |\n    indented", ["a <b>&amp;</b>", "---", "| a |", "    indented"]),
        ("\\*not\\*", ["*not*"]),
        ("**", ["**"]),
        ("-", ["-"]),
        ("- ", ["-"]),
        ("[ ] todo [x]: https://a.org", ["[ ] todo [x]: https://a.org"]),
        ("~~~\ncode\n~~~\nafter", ["code", "after"]),
        ("~~~~\nwaves", ["~~~~", "waves"]),
        ("```py\nprint(1)```", ["print(1)"]),
        ("```two words\nx\n```", ["two words", "x"]),
        ("```", ["```"]),
        ("> a\n>\n> b", ["▎ a", "▎", "▎ b"]),
        ("> ```\n>  x\n> ```\ny", ["▎  x", "y"]),
        ("\\> a\n\\# b\n\\`c\\` \\[d](https://e.org)", ["> a", "# b", "`c` [d](https://e.org)"]),
        ("**중요**한 것은**매우**중요", ["중요한 것은매우중요"]),
        ("***a** b* and **a *b***", ["a b and a b"]),
        ("a\tb\n귤\tb\n귤귤\tb", ["a   b", "귤  b", "귤귤    b"]),
        ("```\n\tx\n귤\ty\n```", ["    x", "귤  y"]),
    ],
)
def test_it_reads_as_it_is_meant(text: str, lines: list[str]) -> None:
    assert shown(text) == lines


def test_long_items_and_quotes_hang_in() -> None:
    assert shown("- one two three four five six", 20) == ["- one two three", "  four five six"]
    assert shown("> one two three four five six", 20) == ["▎ one two three", "▎ four five six"]


def test_code_keeps_its_spaces_and_breaks_anywhere() -> None:
    assert shown("```\n    return x + yyyyyyyyyy\n```", 20) == ["    return x + y", "yyyyyyyyy"]


def test_styles_lie_over_each_other() -> None:
    assert styles("**a *b*** ~~c~~ `d`") == {"a ": "text+b", "b": "text+bi", "c": "text+s", "d": "code"}
    look = style_of("code+bsd")
    assert (look.bold, look.strike, look.alpha, look.italic) == (True, True, 0.5, False)


@pytest.mark.slow
def test_code_is_coloured_where_its_language_is_known() -> None:
    assert styles("```python\ndef f(): return 1\n```") == {
        "def": "code-keyword",
        "f": "code-name",
        "return": "code-keyword",
        "1": "code-number",
    }
    assert styles("```nonsense\ndef f()\n```") == {} == styles("```\ndef f()\n```")
    assert all(colours("x = 1", each, 0) is not None for each in LANGUAGES)


@pytest.mark.parametrize(
    ("text", "line", "address"),
    [
        ("[the notes](https://example.org/n)", "the notes (example.org)", "https://example.org/n"),
        ("[https://good.org](https://evil.org)", "https://good.org (evil.org)", "https://evil.org"),
        ("[](https://evil.org)", "evil.org", "https://evil.org"),
        ("<https://a.org>", "https://a.org", "https://a.org"),
        ("see https://a.org/__init__/*x*.", "see https://a.org/__init__/*x*.", "https://a.org/__init__/*x"),
        ("*https://a.org/b*", "https://a.org/b", "https://a.org/b"),
        ("[x](https://пример.org)", "x (xn--e1afmkfd.org)", "https://xn--e1afmkfd.org"),
    ],
)
def test_a_link_says_where_it_leads(text: str, line: str, address: str) -> None:
    assert shown(text, 60) == [line]
    assert [link.address for link in render(text).links] == [address]


@pytest.mark.parametrize("text", ["[x](javascript:alert)", "[x](file:///etc)", "`https://a.org`", "[x](https://)"])
def test_nothing_else_is_a_link(text: str) -> None:
    assert render(text).links == ()


def test_people_are_called_beside_markup_but_not_in_code() -> None:
    layout = layout_row(
        row(1, "a", "**hey @mina** `@mina`", mentions=(ME,)), RowHeader(), render_context(render=render), 60
    )
    assert [(piece.text, piece.style) for piece in layout.lines[1][-4:]] == [
        ("hey ", "text+b"),
        ("@mina", "called"),
        (" ", "text"),
        ("@mina", "code"),
    ]


def test_what_is_on_its_way_is_dim_in_all_its_parts() -> None:
    layout = layout_row(unsent("n", "a **b**"), RowHeader(heading=False), render_context(render=render), 40)
    assert [piece.style for piece in layout.lines[0][-2:]] == ["pending", "text+bd"]


def test_raw_text_is_as_it_was_written() -> None:
    layout = layout_row(
        row(1, "a", "**a** [b](https://c.org)"), RowHeader(heading=False), render_context(render=render), 60, raw=True
    )
    assert layout.text == "**a** [b](https://c.org)"


def test_a_sign_that_stood_on_markup_gets_something_to_stand_on() -> None:
    assert render("**\u0301a**").text.startswith("\u25cc") or render("**\u0301a**").text.startswith("**")
    assert "\u25cc\u0301" in render("x **y**\u0301").text


@settings(max_examples=40, deadline=None)
@given(written, st.integers(min_value=8, max_value=90))
def test_no_line_is_wider_than_the_pane(text: str, width: int) -> None:
    for line in layout_row(row(1, "a", text, mentions=(ME,)), RowHeader(), render_context(render=render), width).lines:
        whole = "".join(piece.text for piece in line)
        assert cell_len(whole) <= width
        assert sum(cell_len(piece.text) for piece in line) <= width
        assert harmless(whole).split() == whole.split()


@settings(max_examples=40, deadline=None)
@given(written)
def test_pieces_stand_where_they_say(text: str) -> None:
    layout = layout_row(row(1, "a", text), RowHeader(), render_context(render=render), 30)
    for line in layout.lines:
        for piece in line[1:]:
            if 0 <= piece.at < len(layout.text) and piece.style.partition("+")[0] in ("text", "link", "code", "marker"):
                assert layout.text.startswith(piece.text, piece.at)
    for start, end, address in layout.links:
        assert 0 <= start <= end <= len(layout.text)
        assert address.lower().startswith(("http://", "https://"))


@given(written)
@settings(max_examples=25, deadline=None)
def test_spans_ascend_and_stand_apart(text: str) -> None:
    body = render(text)
    assert all(one.end <= two.start for one, two in zip(body.spans, body.spans[1:], strict=False))


def test_spans_are_overlaid() -> None:
    assert overlaid([StyleRange(0, 10, "a")], [StyleRange(2, 4, "b"), StyleRange(8, 12, "b")]) == [
        StyleRange(0, 2, "a"),
        StyleRange(2, 4, "b"),
        StyleRange(4, 8, "a"),
        StyleRange(8, 12, "b"),
    ]


def test_plain_text_is_itself() -> None:
    assert render("just words, 2 < 3 & 4") == plain("just words, 2 < 3 & 4")


@pytest.mark.parametrize(
    ("environment", "whether"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4600"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "screen", "TERM_PROGRAM": "iTerm.app"}, False),
        ({"TERM": "tmux-256color", "TMUX": "x", "TERM_PROGRAM": "tmux"}, True),
        ({"TERM": "dumb", "FORCE_HYPERLINK": "1"}, True),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        ({}, False),
    ],
)
def test_links_are_written_where_the_terminal_knows_them(environment: dict[str, str], whether: bool) -> None:
    assert works(environment) is whether
