"""The page that a browser shows for an invite's link: what it tells, to whom, and what it lets in."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from pathlib import Path
from typing import Any

from asnity_server.http.html_page import INSTALL
from asnity_server.protocol import requests, routes
from asnity_server.protocol.models import Invite
from asnity_server.rate_limits import Rate, Rates
from asnity_tui.client.transport.address import normalise_address
from tests.api.harness import Person
from tests.http.harness import HttpHarness, HttpResponse, open_server

NASTY = "<script>alert(1)</script>&\"'"


async def _invite(server: HttpHarness, **more: Any) -> tuple[Person, Invite]:
    alice = await server.harness.person("alice")
    made = await server.call(
        alice, routes.CREATE_COMMUNITY, requests.CreateCommunity(name="Lab", description="We try.")
    )
    invite = await server.call(alice, routes.CREATE_INVITE, requests.CreateInvite(community_id=made.id, **more))
    return alice, invite


async def _open(server: HttpHarness, invite: Invite) -> HttpResponse:
    return await server.send("GET", f"/invite/{invite.code}")


async def test_it_names_the_community_and_who_invites_and_says_what_to_type(tmp_path: Path) -> None:
    server = await open_server(tmp_path / "a.db", public_url=lambda: "https://chat.example.org")
    _, invite = await _invite(server, expires_in=3600)
    answer = await _open(server, invite)
    text = unescape(re.sub(r"<[^>]+>", "", answer.body.decode()))
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "alice invites you to Lab" in text
    assert "We try." in text
    assert "1 member · valid until 2027-01-15 09:00 UTC" in text
    for line in INSTALL:
        assert f"<pre><code>{line}</code></pre>" in answer.body.decode()
    # what stands there to type is what the client takes
    typed = re.search(r"^asnity-tui (\S+)$", text, re.MULTILINE)
    assert typed is not None
    assert typed[1] == invite.url
    assert normalise_address(typed[1]).invite == invite.code
    await server.close()
    await server.harness.close()


async def test_a_link_with_something_behind_it_is_the_same_link(server: HttpHarness) -> None:
    _, invite = await _invite(server)
    for behind in ("/", ".", ")", "%E2%80%8B", "%22"):
        answer = await server.send("GET", f"/invite/{invite.code}{behind}")
        assert answer.status == 200, behind
        assert f"asnity-tui {invite.url}<" in answer.body.decode()


async def test_a_link_without_its_code_is_told_to_be_incomplete(server: HttpHarness) -> None:
    for path in ("/invite", "/invite/", "/invite//"):
        answer = await server.send("GET", path)
        assert answer.status == 404
        assert "the link is incomplete" in answer.body.decode()


async def test_it_brings_nothing_from_elsewhere_and_tells_nobody_where_one_was(server: HttpHarness) -> None:
    _, invite = await _invite(server)
    for answer in (
        await _open(server, invite),
        await server.send("GET", "/invite/unknown"),
        await server.send("GET", "/"),
    ):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
        page = answer.body.decode()
        (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy["style-src"] == f"'sha256-{hashed}'"
        assert not re.search(r"<(script|img|link|iframe|object|form|a)\b|\bstyle=|\bon\w+=|url\(|@import", page)
        assert "prefers-color-scheme: dark" in style


async def test_names_are_text_and_nothing_else(server: HttpHarness) -> None:
    alice, invite = await _invite(server)
    await server.call(alice, routes.PATCH_ME, requests.PatchMe(display_name=NASTY))
    change = requests.PatchCommunity(community_id=invite.community_id, name=NASTY, description=NASTY)
    await server.call(alice, routes.PATCH_COMMUNITY, change)
    page = (await _open(server, invite)).body.decode()
    assert "<script" not in page
    assert (
        page.count("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#x27;") == 4
    )  # title, heading twice, description


async def test_a_link_that_is_not_good_any_more_gets_a_kind_page(server: HttpHarness) -> None:
    alice, spent = await _invite(server, max_uses=1)
    bob = await server.harness.person("bob")
    await server.call(bob, routes.ACCEPT_INVITE, requests.OfInvite(code=spent.code))
    here = {"community_id": spent.community_id}
    expired = await server.call(alice, routes.CREATE_INVITE, requests.CreateInvite(**here, expires_in=60))
    withdrawn = await server.call(alice, routes.CREATE_INVITE, requests.CreateInvite(**here))
    await server.call(alice, routes.DELETE_INVITE, requests.OfCommunityInvite(**here, code=withdrawn.code))
    server.harness.clock.forward(60_000)
    pages = []
    for code in (spent.code, expired.code, withdrawn.code, "nonsense", "x" * 5000, "%3Cscript%3E", "%00", "%ED%A0%80"):
        answer = await server.send("GET", f"/invite/{code}")
        assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        pages.append(answer.body)
    assert set(pages) == {pages[0]}
    assert b"Ask for a new one." in pages[0]
    assert b"Lab" not in pages[0]


async def test_whoever_looks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    server = await open_server(tmp_path / "a.db", rates=Rates(looks=Rate.parse("2+1/min")))
    _, invite = await _invite(server)
    assert (await _open(server, invite)).status == 200
    assert (await server.send("GET", f"/api/invites/{invite.code}")).status == 200
    answer = await _open(server, invite)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    assert "text/html" in answer.headers["Content-Type"]
    assert (await server.send("GET", f"/api/invites/{invite.code}")).error["retryAfter"] == 60
    server.harness.clock.forward(60_000)
    assert (await _open(server, invite)).status == 200
    await server.close()
    await server.harness.close()


async def test_asking_for_the_head_alone(server: HttpHarness) -> None:
    _, invite = await _invite(server)
    answer = await server.send("HEAD", f"/invite/{invite.code}")
    assert (answer.status, answer.body) == (200, b"")
