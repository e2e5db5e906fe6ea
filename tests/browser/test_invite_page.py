"""An invite's link in a real browser: light and dark, wide and narrow, and nothing asked of anyone else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asnity_server.app import HashCost, Server, ServerSettings, without_limits
from asnity_server.protocol import requests, routes
from asnity_server.protocol.models import Invite
from asnity_tui.client.transport.remote import RemoteClient

from .chromium import PROGRAM, Scheme, Tab, browser

pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROGRAM is None, reason="there is no chromium here")]

NASTY = "<img src=x onerror=alert(1)>"
CONTRASTS = """
(() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
      .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = node => {
    const colour = getComputedStyle(node).backgroundColor;
    return colour === 'rgba(0, 0, 0, 0)' && node.parentElement ? ground(node.parentElement) : colour;
  };
  return [...document.querySelectorAll('main *')].map(node => {
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
    return (a + .05) / (b + .05);
  });
})()
"""
"""WCAG 2.2's contrast of every element with what is behind it (success criterion 1.4.3: at least 4.5)."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server where anyone may sign up."""
    settings = ServerSettings(port=0, data=tmp_path / "data", registration="open")
    async with Server(without_limits(settings), hash_cost=HashCost(time=1, memory=8)) as server:
        yield server


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    """A browser."""
    async with browser(tmp_path / "browser") as tab:
        yield tab


async def _invite(server: Server, *, name: str, description: str, inviter: str) -> Invite:
    client = RemoteClient(server.url)
    try:
        request = requests.SignUp(username="alice", password="tangerine", display_name=inviter)
        client.token = (await client.call(routes.SIGN_UP, request)).token
        create = requests.CreateCommunity(name=name, description=description)
        made = await client.call(routes.CREATE_COMMUNITY, create)
        return await client.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=made.id, expires_in=86400))
    finally:
        await client.close()


async def _brightness(tab: Tab) -> float:
    red = await tab.value("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
    return int(red) / 255


async def test_the_page(server: Server, tab: Tab, tmp_path: Path) -> None:
    words = {"name": "Tangerine Lab", "description": "Everything about citrus.", "inviter": "민지 Kim"}
    invite = await _invite(server, **words)
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        for width in (320, 1000):
            await tab.go(invite.url, scheme=scheme, width=width)
            told = await tab.value("document.body.innerText")
            assert "민지 Kim invites you to Tangerine Lab" in told
            assert f"asnity-tui {invite.url}" in told
            assert (await _brightness(tab) > 0.5) == (scheme == "light")
            assert await tab.value("document.documentElement.scrollWidth") <= width
            assert min(await tab.value(CONTRASTS)) >= 4.5
            await tab.picture(tmp_path / f"invite-{scheme}-{width}.png")
    assert await tab.value("document.title") == "Invite to Tangerine Lab · Asnity"
    assert await tab.value("document.scripts.length") == 0
    assert {each for each in tab.asked if not each.endswith("/favicon.ico")} == {invite.url}
    assert tab.complaints == []


async def test_a_link_that_is_not_good_any_more(server: Server, tab: Tab, tmp_path: Path) -> None:
    await tab.go(f"{server.url}/invite/unknown", scheme="dark", width=320)
    assert "Ask for a new one" in (await tab.value("document.body.innerText")).replace("\n", " ")
    assert await _brightness(tab) < 0.5
    assert min(await tab.value(CONTRASTS)) >= 4.5
    await tab.picture(tmp_path / "no-invite.png")


async def test_names_do_nothing_and_fit(server: Server, tab: Tab, tmp_path: Path) -> None:
    invite = await _invite(server, name="W" * 50, description=NASTY + "W" * 400, inviter=NASTY)
    await tab.go(invite.url, width=320)
    told = await tab.value("document.body.innerText")
    assert f"{NASTY} invites you to" in told
    assert await tab.value("document.images.length") == 0
    assert await tab.value("document.documentElement.scrollWidth") <= 320
    assert tab.complaints == []
    await tab.picture(tmp_path / "invite-long.png")
