"""The page of an invite's link for browsers: says who invites where, and what to type."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from aiohttp import web

from asnity_server.api import invites
from asnity_server.api.service import Api
from asnity_server.protocol.errors import AsnityError, NotFound
from asnity_server.protocol.requests import OfInvite
from asnity_server.protocol.responses import InvitePreview
from asnity_server.protocol.urls import pasted_url

from .errors import RequestCounts
from .html_page import INSTALLED, page
from .peers import Network, peer_of

PATHS = ("/invite", "/invite/{code:[^/]*}", "/invite/{code:[^/]*}/")
"""Of a link, whole or cut; some programs put a slash behind it."""


class InvitePage:
    """Serves the page; it tells what `GET /api/invites/{code}` tells, and counts against the same limit."""

    def __init__(self, api: Api, *, trusted_proxies: Sequence[Network], counts: RequestCounts) -> None:
        self._api = api
        self._trusted = trusted_proxies
        self._counts = counts

    def install(self, app: web.Application) -> None:
        """Serve it."""
        for path in PATHS:
            app.router.add_get(path, self._show)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        code = pasted_url(request.match_info.get("code", ""))
        try:
            if not code:
                raise NotFound("There is no code in the link.")
            self._api.rates.looks.take(peer_of(request, self._trusted).address)
            preview = await self._api.look(invites.preview, OfInvite(code=code))
        except AsnityError as error:
            self._counts.refusals[error.code] += 1
            return _refused(error)
        return page(200, *_invitation(preview, self._api.invites.url(code)))


def _invitation(preview: InvitePreview, link: str) -> tuple[str, str]:
    """The title and the text for a link that is good."""
    community, inviter = (f"<bdi>{escape(each)}</bdi>" for each in (preview.community.name, preview.inviter))
    members = preview.community.members
    facts = f"{members:,} {'member' if members == 1 else 'members'}"
    if preview.expires_at is not None:
        day, _, time = preview.expires_at.partition("T")
        facts += f" · valid until {day} {time[:5]} UTC"
    described = f"<p>{escape(preview.community.description)}</p>" if preview.community.description else ""
    told = f"""<h1>{inviter} invites you to {community}</h1>
{described}
<p class="quiet">{facts}</p>
<h2>Get asnity-tui</h2>
<p>You chat in a terminal, with the program <code>asnity-tui</code>.</p>
{INSTALLED}
<h2>Join</h2>
<p>Run this in a terminal:</p>
<pre><code>asnity-tui {escape(link)}</code></pre>
<p>Or start <code>asnity-tui</code> and paste this page’s address where it asks for the server.</p>
<p class="quiet">Already signed in on this server? Press <code>ctrl+p</code>, choose “Join a
community” and paste the address there.</p>"""
    return f"Invite to {escape(preview.community.name)}", told


def _refused(error: AsnityError) -> web.Response:
    if isinstance(error, NotFound):
        told = """<h1>This invite is no longer valid</h1>
<p>It may have expired, been used up or been revoked, or the link is incomplete. Ask for a new one.</p>"""
        return page(404, "Invite not found", told)
    response = page(error.status, "Try again later", f"<h1>Try again later</h1><p>{escape(str(error))}</p>")
    if error.info.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(error.info.retry_after)))
    return response
