"""Pages of other sites in a real browser, on the machine of a server that has no account yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from asnity_server.app import HashCost, Server, ServerSettings, without_limits

from .chromium import PROGRAM, Tab, browser

pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROGRAM is None, reason="there is no chromium here")]

ACCOUNT = """{"username": "mallory", "password": "tangerine"}"""
FORM = """<iframe id=frame name=answer></iframe><form id=form target=answer method=post enctype="text/plain">
<input name='{"username": "mallory", "password": "tangerine", "displayName": "' value='"}'></form>"""
KINDS = ("undefined", "'text/plain'", "'application/octet-stream'", "'application/json'")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that nobody has an account on: whoever is first needs no invite."""
    settings = ServerSettings(port=0, data=tmp_path / "data")
    async with Server(without_limits(settings), hash_cost=HashCost(time=1, memory=8)) as server:
        yield server


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    """A browser for which evil.example is this machine, as it becomes when its owner lets the name lead there."""
    async with browser(tmp_path / "browser", "--host-resolver-rules=MAP evil.example 127.0.0.1") as tab:
        yield tab


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """Another site."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=FORM, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://evil.example:{runner.addresses[0][1]}/"
    await runner.cleanup()


def _fetch(url: str, kind: str, mode: str) -> str:
    """What a page does to send something elsewhere; what it hears of it."""
    blob = f"new Blob([{ACCOUNT!r}], {{type: {kind}}})"
    return f"fetch({url!r}, {{method: 'POST', mode: {mode!r}, body: {blob}}}).then(a => a.status, e => String(e))"


async def test_a_page_of_another_site_makes_no_account(server: Server, tab: Tab, site: str) -> None:
    sign_up = f"{server.url}/api/auth/sign-up"
    await tab.go(site)
    for kind in KINDS:
        for mode in ("no-cors", "cors"):
            heard = await tab.value(_fetch(sign_up, kind, mode))
            assert heard in (0, "TypeError: Failed to fetch"), (kind, mode)
    sent = f"new Promise(done => {{ frame.onload = () => done('answered'); form.action = {sign_up!r}; form.submit() }})"
    assert await tab.value(sent) == "answered"
    assert tab.asked[-1] == sign_up
    assert not await server.api.has_accounts()


async def test_a_name_that_is_made_to_lead_here_makes_no_account_and_reads_no_figures(server: Server, tab: Tab) -> None:
    await tab.go(f"http://evil.example:{server.port}/healthz")
    assert await tab.value("location.origin") == f"http://evil.example:{server.port}"
    assert await tab.value(_fetch("/api/auth/sign-up", "'application/json'", "same-origin")) == 403
    assert await tab.value("fetch('/metrics').then(a => a.status)") == 404
    assert not await server.api.has_accounts()
    await tab.go(f"{server.url}/healthz")
    assert await tab.value("fetch('/metrics').then(a => a.status)") == 200
    assert await tab.value(_fetch("/api/auth/sign-up", "'application/json'", "same-origin")) == 201
    assert await server.api.has_accounts()
