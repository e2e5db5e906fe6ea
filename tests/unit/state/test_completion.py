"""Completion: which word is being written, what it may become, and the text with that put in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_server.protocol.models import User
from asnity_tui.state.completion import tokens
from asnity_tui.state.completion.emoji_names import EmojiNames
from asnity_tui.state.completion.tokens import Completion, CompletionToken, applied, token_at

NAMES = EmojiNames(
    {"🎉": ("tada", "party_popper"), "👍": ("thumbsup", "+1"), "😂": ("joy",), "😹": ("joy_cat",), "🍊": ("tangerine",)}
)


def user(name: str, display: str = "") -> User:
    return User(id=name, username=name, display_name=display or name.title(), status_text="")


def at(marked: str) -> CompletionToken | None:
    """The word at the bar."""
    return token_at(marked.replace("|", "", 1), marked.index("|"))


@pytest.mark.parametrize(
    ("marked", "kind", "word", "query"),
    [
        ("@|", "@", "@", ""),
        ("hello @al|", "@", "@al", "al"),
        ("hello @al| and more", "@", "@al", "al"),
        ("hello @a|lice and", "@", "@alice", "a"),
        ("(@al|)", "@", "@al", "al"),
        ("안녕@민|", "@", "@민", "민"),
        ("@민ㅈ|", "@", "@민ㅈ", "민ㅈ"),
        ("@mina|야", "@", "@mina", "mina"),
        ("see #gen|", "#", "#gen", "gen"),
        ("nice :tad|", ":", ":tad", "tad"),
        ("nice :tad|a: x", ":", ":tada:", "tad"),
        ("좋아:ta|", ":", ":ta", "ta"),
        ("/jo|", "/", "/jo", "jo"),
        ("/jo|in general", "/", "/join", "jo"),
    ],
)
def test_a_word_is_found_where_one_is_written(marked: str, kind: str, word: str, query: str) -> None:
    token = at(marked)
    text = marked.replace("|", "", 1)
    assert token is not None
    assert (token.kind, text[token.start : token.end], token.query) == (kind, word, query)


@pytest.mark.parametrize(
    "marked",
    [
        "mail me@al|",
        "`@al|`",
        "```\n@al|",
        ":t|",
        "10:30|",
        "hello :)|",
        "//jo|",
        "a /jo|",
        "/join gen|",
        "@al |",
        "|@al",
        "https://x.org:80|",
        "::ta|",
        "@@al|",
        "|",
    ],
)
def test_elsewhere_there_is_none(marked: str) -> None:
    assert at(marked) is None


def test_who_spoke_last_comes_first() -> None:
    users = [user("alan"), user("alice"), user("bob"), user("sal")]
    found = tokens.people("al", users, recent=("sal", "alice"))
    assert [each.hint for each in found] == ["@alice", "@alan", "@sal", "everyone in this channel"]
    everybody = tokens.people("", users, recent=("bob",))
    assert [each.label for each in everybody] == ["Bob", "Alan", "Alice", "Sal", "channel"]
    assert tokens.people("", users, recent=(), everyone=False)[-1].label == "Sal"


def test_people_are_found_by_both_their_names() -> None:
    found = tokens.people("민ㅈ", [user("minji", "민지"), user("mina")], recent=())
    assert [each.insert for each in found] == ["@minji "]


def test_everybody_is_offered_by_every_usual_name() -> None:
    for query, name in (("", "channel"), ("ch", "channel"), ("ev", "everyone"), ("her", "here"), ("al", "all")):
        (choice,) = tokens.people(query, (), recent=())
        assert (choice.insert, choice.hint) == (f"@{name} ", "everyone in this channel"), query
    assert tokens.people("her", (), recent=(), everyone=False) == ()


def test_channels_and_emoji_are_found_by_their_names() -> None:
    assert tokens.channels("gen", [("random", ""), ("general", "x")])[0].insert == "#general "
    assert [each.sign for each in tokens.emoji("jo", NAMES, ("😹",))] == ["😹", "😂"]


@pytest.mark.parametrize(
    ("marked", "insert", "became"),
    [
        ("@al|", "@alice ", "@alice |"),
        ("@al| are you", "@alice ", "@alice |are you"),
        ("@al|, are", "@alice ", "@alice|, are"),
        ("@mi|야", "@mina ", "@mina|야"),
        ("a :ta|da: b", "🎉 ", "a 🎉 |b"),
        ("/jo|", "/join ", "/join |"),
    ],
)
def test_a_choice_takes_the_place_of_the_word(marked: str, insert: str, became: str) -> None:
    token = at(marked)
    assert token is not None
    text, cursor = applied(marked.replace("|", "", 1), token, Completion(insert, "x"))
    assert text[:cursor] + "|" + text[cursor:] == became


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="@#:/` \nab한_-1", max_size=30), st.data())
def test_nothing_but_the_word_changes(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(min_value=0, max_value=len(text)))
    token = token_at(text, cursor)
    if token is None:
        return
    assert token.start < cursor <= token.end <= len(text)
    assert text[token.start + 1 : cursor] == token.query
    made, at = applied(text, token, Completion("@x ", "x"))
    assert made.startswith(text[: token.start])
    assert made.endswith(text[token.end :])
    assert 0 <= at <= len(made)
