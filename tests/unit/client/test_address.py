"""Addresses of servers as people type or paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_tui.client.transport.address import Address, BadAddress, normalise_address


@pytest.mark.parametrize(
    ("typed", "url", "invite"),
    [
        ("chat.example.org", "https://chat.example.org", None),
        ("  Chat.Example.ORG.  ", "https://chat.example.org", None),
        ("chat.example.org:8440", "https://chat.example.org:8440", None),
        ("chat.example.org:443", "https://chat.example.org", None),
        ("http://chat.example.org", "http://chat.example.org", None),
        ("HTTP://chat.example.org:80/", "http://chat.example.org", None),
        ("localhost", "http://localhost", None),
        ("localhost:8440", "http://localhost:8440", None),
        ("127.0.0.1:8440", "http://127.0.0.1:8440", None),
        ("127.3.2.1", "http://127.3.2.1", None),
        ("[::1]:8440", "http://[::1]:8440", None),
        ("https://[2001:db8::1]", "https://[2001:db8::1]", None),
        ("192.168.1.5:8440", "https://192.168.1.5:8440", None),
        ("https://localhost:8440", "https://localhost:8440", None),
        ("귤.example", "https://xn--ii0b.example", None),
        ("https://chat.example.org/invite/AbC-12_x", "https://chat.example.org", "AbC-12_x"),
        ("<https://chat.example.org/i/AbC/>", "https://chat.example.org", "AbC"),
        ("chat.example.org/invite/AbC?from=mail#top", "https://chat.example.org", "AbC"),
        ("localhost:8440/invite/AbC", "http://localhost:8440", "AbC"),
    ],
)
def test_what_an_address_means(typed: str, url: str, invite: str | None) -> None:
    assert normalise_address(typed) == Address(url=url, invite=invite)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "two words",
        "line\nbreak",
        "esc\x1b[31m",
        "ftp://chat.example.org",
        "javascript://x",
        "https://",
        "http://:8440",
        "chat.example.org:99999",
        "chat.example.org:0",
        "chat.example.org:port",
        "https://user:password@chat.example.org",
        "user@chat.example.org",
        "chat..example.org",
        "-chat.example.org",
        "chat.example.org/elsewhere",
        "chat.example.org/invite/",
        "chat.example.org/invite/a/b",
        "https://chat.example.org/invite/%2e%2e",
        "[::1",
        "x" * 300,
    ],
)
def test_what_is_none_is_told_in_words(typed: str) -> None:
    with pytest.raises(BadAddress, match=r"^[A-Z].*\.$"):
        normalise_address(typed)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(typed: str) -> None:
    try:
        address = normalise_address(typed)
    except BadAddress:
        return
    assert normalise_address(address.url) == Address(url=address.url)
    assert address.url.isascii()


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://chat.example.org", True),
        ("http://localhost:8440", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8440", True),
        ("http://chat.example.org", False),
        ("http://192.168.1.5", False),
        ("http://localhost.example.org", False),
    ],
)
def test_where_a_password_may_go_without_asking(url: str, private: bool) -> None:
    assert Address(url=url).is_private is private
