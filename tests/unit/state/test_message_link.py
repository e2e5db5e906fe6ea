"""Links to messages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_tui.state.message_link import MessageAddress, link_to, parse_link

HERE = "https://chat.example.org"


@pytest.mark.parametrize(
    "server", [HERE, "http://localhost:8080", "https://example.org/chat", "https://example.org/chat/"]
)
def test_a_link_leads_where_it_was_made(server: str) -> None:
    place = MessageAddress("aaaaaaaaaaaa-bbbbbbbb", 412)
    assert parse_link(f"  {link_to(server, place)}\n", server) == place
    assert parse_link(link_to("https://elsewhere.example", place), server) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "412",
        HERE,
        f"{HERE}/channels/a/messages/0",
        f"{HERE}/channels/a/messages/x",
        f"{HERE}/channels/../messages/1",
        "https://[/channels/a/messages/1",
    ],
)
def test_anything_else_leads_nowhere(text: str) -> None:
    assert parse_link(text, HERE) is None


@settings(max_examples=30)
@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    place = parse_link(HERE + text, HERE)
    assert place is None or link_to(HERE, place).rstrip("/") == (HERE + text).strip().rstrip("/")


def test_a_link_says_of_which_generation_it_is() -> None:
    link = link_to("https://chat.example.org", MessageAddress("channel", 7, "0123456789abcdef0123"))
    assert link == "https://chat.example.org/channels/channel/messages/7?in=01234567"
    found = parse_link(link, "https://chat.example.org")
    assert found is not None
    assert (found.channel_id, found.message_id) == ("channel", 7)
    assert found.is_of("0123456789abcdef0123")
    assert not found.is_of("ffff456789abcdef0123")
    older = parse_link("https://chat.example.org/channels/channel/messages/7", "https://chat.example.org")
    assert older is not None
    assert older.is_of("ffff456789abcdef0123")
