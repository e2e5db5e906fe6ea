"""Lines that begin with a slash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_tui.commands.slash import Do, Parsed, Say, Unknown, parse

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
        ("/joni x", Unknown("joni")),
        ("/top", Unknown("top")),
        ("/join,", Unknown("join,")),
        ("/join\tx", Do("join", "x")),
        ("/join https://chat.example.org/invite/abc", Do("join", "https://chat.example.org/invite/abc")),
        ("/usr/bin/x", Say("/usr/bin/x")),
        ("/join/x", Say("/join/x")),
        ("/etc/hosts.conf is wrong", Say("/etc/hosts.conf is wrong")),
        ("/vmlinuz.old", Say("/vmlinuz.old")),
        ("/join.txt", Say("/join.txt")),
        ("/My\\ Pictures", Say("/My\\ Pictures")),
        ("'/home/me/a b.png'", Say("'/home/me/a b.png'")),
        ("/etc/passwd", Say("/etc/passwd")),
        ("/etc/", Say("/etc/")),
    ],
)
def test_it_means(text: str, meant: Parsed) -> None:
    assert parse(text, NAMES) == meant


@given(st.text(max_size=20))
def test_no_unknown_command_is_said_but_a_path_is(text: str) -> None:
    first = (text.split() or [""])[0] if not text[:1].isspace() else ""
    path = any(sign in first for sign in "/.\\")
    assert isinstance(parse("/a" + text, NAMES), Say) == path


@given(st.text(max_size=20))
def test_two_slashes_say_one(text: str) -> None:
    assert parse("//" + text, NAMES) == Say("/" + text)
