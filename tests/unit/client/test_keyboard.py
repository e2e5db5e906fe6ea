"""The parsing of a terminal's input."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from asnity_tui.terminal.keyboard import BURST, GOES_ON, PASTE_WITHIN, Keyboard

LATER = 1000.0
"""A pause in which everything that has begun is over."""


class Typist:
    """Somebody at a keyboard, with a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.keyboard = Keyboard(lambda: self.now)
        self.came: list[Message] = []

    def sends(self, *pieces: str | float) -> list[str]:
        """Send some pieces at once each, with pauses between them; what was understood."""
        for piece in pieces:
            if isinstance(piece, str):
                self.came += self.keyboard.feed(piece)
            else:
                self.now += piece
                self.came += self.keyboard.tick()
        self.now += LATER
        self.came += self.keyboard.tick()
        return [_told(each) for each in self.came]


def _told(message: Message) -> str:
    if isinstance(message, events.Paste):
        return f"paste {message.text!r}"
    return message.key if isinstance(message, events.Key) else type(message).__name__


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1bm", "alt+m"),
        ("\x1bM", "alt+shift+m"),
        ("\x1b1", "alt+1"),
        ("\x1b9", "alt+9"),
        ("\x1b-", "alt+minus"),
        ("\x1b.", "alt+full_stop"),
        ("\x1b ", "alt+space"),
        ("\x1b\r", "alt+enter"),
        ("\x1b\x01", "alt+ctrl+a"),
        ("\x1b\xe9", "alt+é"),
        ("\x1bㅁ", "alt+a"),
        ("\x1bb", "ctrl+left"),
        ("\x1bf", "ctrl+right"),
        ("\x1b\x7f", "ctrl+w"),
        ("\x1b[1;3A", "alt+up"),
        ("\x1b\x1b[A", "alt+up"),
        ("\x1b\x1b[1;2A", "alt+shift+up"),
        ("\x1b\x1bOA", "alt+up"),
        ("\x1b[109;3u", "alt+m"),
        ("\x1b[27;3;109~", "alt+m"),
        ("\x1b[27;2;13~", "shift+enter"),
        ("\x1b[13;2u", "shift+enter"),
        ("\x1b[13;3u", "alt+enter"),
        ("\x1b[[A", "f1"),
        ("\x1bOP", "f1"),
        ("\x1b[3$", "shift+delete"),
    ],
)
def test_keys_in_the_dialects_of_terminals(sent: str, key: str) -> None:
    typist = Typist()
    assert typist.sends(sent) == [key]
    assert all(isinstance(each, events.Key) and not each.is_printable for each in typist.came)


@given(st.characters(exclude_categories=("Cs",)))
def test_nothing_that_is_held_with_alt_is_text(character: str) -> None:
    typist = Typist()
    typist.sends(f"\x1b{character}")
    assert not [each for each in typist.came if isinstance(each, events.Key) and each.is_printable]


@pytest.mark.parametrize("pause", [0.0, 0.001, 0.02, 0.5])
@pytest.mark.parametrize("letter", "mOd1")
def test_an_escape_and_then_a_letter_is_no_alt(pause: float, letter: str) -> None:
    if letter == "O" and pause < 0.025:
        return  # the beginning of a sequence that came in two pieces looks the same
    assert Typist().sends("\x1b", pause, letter) == ["escape", letter]


def test_sequences_that_come_in_pieces_are_put_together() -> None:
    assert Typist().sends("\x1b", "[A") == ["up"]
    assert Typist().sends("\x1b[1;", 0.2, "3A") == ["alt+up"]
    assert Typist().sends("\x1b[", LATER, "a") == ["alt+left_square_bracket", "a"]
    assert Typist().sends("\x1bO", LATER, "a") == ["alt+shift+o", "a"]
    assert Typist().sends("\x1b[1;", LATER, "a") == ["a"]
    assert Typist().sends("\x1b\x1b", LATER, "a") == ["escape", "escape", "a"]


@pytest.mark.parametrize("answer", ["\x1b[?62;22c", "\x1b]11;rgb:1/2/3\x07", "\x1bP>|xterm\x1b\\", "\x1b[99;1:3;5;6x"])
def test_answers_that_nobody_understands_are_no_text(answer: str) -> None:
    assert Typist().sends(f"a{answer}b") == ["a", "b"]


def test_a_paste_with_marks_is_one_however_it_comes() -> None:
    sent = "\x1b[200~one\r\x1b[31mtwo\r\tx\x1b[201~y"
    whole = ["paste 'one\\r\\x1b[31mtwo\\r\\tx'", "y"]
    assert Typist().sends(sent) == whole
    assert Typist().sends(*sent) == whole
    assert Typist().sends("\x1b[200~one\r", PASTE_WITHIN) == ["paste 'one\\r'"]


@pytest.mark.parametrize(
    "sent", ["hello\r", "hello\n", "hello", "nick\t", "\r\r\r\r\r\r", "helo\x7flo\rnext", "\rnex", "jjjjjjjj"]
)
def test_what_people_and_their_tools_type_acts(sent: str) -> None:
    assert not [each for each in Typist().sends(sent) if each.startswith("paste")]


@pytest.mark.parametrize("sent", ["one\rtwo", "one\ntwo\n", "\tindented", "a\tb\tc", "one\r\ntwo\r\n", "\rfoo\rbar\r"])
def test_a_burst_with_breaks_or_tabs_inside_is_a_paste(sent: str) -> None:
    assert Typist().sends(sent) == [f"paste {sent!r}"]


def test_what_follows_a_burst_at_once_belongs_to_it() -> None:
    assert Typist().sends("one\rtwo\r", GOES_ON / 2, "three\r") == ["paste 'one\\rtwo\\r'", "paste 'three\\r'"]
    assert Typist().sends("one\rtwo", GOES_ON / 2, "\x1a\x1a") == ["paste 'one\\rtwo'", "ctrl+z", "ctrl+z"]
    assert Typist().sends("one\rtwo", GOES_ON, "\r") == ["paste 'one\\rtwo'", "enter"]


@given(st.lists(st.text(string.printable.replace("\x0b", "") + "한\x1b", max_size=12), max_size=8))
def test_no_letter_is_lost_and_none_made_up(pieces: list[str]) -> None:
    """Input is understood in any pieces, and what has nothing to do with Esc arrives as it is."""
    typist = Typist()
    typist.sends(*pieces)
    if "\x1b" not in "".join(pieces):
        text = "".join(each.text if isinstance(each, events.Paste) else each.character or "" for each in typist.came)  # type: ignore[attr-defined]
        assert text == "".join(pieces)


def test_a_burst_is_longer_than_what_a_busy_moment_holds_up() -> None:
    assert BURST == 5
