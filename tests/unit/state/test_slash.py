"""What begins with a slash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_tui.state.slash import Do, Read, Say, Unknown, read

NAMES = ("join", "leave", "topic", "topics", "help")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("hello", Say("hello")),
        ("//shrug", Say("/shrug")),
        ("///", Say("//")),
        ("/", Say("/")),
        ("/ 2", Say("/ 2")),
        ("/2", Say("/2")),
        ("a /join", Say("a /join")),
        ("/join", Do("join", "")),
        ("/JOIN  #general ", Do("join", "#general")),
        ("/topic a\nb", Do("topic", "a\nb")),
        ("/joni x", Unknown("joni", ("join",))),
        ("/top", Unknown("top", ("topic", "topics"))),
        ("/etc/passwd", Unknown("etc/passwd")),
    ],
)
def test_it_means(text: str, meant: Read) -> None:
    assert read(text, NAMES) == meant


@given(st.text(max_size=20))
def test_no_unknown_command_is_said(text: str) -> None:
    assert not isinstance(read("/a" + text, NAMES), Say)


@given(st.text(max_size=20))
def test_two_slashes_say_one(text: str) -> None:
    assert read("//" + text, NAMES) == Say("/" + text)
