"""The page that a browser shows for an invite's link: what it tells, to whom, and what it lets in."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from pathlib import Path
from typing import Any

from asnity_server.api.rate_limits import Rate, Rates
from asnity_server.http.html_page import INSTALL
from asnity_server.protocol import requests, routes
from asnity_server.protocol.models import Invite
from asnity_tui.client.transport.address import normalise_address
from tests.api.house import Person

from .door import Answer, Door, open_door

NASTY = "<script>alert(1)</script>&\"'"


async def _invite(door: Door, **more: Any) -> tuple[Person, Invite]:
    alice = await door.house.person("alice")
    made = await door.call(alice, routes.CREATE_COMMUNITY, requests.CreateCommunity(name="Lab", description="We try."))
    invite = await door.call(alice, routes.CREATE_INVITE, requests.CreateInvite(community_id=made.id, **more))
    return alice, invite


async def _open(door: Door, invite: Invite) -> Answer:
    return await door.send("GET", f"/invite/{invite.code}")


async def test_it_names_the_community_and_who_invites_and_says_what_to_type(tmp_path: Path) -> None:
    door = await open_door(tmp_path / "a.db", public_url=lambda: "https://chat.example.org")
    _, invite = await _invite(door, expires_in=3600)
    answer = await _open(door, invite)
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
    await door.close()
    await door.house.close()


async def test_a_link_with_something_behind_it_is_the_same_link(door: Door) -> None:
    _, invite = await _invite(door)
    for behind in ("/", ".", ")", "%E2%80%8B", "%22"):
        answer = await door.send("GET", f"/invite/{invite.code}{behind}")
        assert answer.status == 200, behind
        assert f"asnity-tui {invite.url}<" in answer.body.decode()


async def test_a_link_without_its_code_is_told_to_be_incomplete(door: Door) -> None:
    for path in ("/invite", "/invite/", "/invite//"):
        answer = await door.send("GET", path)
        assert answer.status == 404
        assert "the link is incomplete" in answer.body.decode()


async def test_it_brings_nothing_from_elsewhere_and_tells_nobody_where_one_was(door: Door) -> None:
    _, invite = await _invite(door)
    for answer in (
        await _open(door, invite),
        await door.send("GET", "/invite/unknown"),
        await door.send("GET", "/"),
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


async def test_names_are_text_and_nothing_else(door: Door) -> None:
    alice, invite = await _invite(door)
    await door.call(alice, routes.PATCH_ME, requests.PatchMe(display_name=NASTY))
    change = requests.PatchCommunity(community_id=invite.community_id, name=NASTY, description=NASTY)
    await door.call(alice, routes.PATCH_COMMUNITY, change)
    page = (await _open(door, invite)).body.decode()
    assert "<script" not in page
    assert (
        page.count("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#x27;") == 4
    )  # title, heading twice, description


async def test_a_link_that_is_not_good_any_more_gets_a_kind_page(door: Door) -> None:
    alice, spent = await _invite(door, max_uses=1)
    bob = await door.house.person("bob")
    await door.call(bob, routes.ACCEPT_INVITE, requests.OfInvite(code=spent.code))
    here = {"community_id": spent.community_id}
    expired = await door.call(alice, routes.CREATE_INVITE, requests.CreateInvite(**here, expires_in=60))
    withdrawn = await door.call(alice, routes.CREATE_INVITE, requests.CreateInvite(**here))
    await door.call(alice, routes.DELETE_INVITE, requests.OfCommunityInvite(**here, code=withdrawn.code))
    door.house.clock.forward(60_000)
    pages = []
    for code in (spent.code, expired.code, withdrawn.code, "nonsense", "x" * 5000, "%3Cscript%3E", "%00", "%ED%A0%80"):
        answer = await door.send("GET", f"/invite/{code}")
        assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        pages.append(answer.body)
    assert set(pages) == {pages[0]}
    assert b"Ask for a new one." in pages[0]
    assert b"Lab" not in pages[0]


async def test_whoever_looks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    door = await open_door(tmp_path / "a.db", rates=Rates(looks=Rate.parse("2+1/min")))
    _, invite = await _invite(door)
    assert (await _open(door, invite)).status == 200
    assert (await door.send("GET", f"/api/invites/{invite.code}")).status == 200
    answer = await _open(door, invite)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    assert "text/html" in answer.headers["Content-Type"]
    assert (await door.send("GET", f"/api/invites/{invite.code}")).error["retryAfter"] == 60
    door.house.clock.forward(60_000)
    assert (await _open(door, invite)).status == 200
    await door.close()
    await door.house.close()


async def test_asking_for_the_head_alone(door: Door) -> None:
    _, invite = await _invite(door)
    answer = await door.send("HEAD", f"/invite/{invite.code}")
    assert (answer.status, answer.body) == (200, b"")
