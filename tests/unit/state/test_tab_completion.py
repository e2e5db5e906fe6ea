"""Tab behind a bare word: whose name it may be, and one name after the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.protocol.models import User
from asnity_tui.state.completion.tab_completion import begin_cycle, channels, next_in_cycle, people, word_at
from asnity_tui.state.completion.tokens import Completion

PEOPLE = [
    User(id=each, username=each, display_name=name, status_text="")
    for each, name in (("alice", "Alice Liddell"), ("alan", "Al"), ("bob", "Bob"), ("minji", "민지 Kim"), ("lid", "X"))
]


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("al|", "al"),
        ("hi al|", "al"),
        ("hi al| there", "al"),
        ("first\nal|", "al"),
        ("(al|", "al"),
        ("@al|", "@al"),
        ("see #ra|", "#ra"),
        ("/msg al|", "al"),
        ("민지|", "민지"),
        ("ali|ce", "alice"),
        ("|", None),
        ("al |", None),
        ("al, |", None),
        ("`al|", "al"),
        ("`al|`", None),
        ("https://x.org/al|", None),
        ("bob@al|", None),
        ("/al|", None),
        (":ta|", None),
    ],
)
def test_the_word(written: str, word: str | None) -> None:
    at = written.index("|")
    text = written.replace("|", "", 1)
    token = word_at(text, at)
    assert (text[token.start : token.end] if token is not None else None) == word


def test_people_by_the_beginning_of_a_name_who_spoke_last_first() -> None:
    def named(query: str, *recent: str) -> list[str]:
        return [each.insert for each in people(query, PEOPLE, recent=recent)]

    assert named("al") == ["@alan ", "@alice "]
    assert named("al", "alice", "alan") == ["@alice ", "@alan "]
    assert named("AL", "bob", "alice") == ["@alice ", "@alan "]
    assert named("lid") == ["@alice ", "@lid "]
    assert named("민") == named("kim") == ["@minji "]
    assert named("li") == ["@alice ", "@lid "]
    assert named("ob") == []


def test_channels_by_the_beginning_of_their_name() -> None:
    assert [each.insert for each in channels("R", ["release", "random", "general"])] == ["#random ", "#release "]


def test_round_and_round() -> None:
    text, choices = "hey al there", (Completion("@alan ", "Al"), Completion("@alice ", "Alice"))
    token = word_at(text, 6)
    assert token is not None
    first = begin_cycle(text, token, choices)
    assert (first.text, first.at) == ("hey @alan there", 10)
    second = next_in_cycle(first)
    assert second.text == "hey @alice there"
    assert next_in_cycle(second).text == first.text
    assert next_in_cycle(first, -1).text == second.text


@given(st.text("al@#:/`.한- \n", max_size=12), st.data())
def test_nothing_but_the_word_changes(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    token = word_at(text, at)
    if token is None:
        return
    made = begin_cycle(text, token, (Completion("@alice ", "Alice"),))
    assert made.text.startswith(text[: token.start] + "@alice")
    assert made.text.endswith(text[token.end :])
    assert token.start < at <= token.end
