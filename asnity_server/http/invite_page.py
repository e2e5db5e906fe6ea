"""The page behind an invite's link, for whoever opens it in a browser: who invites where, and what to type."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from html import escape

from aiohttp import web

from asnity_server.api import invites
from asnity_server.api.front import Api
from asnity_server.protocol.answers import InvitePreview
from asnity_server.protocol.errors import AsnityError, NotFound
from asnity_server.protocol.requests import OfInvite

from .errors import HEADERS
from .peers import Network, peer_of
from .tally import Tally

PATH = "/invite/{code}"

_STYLE = """
:root { color-scheme: light dark; --ground: #fbfaf8; --raised: #f3f1ed; --edge: #cfcabf; --text: #2a2825;
  --quiet: #66615a; --accent: #bb5400; }
@media (prefers-color-scheme: dark) { :root { --ground: #18181b; --raised: #27272c; --edge: #3a3a41; --text: #dedad4;
  --quiet: #a09b94; --accent: #f59b42; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.6 system-ui, sans-serif;
  overflow-wrap: anywhere; }
main { max-width: 38rem; margin: 0 auto; padding: 12vh 1.25rem 3rem; }
.name { margin: 0 0 2.5rem; color: var(--accent); font-weight: 600; letter-spacing: .02em; }
h1 { margin: 0 0 .75rem; font-size: 1.75rem; line-height: 1.3; font-weight: 600; text-wrap: balance; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1rem; font-weight: 600; }
p { margin: .5rem 0; }
.quiet { color: var(--quiet); }
code { font-family: ui-monospace, monospace; }
pre { margin: .75rem 0; padding: .9rem 1rem; background: var(--raised); border: 1px solid var(--edge);
  border-radius: .5rem; white-space: pre-wrap; user-select: all; }
"""

_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)

_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
"""Nothing from elsewhere, no script, not within another page; the link, which is a secret, goes nowhere else."""


class InvitePage:
    """Serves the page; it tells what `GET /api/invites/{code}` tells, and counts against the same limit."""

    def __init__(self, api: Api, *, trusted_proxies: Sequence[Network], tally: Tally) -> None:
        self._api = api
        self._trusted = trusted_proxies
        self._tally = tally

    def install(self, app: web.Application) -> None:
        """Serve it."""
        app.router.add_get(PATH, self._show)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        code = request.match_info["code"]
        try:
            self._api.rates.looks.take(peer_of(request, self._trusted).address)
            preview = await self._api.look(invites.preview, OfInvite(code=code))
        except AsnityError as error:
            self._tally.refusals[error.code] += 1
            return _refused(error)
        return _page(200, *_invitation(preview, self._api.invites.url(code)))


def _invitation(preview: InvitePreview, link: str) -> tuple[str, str]:
    """The title and the text for a link that is good."""
    community, inviter = (f"<bdi>{escape(each)}</bdi>" for each in (preview.community.name, preview.inviter))
    members = preview.community.members
    facts = f"{members:,} {'member' if members == 1 else 'members'}"
    if preview.expires_at is not None:
        day, _, time = preview.expires_at.partition("T")
        facts += f" · this invite is good until {day} {time[:5]} UTC"
    described = f"<p>{escape(preview.community.description)}</p>" if preview.community.description else ""
    told = f"""<h1>{inviter} invites you to {community}</h1>
{described}
<p class="quiet">{facts}</p>
<h2>Join</h2>
<p>People talk here in a terminal, with the program <code>asnity-tui</code>. Type</p>
<pre><code>asnity-tui {escape(link)}</code></pre>
<p>or start <code>asnity-tui</code> and paste this page’s address where it asks for the server.</p>
<p class="quiet">If it is open and you are signed in on this server already: press <code>ctrl+p</code>, choose “Join a
community” and paste the address there.</p>"""
    return f"Invite to {escape(preview.community.name)}", told


def _refused(error: AsnityError) -> web.Response:
    if isinstance(error, NotFound):
        told = """<h1>This invite is not good any more</h1>
<p>It may have run out, been used up or been taken back, or the link is not complete. Please ask whoever gave it to you
for a new one.</p>"""
        return _page(404, "No such invite", told)
    response = _page(error.status, "One moment", f"<h1>One moment</h1><p>{escape(str(error))}</p>")
    if error.info.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(error.info.retry_after)))
    return response


def _page(status: int, title: str, told: str) -> web.Response:
    """A whole page; `title` and `told` are HTML."""
    text = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Asnity</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<p class="name">Asnity</p>
{told}
</main>
</body>
</html>
"""
    return web.Response(status=status, text=text, content_type="text/html", headers=_HEADERS)
