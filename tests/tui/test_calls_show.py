"""Mentions show exactly where a message calls somebody: one grammar on both sides."""

from __future__ import annotations

from unicodedata import normalize

from hypothesis import example, given
from hypothesis import strategies as st

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.markup import mention_runs
from asnity_server.protocol.mentions import resolve_name
from asnity_server.protocol.text import CALLS_ALL, EVERYONE, clean_content, name_key
from asnity_tui.widgets.text.markdown import render
from asnity_tui.widgets.text.rich_body import plain
from asnity_tui.widgets.text.safe_text import harmless
from asnity_tui.widgets.timeline.layout import RowHeader, layout_row

from .making import ME, render_context, row

PEOPLE = {ME: "mina", "a": "alice", "b": "bob", "b2": "bob_", "k": "민지", "k2": "민지bob", "s": "สมชาย", "d": "a-b-c"}

PIECES = (
    "@bob", "@bob_", "@bob-", "@mina", "@민지", "@민지가", "@민지bob", "@สมชาย", "@a-b-c", "@a-b",
    "@channel", "@here", "@all_", "@Channel을", "@Bob", "@bobby", "@", "_", "__", "*", "**", "***", "~~", "~~~",
    "`", "``", "```", "```py", "~~~~", "\\", "\n", "\n\n", " ", "  ", "    ", "\t", "> ", ">",
    "- ", "* ", "1. ", "2) ", "# ", "[", "]", "(", ")", "](https://x.org/)", "<", ">",
    "https://medium.com/", "https://x.org", "http://", "://", "x@", "a", "가", "을", ".", ",",
    "。", "）", "/", ":", "'", '"', "…", "|", "\u200b", "\u2060", "\u3164", "\ufe0f", "\u0301",
    "👩‍💻", "🇰🇷", ".org", ".com", "=", "-", "+", "0",
)  # fmt: skip
nasty = st.lists(st.sampled_from(PIECES), min_size=1, max_size=25).map("".join)


def called(content: str) -> set[str]:
    """The names that the server finds in a message among those of its channel, as `resolve_mentions` does."""
    keys = {name_key(name) for name in PEOPLE.values()}
    return {found.key for run in mention_runs(content) if (found := resolve_name(run, keys))}


def shown(content: str, names: set[str], *, raw: bool, width: int) -> set[str]:
    """The names that stand out in it as called."""
    mentions = tuple(user for user, name in PEOPLE.items() if name_key(name) in names)
    told = row(1, "z", content, mentions=mentions, mentions_all=EVERYONE in names)
    layout = layout_row(
        told, RowHeader(heading=False), render_context(render=render, usernames=PEOPLE.get), width, raw=raw
    )
    found = [
        (piece.at, piece.text)
        for line in layout.lines
        for piece in line
        if piece.style.partition("+")[0] in ("mention", "called")
    ]
    text, end = "", -1
    for at, piece in found:
        text += piece if at == end else f" {piece}"
        end = at + len(piece)
    keys = {name_key(name) for name in text.replace("@", " ").split()}
    return {EVERYONE if key in CALLS_ALL else key for key in keys}


@given(nasty)
@example("_@bob_ @bob_ https://medium.com/@bob")
@example("\\`@bob\\` `@alice`")
def test_who_is_called_is_who_is_shown_as_called(text: str) -> None:
    try:
        content = clean_content(text)
    except Invalid:
        return
    names = called(content)
    assert shown(content, names, raw=False, width=2000) == names
    assert shown(content, names, raw=True, width=2000) == names


def composed(text: str) -> str:
    """Text without what marks that have lost their base stand on."""
    return normalize("NFC", text.replace("\u25cc", ""))


@given(nasty)
def test_raw_text_is_what_was_written(text: str) -> None:
    assert composed(plain(text).text) == composed(harmless(text))
