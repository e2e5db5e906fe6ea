"""Other programs' output in a message keeps what a person could read of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.protocol.text import clean_content
from asnity_server.shell import decoded, first_line
from asnity_tui.cli.piped_text import plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("one\r\r\ntwo", "one\ntwo"),
        (" 10%\r 50%\r100%\n", "100%\n"),
        (" 10%\r100%\r", "100%"),
        ("Downloading\rDone\r\nNext", "Done\nNext"),
        ("Downloading\r\x1b[KDone", "Done"),
        ("step 1\x1b[2K\x1b[1Gstep 2\x1b[2K\x1b[Gdone", "done"),
        ("\x1b[1;31mred\x1b[0m \x1b[38;5;208mor\x1b[38:2::1:2:3mange\x1b[m", "red orange"),
        ("\x9b31mred\x9bm", "red"),
        ("\x1b]0;title\x07text \x1b]8;;https://x.org\x1b\\link\x1b]8;;\x1b\\", "text link"),
        ("\x1bPq#0~\x1b\\after", "after"),
        ("\x1b(B\x1b[?25lhidden\x1b[?25h\x1b=\x1b>\x1b7\x1b8\x1bc", "hidden"),
        ("N\bNA\bAM\bME\bE _\bx_\by", "NAME xy"),
        ("|\b/\b-\bdone", "done"),
        ("a\x00b\x07c\x1b", "abc"),
        ("page\x0cpage\x0bline\u2028line", "page\npage\nline\nline"),
        ("a\tb\n  c", "a\tb\n  c"),
        ("\x1b]0;never ended\nstill here", "\nstill here"),
        ("\x1b[31", ""),
        ("귤 🍊 👩‍💻 é", "귤 🍊 👩‍💻 é"),
    ],
)
def test_what_steers_a_terminal_is_left_out(written: str, read: str) -> None:
    assert plain(written) == read


@given(st.text(st.sampled_from("\x1b[]PX^_0;1mKGH\\\x07\x9b\x9d\x9c\r\n\b\t\x00\x0c귤a \ud800"), max_size=60))
def test_no_server_refuses_a_character_of_what_is_left(written: str) -> None:
    read = plain(written)
    if read.strip():
        clean_content(read)
    assert plain(read) == read


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=60))
def test_text_without_controls_stays_as_it_is(written: str) -> None:
    assert plain(written) == written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_says_the_encoding_and_is_no_text(encoding: str) -> None:
    assert decoded("귤\r\n".encode(encoding)) == "귤\r\n"
    assert first_line("귤\r\nsecond".encode(encoding)) == "귤"


def test_what_is_no_text_is_shown_as_such() -> None:
    assert decoded(b"caf\xe9") == "caf\N{REPLACEMENT CHARACTER}"
