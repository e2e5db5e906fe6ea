"""Tells the API where a request comes from, as far as it counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """Where a request comes from."""

    address: str
    """What its rate is counted by."""
    loopback: bool = False
    """It comes from a program on the server's own machine, and no proxy passed it on."""
    site: str | None = None
    """The site that an address of IPv6 belongs to: its /48, in which an owner mostly has all addresses."""
