"""Whole sentences typed behind Esc, in real bytes: nothing changes for anybody, and no dialog does what it asks."""

from __future__ import annotations

import pytest

from .terminal_harness import TerminalHarness

SENTENCES = (
    "today",
    pytest.param("do you have time for a review? yes or no", marks=pytest.mark.slow),
    pytest.param("Unless somebody objects, delete the old build", marks=pytest.mark.slow),
    pytest.param("really nice, +1 from me", marks=pytest.mark.slow),
    pytest.param("edit: xylophone", marks=pytest.mark.slow),
    pytest.param("오늘 점심 뭐 먹을까요", marks=pytest.mark.slow),
    pytest.param("ㅇㅋ ㄷㄷ ㅅㅂ ㅛ", marks=pytest.mark.slow),
)


@pytest.fixture(scope="module")
def history(terminals: TerminalHarness) -> str:
    """Give carol a channel with messages: hers alone, so that others find theirs as they are."""
    terminals.person("carol")
    community = terminals.community("Reading room", "bob", "carol")
    channels = terminals.call("GET", f"/api/communities/{community}/channels", "bob")["channels"]
    general = next(each["id"] for each in channels if each["name"] == "general")  # type: ignore[attr-defined,index]
    history = f"/api/channels/{general}/messages"
    for who, text in (("bob", "look: https://example.org/"), ("carol", "mine, with https://example.org/")):
        terminals.call("POST", history, who, content=text)
    return history


@pytest.mark.slow
@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("at_once", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_sentence_behind_escape_changes_nothing_for_anybody(
    terminals: TerminalHarness, history: str, sentence: str, at_once: bool
) -> None:
    before = terminals.call("GET", history, "bob")
    with terminals.client("carol") as program:
        program.shows("mine, with")
        program.feed(b"\x05\x15")  # ctrl+e ctrl+u: what another sentence left as a draft
        program.shows("Message #general")
        if "Esc cancels" in program.text:  # it was an answer
            program.feed(b"\x1b")
            program.hides("Esc cancels")
        program.feed(b"\x1b")
        program.shows("MESSAGES")
        for piece in [sentence] if at_once else sentence:
            program.feed(piece.encode())
        program.feed(b"\x11")  # ctrl+q, behind all that
        assert program.ended() == 0
    assert terminals.call("GET", history, "bob") == before


@pytest.mark.slow
def test_ctrl_z_takes_a_deletion_back_before_it_is_the_way_to_the_shell(terminals: TerminalHarness, guest: str) -> None:
    with terminals.client(guest) as program:
        program.type("take me back")
        program.feed(b"\r")
        program.shows("Message #general")
        program.feed(b"\x1b")
        program.shows("MESSAGES")
        program.feed(b"d")
        program.shows("Delete this message?")
        program.feed(b"\r")
        program.shows("message deleted  ctrl+z undo")
        program.feed(b"\x1a")
        program.hides("message deleted")
        program.shows("take me back", "MESSAGES")
