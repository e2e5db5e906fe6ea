"""Server addresses: normalises what a person types or pastes, and takes the code out of invite links."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from asnity_server.protocol.address_scope import is_loopback
from asnity_server.protocol.lazy_patterns import LazyPattern
from asnity_server.protocol.urls import pasted_url

_LINK = LazyPattern(r"/(?:i|invite)/(?P<code>[A-Za-z0-9_-]{1,64})/?")
_SCHEME = LazyPattern(r"(?P<name>[A-Za-z][A-Za-z0-9+.-]*)://")
_LABEL = LazyPattern(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
DEFAULT_PORTS = {"http": 80, "https": 443}


class BadAddress(ValueError):
    """This names no server. The text is one sentence for a person."""


class Address(msgspec.Struct, frozen=True):
    """The address of a server, with the invite whose link named it."""

    url: str
    """Scheme, host and, where it isn't the usual one, port: `https://chat.example.org`."""
    invite: str | None = None
    """The code of the invite whose link this was."""

    @property
    def is_private(self) -> bool:
        """Tell whether a password may go there without asking: encrypted, or not leaving this machine."""
        parts = urlsplit(self.url)
        return parts.scheme == "https" or is_loopback(parts.hostname or "")


def normalise_address(text: str) -> Address:
    """The server that a typed address or a pasted invite link means.

    Without a scheme it is https, but for loopback http. Raises `BadAddress`.
    """
    text = pasted_url(text)
    if not text:
        raise BadAddress("Enter the server's address.")
    if not text.isprintable() or any(sign.isspace() for sign in text):
        raise BadAddress("An address can't have spaces in it.")
    scheme = _SCHEME.match(text)
    if scheme and scheme["name"].lower() not in DEFAULT_PORTS:
        raise BadAddress("An address starts with https:// or http://, or neither.")
    parts, host, port = _taken_apart(text if scheme else f"//{text}")
    used = parts.scheme.lower() or ("http" if is_loopback(host) else "https")
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != DEFAULT_PORTS[used]:
        shown += f":{port}"
    return Address(url=f"{used}://{shown}", invite=_invite(parts))


def invite_code(text: str) -> str:
    """The code of an invite, from the code itself or from its whole link."""
    text = pasted_url(text)
    if "/" not in text:
        return text
    try:
        return normalise_address(text).invite or text
    except BadAddress:
        return text


def _taken_apart(url: str) -> tuple[SplitResult, str, int | None]:
    """The parts of a URL, its host in the form that goes over the wire, and its port."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadAddress("That isn't a server's address. Use one like chat.example.org.") from None
    if parts.username is not None or parts.password is not None:
        raise BadAddress("Leave the username and password out of the address.")
    if port == 0 or not host:
        raise BadAddress("That isn't a server's address. Use one like chat.example.org.")
    return parts, _host(host), port


def _host(host: str) -> str:
    """A host name in ASCII (IDNA), or an IP address."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass  # a name, then
    try:
        name = host.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        raise BadAddress("That isn't a valid server name. Check the spelling.") from None
    if not name or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise BadAddress("That isn't a valid server name. Check the spelling.")
    return name


def _invite(parts: SplitResult) -> str | None:
    """The code of an invite link. Raises `BadAddress` where there is a path that isn't one."""
    path = unquote(parts.path)
    if path in ("", "/"):
        return None
    link = _LINK.fullmatch(path)
    if link is None:
        raise BadAddress("A server's address has no path. For an invite, paste the whole link.")
    return link["code"]
