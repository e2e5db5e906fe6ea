"""Tells requests of programs and of this server's own pages from those that another site's page lets a browser send."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from asnity_server.protocol.errors import Forbidden, Invalid

_PORTS = {"http": 80, "https": 443}
_FOREIGN = "This was asked by a page of another site. Use asnity-tui."


def require_own(request: web.Request, public_url: str) -> None:
    """Raise `Forbidden` for a change that a page of another site asks for, and `Invalid` for what a form sends.

    For changes without a token alone: a page doesn't know anybody's token, but a browser reaches what its page doesn't,
    a server on the same machine for instance. Browsers say where they have a request from; programs say nothing. A
    page can't send JSON elsewhere without asking first, which nobody here allows. A page whose own name is made to lead
    here says truly that it asks where it comes from, so its name has to be this server's, too.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise Forbidden(_FOREIGN)
    for origin in request.headers.getall(hdrs.ORIGIN, []):
        if _parsed(origin) not in _own(request, public_url):
            raise Forbidden(_FOREIGN)
    if hdrs.CONTENT_TYPE not in request.headers or request.content_type != "application/json":
        raise Invalid("The body must be JSON (Content-Type: application/json).")


_Origin = tuple[str, str, int]


def _own(request: web.Request, public_url: str) -> list[_Origin | None]:
    """Return the origin of this server's pages; never None."""
    found = [_parsed(public_url)]
    if names_this_machine(request, ()):
        found += [_parsed(f"{scheme}://{host}") for scheme in _PORTS for host in request.headers.getall(hdrs.HOST, [])]
    return [each for each in found if each is not None]


def _parsed(address: str) -> _Origin | None:
    """Scheme, host and port of an address; None for what is none, as `null`."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
        return parts.scheme, (host or "").encode("idna" if not (host or "").isascii() else "ascii").decode(), port
    except (ValueError, KeyError):
        return None


def names_this_machine(request: web.Request, names: Collection[str]) -> bool:
    """Whether a request is addressed to a number, to `localhost` or to one of `names`.

    Any other name can be made to lead here by whoever owns it, after a browser has loaded a page of theirs by it.
    """
    hosts = request.headers.getall(hdrs.HOST, [])
    return len(hosts) == 1 and _is_own(hosts[0], names)


def _is_own(host: str, names: Collection[str]) -> bool:
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost") or name in names:
        return True
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
