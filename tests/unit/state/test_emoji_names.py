"""Emoji by short names."""

from __future__ import annotations

import pytest

from asnity_server.protocol.emoji import clean_emoji
from asnity_tui.state.emoji_names import USUAL, EmojiNames


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
