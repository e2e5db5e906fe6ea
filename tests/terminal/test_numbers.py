"""alt and a digit, as terminals send it: to the channel with that number."""

from __future__ import annotations

import re

import pytest

from .program import Program
from .terminal_harness import TerminalHarness

UNREAD = re.compile(r"# (?:barn|cellar) +1\b")


def legacy(digit: int) -> bytes:
    """As terminals without any protocol send it."""
    return b"\x1b%d" % digit


def kitty(digit: int) -> bytes:
    """As kitty's protocol has it."""
    return b"\x1b[%d;3u" % ord(str(digit))


def on_the_key_pad(digit: int) -> bytes:
    """The same on the key pad."""
    return b"\x1b[%d;3u" % (57399 + digit)


def xterm(digit: int) -> bytes:
    """As xterm's modifyOtherKeys has it, and tmux."""
    return b"\x1b[27;3;%d~" % ord(str(digit))


@pytest.mark.slow
def test_a_digit_held_with_alt_goes_to_what_is_unread_else_to_a_channel_of_the_list(
    terminals: TerminalHarness, guest: str
) -> None:
    def opens(program: Program, key: bytes, *shown: str) -> None:
        program.feed(key)
        program.shows(*shown)

    yard = terminals.community("Yard", guest, "bob")
    _, barn, cellar = (terminals.channel(yard, name, guest) for name in ("attic", "barn", "cellar"))
    for channel in (barn, cellar):
        terminals.call("PUT", f"/api/channels/{channel}/members/{terminals.live_server.ids['bob']}", "bob")
    with terminals.client(guest) as program:
        program.shows("Message #general")
        opens(program, b"\x1b[6;3~", "Yard", "cellar")  # alt+page down: the next community
        for channel in (barn, cellar):
            terminals.call("POST", f"/api/channels/{channel}/messages", "bob", content="news")
        program.until(lambda: len(UNREAD.findall("\n".join(program._emulator.lines()))) == 2, "two unread channels")
        opens(program, legacy(2), "Message #cellar", "news")
        opens(program, legacy(1), "Message #barn", "news")
        opens(program, kitty(1), "Message #attic")
        opens(program, on_the_key_pad(3), "Message #cellar")
        opens(program, xterm(2), "Message #barn")
        opens(program, legacy(9), "4 channels in this list.", "Message #barn")
