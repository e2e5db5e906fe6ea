"""The page at the server's own address, for whoever opens it in a browser: what this is, and how to join."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from aiohttp import web

from asnity_server.api.front import Api
from asnity_server.protocol.models import Registration

from .page import INSTALLED, page

PATH = "/"

_WHO: Mapping[Registration, str] = {
    "open": "Anybody can create an account here.",
    "invite": "To create an account you need an invite: a link from somebody who is here already.",
    "closed": "New accounts are made by whoever runs this server; ask them for one.",
}
_HOW: Mapping[Registration, str] = {
    "open": "To sign in or to create an account",
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
<p>This is a chat server for people who use a terminal. There is nothing to see here in a browser: people talk with the
program <code>asnity-tui</code>.</p>
<h2>Get asnity-tui</h2>
{INSTALLED}
<h2>Join</h2>
<p>{_WHO[hosting.registration]}</p>
<p>{_HOW[hosting.registration]}, type in a terminal</p>
<pre><code>asnity-tui {address}</code></pre>
<p>With an invite, type <code>asnity-tui</code> and its link instead.</p>"""
        return page(200, name, told)
