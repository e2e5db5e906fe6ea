"""The peer of a request: the connection's other end, or the address that a trusted proxy names."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import HttpVersion11, web

from asnity_server.api.accounts.peer import Peer

from .origins import names_this_machine

log = logging.getLogger(__name__)

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_FORWARDED = ("Forwarded", "X-Real-IP", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto")


def peer_of(request: web.Request, trusted: Sequence[Network], names: Collection[str] = ()) -> Peer:
    """Return the peer whose rate a request counts for. `X-Forwarded-For` counts only from a trusted proxy.

    Each proxy adds the address that it was reached from at the right, so the first from the right that is no trusted
    proxy is the one that nobody could have made up. `names` are what this machine is called on itself.
    """
    address = _address_of(request, trusted)
    return Peer(_rate_key(address), loopback=_is_local(request, address, names), site=_site(address))


class ProxyWatch:
    """Says in the log, once, that a proxy isn't named in the settings: all people behind it count as one address."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted
        self._told = False

    def look(self, request: web.Request) -> None:
        """Look at who passes a request on: a machine of one's own, as a stranger can claim anything."""
        if self._told or "X-Forwarded-For" not in request.headers:
            return
        address = _transport_address(request)
        if address is not None and address.is_private and not _is_in(address, self._trusted):
            self._told = True
            log.warning(
                "Requests come through a proxy at %s, and limits count all its people together."
                " Name it with --trusted-proxies %s.",
                address,
                address,
            )


def connection_of(transport: asyncio.BaseTransport, trusted: Sequence[Network]) -> str | None:
    """Return the address of a connection before it asks anything; None for a trusted proxy, which brings everyone."""
    address = _far_end(transport)
    return None if address is None or _is_in(address, trusted) else _rate_key(address)


def is_one_of(
    request: web.Request, trusted: Sequence[Network], networks: Sequence[Network], names: Collection[str] = ()
) -> bool:
    """Whether a request comes from this machine, without a proxy between, or from one of some networks."""
    address = _address_of(request, trusted)
    return _is_local(request, address, names) or (address is not None and _is_in(address, networks))


def _is_local(request: web.Request, address: Address | None, names: Collection[str]) -> bool:
    """Whether somebody at this machine asks: no proxy, and no browser whose page has let its own name lead here."""
    if address is None or not address.is_loopback or request.version < HttpVersion11:  # some proxies still ask by 1.0
        return False
    return names_this_machine(request, names) and not any(name in request.headers for name in _FORWARDED)


def _address_of(request: web.Request, trusted: Sequence[Network]) -> Address | None:
    address = _transport_address(request)
    if address is not None and _is_in(address, trusted):
        hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        for hop in reversed(hops):
            claimed = _parse(hop)
            if claimed is None:
                break
            address = claimed
            if not _is_in(claimed, trusted):
                break
    return address


def _transport_address(request: web.Request) -> Address | None:
    return None if request.transport is None else _far_end(request.transport)


def _far_end(transport: asyncio.BaseTransport) -> Address | None:
    """The other end of a connection; None for one that has no address, such as a Unix socket."""
    peername = transport.get_extra_info("peername")
    return _parse(peername[0]) if isinstance(peername, tuple) and peername else None


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _rate_key(address: Address | None) -> str:
    """An address as its owner: whoever has one of IPv6 has at least its whole /64."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return "local" if address is None else str(address)


def _site(address: Address | None) -> str | None:
    """The site of an address of IPv6: whoever has many /64 networks has them there."""
    return str(ip_network((address, 48), strict=False)) if isinstance(address, IPv6Address) else None
