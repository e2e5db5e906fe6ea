"""Found messages as options of a list: as written, in one line."""

from __future__ import annotations

import pytest

from asnity_tui.screens.message_option import text_line
from tests.tui.making import message


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ((("the new ", False), ("build", True), ("? Yes", False)), "the new build? Yes"),
        ((("the  new\n", False), ("build", True), (" works", False)), "the new build works"),
        ((("안녕", False), ("하세", True), ("요", False)), "안녕하세요"),
        ((("build", True), (" ", False), ("build", True)), "build build"),
    ],
)
def test_words_stand_as_far_apart_as_they_did(parts: tuple[tuple[str, bool], ...], line: str) -> None:
    words = text_line(message(1, "bob", "".join(text for text, _ in parts)), parts)
    assert "".join(word.text for word in words) == f"  {line}"
    assert [word.text for word in words if word.style == "hit"] == [text for text, hit in parts if hit]


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ((), "* bob waves at mina"),
        ((("/me waves at ", False), ("mina", True)), "* bob waves at mina"),
        ((("/me ", False), ("waves", True), (" at mina", False)), "* bob waves at mina"),
        ((("… at ", False), ("mina", True)), "… at mina"),
    ],
)
def test_what_somebody_does_is_told_with_their_name(parts: tuple[tuple[str, bool], ...], line: str) -> None:
    words = text_line(message(1, "bob", "/me waves at mina"), parts, "* bob ")
    assert "".join(word.text for word in words) == f"  {line}"
