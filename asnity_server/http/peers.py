"""Where a request really comes from: the connection's other end, or what a trusted proxy says about it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

from asnity_server.api.front import Peer

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


def peer_of(request: web.Request, trusted: Sequence[Network]) -> Peer:
    """Whom a request's rate is counted for. `X-Forwarded-For` counts only from a trusted proxy.

    Each proxy adds the address that it was reached from at the right, so the first from the right that is no trusted
    proxy is the one that nobody could have made up.
    """
    address = _address_of(request, trusted)
    return Peer(_rate_key(address), loopback=_is_local(request, address))


def is_one_of(request: web.Request, trusted: Sequence[Network], networks: Sequence[Network]) -> bool:
    """Whether a request comes from this machine, without a proxy between, or from one of some networks."""
    address = _address_of(request, trusted)
    return _is_local(request, address) or (address is not None and _is_in(address, networks))


def _is_local(request: web.Request, address: Address | None) -> bool:
    forwarded = any(name in request.headers for name in _FORWARDED)
    return address is not None and address.is_loopback and not forwarded


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
    """The other end of the connection; None for one that has no address, such as a Unix socket."""
    peername = request.transport.get_extra_info("peername") if request.transport is not None else None
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
