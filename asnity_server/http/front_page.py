"""The page at the server's own address for browsers: says what this is, and how to join."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from aiohttp import web

from asnity_server.api.service import Api
from asnity_server.protocol.models import Registration

from .html_page import INSTALLED, page

PATH = "/"

_WHO: Mapping[Registration, str] = {
    "open": "Anyone can create an account here.",
    "invite": "To create an account you need an invite link from a member.",
    "closed": "Only the server administrator creates accounts here. Ask them for one.",
}
_HOW: Mapping[Registration, str] = {
    "open": "To sign in or create an account",
    "invite": "With an account",
    "closed": "With an account",
}


class FrontPage:
    """Serves the page; it tells what `GET /api/server` tells."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def install(self, app: web.Application) -> None:
        """Serve it."""
        app.router.add_get(PATH, self._show)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        hosting = self._api.hosting
        name, address = escape(hosting.name), escape(hosting.public_url())
        told = f"""<h1>{name}</h1>
<p>This is a chat server. You use it in a terminal, with the program <code>asnity-tui</code>.</p>
<h2>Get asnity-tui</h2>
{INSTALLED}
<h2>Join</h2>
<p>{_WHO[hosting.registration]}</p>
<p>{_HOW[hosting.registration]}, run this in a terminal:</p>
<pre><code>asnity-tui {address}</code></pre>
<p>With an invite, run <code>asnity-tui</code> with its link instead.</p>"""
        return page(200, name, told)
