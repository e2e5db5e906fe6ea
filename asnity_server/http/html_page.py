"""Pages for a browser: dark or light, without a script, and how to get the client."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from aiohttp import web

from .errors import HEADERS

INSTALL = ("pipx install asnity", "uv tool install asnity", "python3 -m pip install --user asnity")
"""Commands that install the client, one for each program that can."""

INSTALLED = f"""<p>Install it with one of these lines (Python 3.11 or newer):</p>
{"".join(f"<pre><code>{escape(line)}</code></pre>" for line in INSTALL)}"""
"""The same as HTML."""

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
pre { margin: .5rem 0; padding: .9rem 1rem; background: var(--raised); border: 1px solid var(--edge);
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


def page(status: int, title: str, told: str) -> web.Response:
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
