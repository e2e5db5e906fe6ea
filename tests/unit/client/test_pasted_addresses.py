"""Addresses with a bit of the sentence around them, wherever one is read: shown, opened, joined, gone to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.protocol.urls import pasted_url, url_end
from asnity_tui.client.transport.address import invite_code, normalise_address
from asnity_tui.state.message_link import MessageAddress, parse_link
from asnity_tui.widgets.text.markdown import render
from asnity_tui.widgets.text.rich_body import plain, web_address

HERE = "https://chat.example.org"
INVITE = f"{HERE}/invite/AbC-12_"
MESSAGE = f"{HERE}/channels/aaaaaaaaaaaa-bbbbbbbb/messages/412"

BEHIND = [
    "", ".", ",", ")", '"', "'", "\u200b", "\ufeff", "\u2060", "。", "」", "）", "”", "’", "»", "]", "…", "...", "|",
    "!", "?", ":", ";", "을", "에서", ">", "),", '".', "**", "`", "、", "！", "\u3000", " ", "\n", "은.", "—",
    "→", "👍",
]  # fmt: skip
BEFORE = ["", "(", '"', "<", "「", "（", "“", " ", "\u200b", "\ufeff", "[", "'", "`"]


@pytest.mark.parametrize("behind", BEHIND)
def test_links_are_followed_whatever_stands_around_them(behind: str) -> None:
    for before in BEFORE:
        around = f"{before}{INVITE}{behind}"
        assert normalise_address(around).invite == "AbC-12_", around
        assert invite_code(around) == "AbC-12_", around
        assert parse_link(f"{before}{MESSAGE}{behind}", HERE) == MessageAddress("aaaaaaaaaaaa-bbbbbbbb", 412), around


@pytest.mark.parametrize("code", ["AbC-12_", "AbC-12_.", "\u200bAbC-12_\u200b", '"AbC-12_",', "(AbC-12_)"])
def test_a_code_alone_is_read_as_well(code: str) -> None:
    assert invite_code(code) == "AbC-12_"


WHOLE = [
    "https://x.org",
    "https://x.org/",
    "http://localhost:8440/a",
    "https://en.wikipedia.org/wiki/X_(Y)",
    "https://x.org/a_b_",
    "https://x.org/?a[]=1&b={c}",
    "https://[::1]:8080/x",
    "https://[2001:db8::1]",
    "https://x.org:8440",
    "https://x.org/@bob",
    "https://x.org/#/a,b;c",
    "https://x.org/~a/$b+c=d",
    "https://x.org/O'Reilly",
    "https://web.archive.org/web/2020/https://y.org/z",
    "https://ko.wikipedia.org/wiki/대한민국",
    "https://x.org/search?q=서울",
    "https://한국.kr/위키",
    "https://例え.jp/パス",
    "https://kb국민.com/x",
    "https://bücher.example/ä",
    "https://xn--bcher-kva.example",
    "HTTPS://X.ORG/a",
    "https://user:word@x.org/a",
]


@pytest.mark.parametrize("address", WHOLE)
def test_an_address_is_whole(address: str) -> None:
    assert url_end(address, 0) == len(address)
    assert [link.address for link in render(f"see {address}").links] == [web_address(address)]
    assert web_address(address).isascii()


@given(
    st.sampled_from(WHOLE),
    st.sampled_from([each for each in BEHIND if each and each not in ("`", "**", "을", "에서", "은.")]),
)
def test_it_ends_where_the_sentence_goes_on(address: str, behind: str) -> None:
    for text in (
        f"see {address}{behind} and so on",
        f"({address}{behind})",
        f"“{address}{behind}”",
        f"{address}{behind}",
    ):
        for prose in (render(text), plain(text)):
            assert [link.address for link in prose.links] == [web_address(address)], text


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("https://x.org을 보세요", ["https://x.org"]),
        ("https://x.org/a/b에서, https://x.org/15을", ["https://x.org/a/b", "https://x.org/15"]),
        ("https://x.org/를 보면", ["https://x.org/"]),
        ("https://x.org:8440에", ["https://x.org:8440"]),
        ("見てhttps://x.org/aを", ["https://x.org/a"]),
        ("看https://x.org/a吧", ["https://x.org/a"]),
        ("ดูhttps://x.org/aครับ", ["https://x.org/a"]),
        ("https://x.org（공식）", ["https://x.org"]),
        ("https://x.org,https://y.org;http://z.org", ["https://x.org", "https://y.org", "http://z.org"]),
        ("|https://x.org|https://y.org|", ["https://x.org", "https://y.org"]),
        ("https://x.org's page", ["https://x.org"]),
        ("https://x.org/a's page", ["https://x.org/a"]),
        ("https://x.org[1] https://x.org/a[1", ["https://x.org", "https://x.org/a"]),
        ("{\"url\":\"https://x.org/a\",\"b\":1}", ["https://x.org/a"]),
        ("<a href='https://x.org/a'>", ["https://x.org/a"]),
        ("_https://x.org/a_ *https://x.org/b* **https://x.org/c** ~~https://x.org/d~~", [
            "https://x.org/a", "https://x.org/b", "https://x.org/c", "https://x.org/d"]),
        ("https://x.org/a_ b_", ["https://x.org/a_"]),
        ("user@host bob@x.org ftp://x.org x.org www.x.org https:// http://. xhttps://x.org", []),
        ("git+https://x.org/a", []),
        ("https://x.org:see", ["https://x.org"]),
        ("https://x.org,bob@y.org", ["https://x.org"]),
    ],
)  # fmt: skip
def test_only_the_address_is_a_link(text: str, addresses: list[str]) -> None:
    assert [link.address for link in render(text).links] == addresses
    assert [link.address for link in plain(text).links] == addresses


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    assert len(pasted_url(text)) <= len(text)
    end = url_end("https://x.org/" + text, 0)
    assert end is not None
    web_address(("https://x.org/" + text)[:end])
