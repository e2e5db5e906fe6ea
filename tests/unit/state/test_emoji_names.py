"""Emoji by short names."""

from __future__ import annotations

import pytest

from asnity_server.protocol.emoji import clean_emoji
from asnity_tui.state.completion.emoji_names import USUAL, EmojiNames


@pytest.fixture(scope="module")
def names() -> EmojiNames:
    return EmojiNames.load()


def test_what_people_type_is_known(names: EmojiNames) -> None:
    assert [names.get(each) for each in ("tada", "+1", "joy", "heart", "tangerine", "saluting_face", "kr")] == [
        "🎉",
        "👍",
        "😂",
        "❤️",
        "🍊",
        "🫡",
        "🇰🇷",
    ]
    assert names.get("nonsense") is None
    assert names.name("🎉") == "tada"
    assert names.name("x") == ""


def test_the_server_takes_every_one_of_them(names: EmojiNames) -> None:
    for found in names.find("", limit=5_000):
        assert clean_emoji(found.emoji) == found.emoji


def test_mine_come_first(names: EmojiNames) -> None:
    assert [each.emoji for each in names.find("", ("🍊",), limit=3)] == ["🍊", *USUAL[:2]]
    assert names.find("salut", ())[0].emoji == "🫡"
    assert names.find("hear", ("💛",))[0].emoji == "💛"
    assert names.find("tada")[0].name == "tada"
    assert names.find("qqqqqq") == ()


def test_names_between_colons_become_emoji_but_not_in_code(names: EmojiNames) -> None:
    assert names.replace("done :tada: at 10:30:00 `:tada:` :nonsense:") == "done 🎉 at 10:30:00 `:tada:` :nonsense:"


@pytest.mark.parametrize(
    "text",
    [
        "root:x:0:0",
        "root:x:",
        "00:ab:cd:ef:",
        "00:ab:cd:ef:00:ab",
        "at 10:30:45",
        "12:100:00",
        "https://h/x:end:y",
        "https://h/x:end:",
        "https://h/:end:",
        "::100:",
        "fe80::ab:1",
        "std::x:",
        "`:x:`",
        "```\n:x:",
        "~~~\n:x:\n~~~",
        "a=:x:",
        '{"a":x:1}',
        ":x:y",
        ":x::y",
        ":x::nonsense:",
        "a::x::y::x:",
        "me@:x:",
        "user:on:off",
        "/:x:",
        "-:x:",
    ],
)
def test_what_only_looks_like_a_name_stays(names: EmojiNames, text: str) -> None:
    assert names.replace(text) == text
    if text != "~~~\n:x:\n~~~":
        assert names.ending(text) is None


@pytest.mark.parametrize("before", ["", "so ", "(", "안녕", "🎉", "line\n", "**", "> ", "really?"])
def test_a_name_of_its_own_is_one(names: EmojiNames, before: str) -> None:
    assert names.ending(f"{before}:tada:") == (len(before), "🎉")
    assert names.replace(f"{before}:tada:") == f"{before}🎉"
    assert names.replace(f"{before}:tada:, :+1:.") == f"{before}🎉, 👍."
    assert names.replace(f"{before}:tada::+1:") == f"{before}🎉👍"


def test_a_name_in_code_that_is_not_closed_yet_stays(names: EmojiNames) -> None:
    assert names.ending("`:tada:") is None
    assert names.ending("see ``a `:tada:") is None
    assert names.ending("`a` :tada:") == (4, "🎉")
