"""The peer of a request: the address that it comes from, as far as limits and set-up need it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """The address that a request comes from."""

    address: str
    """The key by which its rate is counted."""
    loopback: bool = False
    """It comes from a program on the server's own machine, and no proxy passed it on."""
    site: str | None = None
    """The site that an address of IPv6 belongs to: its /48, in which an owner mostly has all addresses."""
