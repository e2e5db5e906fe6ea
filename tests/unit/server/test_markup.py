"""The markup of chat: what is not meant as markup keeps all its characters, whatever it is."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.protocol.markup import BlankLines, Code, Paragraph, parse, tokens, unchanged_spans

AS_WRITTEN = (
    "2*3*4",
    "2 * 3 * 4",
    "가*나*다",
    "¯\\_(ツ)_/¯",
    ">_<",
    ">.<",
    "^_^ -_- T_T o_O *_* (*_*) =_= d(^_^)b (>_<)",
    "\\d+\\.\\d*",
    "^\\s*(\\*|_)+\\[x\\]$",
    ".*foo.* [a-z]*_[0-9]*",
    "\\\\server\\share\\_x",
    "C:\\_new\\*.txt",
    "a line's end \\",
    "  indented  twice \\",
    "__init__ __all__ __main__.py",
    "snake_case _private a_b_c $VAR_NAME_X %PATH_X%",
    "#5 +1 1) 2. -x",
    "1) one",
    "7. seven",
    "- x",
    "+ y",
    "* z",
    "-- ",
    "====",
    "----",
    "***",
    "* * *",
    "___",
    "~",
    "~/x ~~ ~5",
    "<b>bold</b> &amp; &lt; <!-- c -->",
    "| a | b |",
    "|---|---|",
    "int *p, *q; **r = &*p; (*a)*(*b)",
    "f(*args, **kwargs); {**a, **b}; {**a,**b}",
    "/* a comment of C */ /**/ /*x*/",
    "*.py,*.js src/**/*.py **/*.txt",
    "'*' and '*', \"*\" and \"*\", `",
    "SELECT * FROM t WHERE a LIKE '_b_%'",
    "it`s a dog`s life",
    "rm -rf ./* /tmp/*",
    ">>> print(1)",
    "$ echo a > b",
    ">x",
    "[x] [ ] [1] a[i]*b[j] a[b](c)",
    "\\(x\\) \\[y\\] \\{z\\}",
    "x = y_ * _z",
    "# a heading keeps its sign",
    "!important ![no picture]",
    "(╯°□°)╯︵ ┻━┻",
    "*waves and leaves it open",
    "**kwargs",
    "_under",
    "a ``` b",
    "(´・ω・`) (´・ω・`)",
    "( ´ ▽ ` )ﾉ hello ( ´ ▽ ` )ﾉ",
    "(*´ω`*) and (*´∀`*) and (`ー`´ー)",
    "_(:3」∠)_ _(:з」∠)_",
    "~~~ not closed",
)
"""What people write who mean no markup."""


def shown(text: str) -> str:
    """Strip a text of its markup."""
    lines: list[str] = []
    for block in parse(text):
        if isinstance(block, Paragraph):
            lines.append("> " * block.quote + block.marker + "".join(each.text for each in block.tokens))
        else:
            lines.append("> " * block.quote + (block.marker + block.text if isinstance(block, Code) else ""))
    return "\n".join(lines)


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_it_shows_as_it_was_written(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("look ```py\nx = 1\n\ny\n```\nafter", ["look ", "py: x = 1\n\ny", "after"]),
        ("look ```\nx\n``` after", ["look ", ": x", "after"]),
        ("look ```select 1\nx```\nafter", ["look ", ": select 1\nx", "after"]),
        ("- look ```\n  x\n  ```\n- b", ["look ", ": x", "b"]),
        ("`a` and ```x``` and ```\ny\n```", ["a and x and ", ": y"]),
        ("look ```\nx\n````\ny", ["look ", ": x", "y"]),
        ("look ```x```\ny\n```\nz\n```", ["look x\ny", ": z"]),
        ("```\nx\n``` and `y`", [": x\n``` and `y`"]),
    ],
)
def test_code_begins_and_ends_within_a_line_of_text_too(text: str, blocks: list[str]) -> None:
    found = [
        f"{each.language}: {each.text}" if isinstance(each, Code) else "".join(token.text for token in each.tokens)
        for each in parse(text)
        if not isinstance(each, BlankLines)
    ]
    assert found == blocks


@given(st.lists(st.sampled_from(AS_WRITTEN), min_size=1, max_size=6).map("\n\n".join))
def test_texts_without_markup_keep_every_sign(text: str) -> None:
    assert [line for line in shown(text).split("\n") if line] == [line for line in text.split("\n") if line.strip()]


@given(st.text(alphabet="ab 가1.,:;!?()'\"/\\<>#+=-|&$%^@\t\n{}", max_size=120))
def test_without_signs_of_markup_all_is_text(text: str) -> None:
    quoted = any(line.lstrip(" ").startswith((">", "\\>", "\\#")) for line in text.split("\n"))
    if not quoted:
        assert [line.strip() for line in shown(text).split("\n")] == [line.strip() for line in text.split("\n")]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("**https://x.org/a**을 보세요", "https://x.org/a"),
        ("**주소: https://x.org/a**입니다", "https://x.org/a"),
        ("*https://x.org/a*는", "https://x.org/a"),
        ("~~https://x.org/a~~は", "https://x.org/a"),
        ("__https://x.org/a__", "https://x.org/a"),
        ("['https://x.org/a','b']", "https://x.org/a"),
        ("href='https://x.org/a'>", "https://x.org/a"),
        ("https://x.org/a·b", "https://x.org/a·b"),
        ("https://x.org/a*b*c", "https://x.org/a*b*c"),
        ("https://x.org/~bob/it'll", "https://x.org/~bob/it'll"),
        ("https://x.org/__init__", "https://x.org/__init__"),
    ],
)
def test_an_address_ends_where_what_is_around_it_does(text: str, address: str) -> None:
    assert [each.text for each in tokens(text) if each.kind == "address"] == [address]
    assert not any("**" in each.text or "~~" in each.text for each in tokens(text))


def test_addresses_with_only_a_sign_between_them_are_two() -> None:
    found = [each.text for each in tokens("https://x.org/a·https://y.org/b") if each.kind == "address"]
    assert found == ["https://x.org/a", "https://y.org/b"]


NASTY = (
    "*", "**", "***", "_", "__", "~~", "~~~", "`", "``", "```", "\\", "\n", "\n\n", "> ", ">", "- ", "1. ", "# ", " ",
    "[", "](https://x.org)", "<https://x.org/_a_>", "https://x.org/@bob", "@bob", "@민지가", "@channel", "@", "a",
    "가", ".", "(", ")", "bob@x.org", "/", "\t", "👩‍💻", "'", ",", "b", "~~~\n", "```py\n", "    ",
)  # fmt: skip
nasty = st.lists(st.sampled_from(NASTY), max_size=30).map("".join)


@given(nasty)
def test_text_and_calls_stand_where_they_say(text: str) -> None:
    last = 0
    for each in tokens(text):
        assert each.start <= each.end <= len(text)
        if each.kind in ("text", "mention"):
            assert last <= each.start
            assert text[each.start : each.end] == each.text
            last = each.end


@given(nasty)
def test_what_opens_is_closed_in_its_order(text: str) -> None:
    for block in parse(text):
        opened: list[str] = []
        for each in block.tokens if isinstance(block, Paragraph) else ():
            if each.kind in ("open", "link"):
                opened.append(each.value if each.kind == "open" else "link")
            elif each.kind in ("close", "link-end"):
                assert opened.pop() == (each.value if each.kind == "close" else "link")
        assert opened == []


@given(nasty)
def test_only_signs_of_markup_ever_vanish(text: str) -> None:
    def letters(of: str) -> list[str]:
        return [sign for sign in of if sign.isalnum()]

    kept = shown(text) + "".join(each.value for each in tokens(text) if each.kind == "link")
    languages = [block.language for block in parse(text) if isinstance(block, Code)]
    assert sorted(letters(text)) == sorted(letters(kept + "".join(languages)))


@given(nasty)
def test_spans_that_are_left_alone_ascend_and_never_overlap(text: str) -> None:
    last = 0
    for start, end in unchanged_spans(text):
        assert last <= start < end <= len(text)
        last = end


def steps(text: str) -> int:
    """How many lines of the program reading a text takes."""
    taken = 0

    def count(frame: FrameType, event: str, argument: object) -> object:
        nonlocal taken
        taken += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        parse(text)
    finally:
        sys.settrace(before)
    return taken


@pytest.mark.parametrize(
    "piece",
    ["*a ", "_a", "**a*", "`", "``` ``", "[", "[a](https://x.org/", "[[](https://a)", "\\`", "\\*a", "~~~a\n", "```a\n",
     "> ", ">\n", "- ", "@bob", "_@", "+@a.b", "https://", "https://a.b:", "<https://x", "(https://x(", "*_~~", "@가_",
     "https:///", "https://?", "<https:///", "[](https:///", "x ```\n", "``` x\n", "x ```\n``` y\n", "x ```a",
     "x ```  ", "(´", "(`´", "_(:3"],
)  # fmt: skip
def test_it_costs_by_the_length_of_the_text(piece: str) -> None:
    """The worst texts there are, as long as a message may be, are read at once."""
    parse((piece * 4000)[:4000])
    some = (piece * 500)[:500]
    assert steps(some * 3) < 3.5 * steps(some) + 500
