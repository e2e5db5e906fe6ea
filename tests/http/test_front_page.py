"""The page that a browser shows for the server's own address."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from asnity_server.http.html_page import INSTALL
from asnity_tui.client.transport.address import normalise_address
from tests.http.harness import HttpHarness, open_server

NASTY = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("registration", "sentence"),
    [
        ("open", "Anyone can create an account here."),
        ("invite", "To create an account you need an invite"),
        ("closed", "Only the server administrator creates accounts here."),
    ],
)
async def test_it_says_what_this_is_and_how_to_join(tmp_path: Path, registration: str, sentence: str) -> None:
    server = await open_server(
        tmp_path / "a.db", name="The Lab", registration=registration, public_url=lambda: "https://chat.example.org"
    )
    answer = await server.send("GET", "/")
    text = unescape(re.sub(r"<[^>]+>", "\n", answer.body.decode()))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for part in ("The Lab", "This is a chat server. You use it in a terminal,", sentence, *INSTALL):
        assert part in text
    typed = re.search(r"^asnity-tui (\S+)$", text, re.MULTILINE)
    assert typed is not None
    assert normalise_address(typed[1]).url == "https://chat.example.org"
    await server.close()
    await server.harness.close()


async def test_the_servers_name_is_text_and_nothing_else(tmp_path: Path) -> None:
    server = await open_server(tmp_path / "a.db", name=NASTY)
    page = (await server.send("GET", "/")).body.decode()
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2  # title and heading
    await server.close()
    await server.harness.close()


async def test_it_needs_no_script_and_no_account_and_has_a_head(server: HttpHarness) -> None:
    assert b"<script" not in (await server.send("GET", "/")).body
    head = await server.send("HEAD", "/")
    assert (head.status, head.body) == (200, b"")
    assert (await server.send("POST", "/")).status == 405
