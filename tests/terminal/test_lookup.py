"""Hands from IRC, Slack and Discord at a real terminal: names by Tab, commands by the names that they know, paths."""

from __future__ import annotations

import pytest

from .program import Program
from .terminal_harness import TerminalHarness


@pytest.mark.slow
def test_tab_completes_a_name_and_stays_in_the_composer(terminals: TerminalHarness, alice: Program) -> None:
    alice.type("bo")
    alice.feed(b"\t")
    alice.shows("▌@bob")
    alice.type("and nobo")
    alice.feed(b"\t\tx")
    alice.shows("▌@bob and nobox")
    alice.feed(b"\x15")
    alice.shows("Message #general")


@pytest.mark.slow
def test_commands_by_the_names_that_hands_know(terminals: TerminalHarness, alice: Program) -> None:
    alice.type("/msg bob psst")
    alice.feed(b"\r")
    alice.shows("To bob: psst")
    alice.type("/names")
    alice.shows("[@person]")
    alice.feed(b"\x1b")  # alone: with the Enter in one piece it would be alt+Enter
    alice.hides("[@person]")
    alice.feed(b"\r")
    alice.shows("Members of #general")
    alice.feed(b"\x1b")
    alice.hides("Members of #general")
    alice.type("/shrug")
    alice.shows("[text]")
    alice.feed(b"\x1b")
    alice.hides("[text]")
    alice.feed(b"\r")
    alice.shows("(ツ)")
    alice.shows("Message #general")


def test_the_path_of_a_dropped_file_is_sent(terminals: TerminalHarness, alice: Program) -> None:
    alice.paste("/home/alice/some.picture.png")
    alice.feed(b"\r")
    alice.hides("▌/home")
    alice.shows("/home/alice/some.picture.png")


@pytest.mark.slow
def test_search_by_the_beginning_of_a_word_and_by_a_filter_alone(terminals: TerminalHarness, alice: Program) -> None:
    alice.type("the buildings are green")
    alice.feed(b"\r")
    alice.hides("▌the buildings")
    alice.feed(b"\x06")
    alice.shows("Words, from:")
    alice.type("buil")
    alice.shows("1 message.")
    alice.feed(b"\x15")
    alice.type("from:alice ")
    alice.shows("messages.")
    alice.shows("buildings are green")
    alice.feed(b"\x1b")
    alice.shows("Message #general")
