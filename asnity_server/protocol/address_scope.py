"""The scope of an address by its form: this machine alone, a network of its own, or everywhere."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

AddressScope: TypeAlias = Literal["machine", "network", "everywhere"]

_LOCAL_ENDINGS = (".local", ".lan", ".home", ".internal", ".intranet", ".home.arpa", ".localdomain")


def is_loopback(host: str) -> bool:
    """Whether a host name or IP address is this machine's own by its form (RFC 6761, section 6.3)."""
    host = host.lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def scope_of_address(url: str) -> AddressScope:
    """From where an address can be reached at most; what makes no sense counts as everywhere."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return "everywhere"
    if is_loopback(host):
        return "machine"
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return "network" if host and ("." not in host or host.endswith(_LOCAL_ENDINGS)) else "everywhere"
    return "everywhere" if (getattr(address, "ipv4_mapped", None) or address).is_global else "network"
