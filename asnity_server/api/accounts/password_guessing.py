"""Limits on password attempts and sign-ups: nobody guesses a password, and nobody locks anybody else out."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from asnity_server.rate_limits import Key, Rate, RateLimit, require_all, take_all

from .peer import Peer

ACCOUNTS = 3
"""From one address, all accounts together are tried this many times as fast as one of them."""
ADDRESSES = 10
"""At one account, all strange addresses together try this many times as often at once as one of them, and then as fast
as that: what is guessed in the long run doesn't grow with the number of addresses."""


SITES = 10
"""From one site of IPv6, all addresses together do this many times as much as one of them: whoever has one of a site's
/64 networks mostly has all 65,536 of them."""


class KnownAddresses:
    """Remembers from which addresses people have proven who they are: strangers' tries don't count against them there.

    It is kept in memory alone; after a restart it is learnt again as clients come back.
    """

    PEOPLE = 10_000
    """Beyond them, those who haven't been seen for longest become strangers."""
    EACH = 16
    """Addresses of one person; the same."""

    def __init__(self) -> None:
        self._addresses: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()

    def add(self, user_id: str, address: str) -> None:
        """Somebody has proven at an address who they are."""
        addresses = self._addresses.setdefault(user_id, OrderedDict())
        addresses[address] = None
        addresses.move_to_end(address)
        if len(addresses) > self.EACH:
            addresses.popitem(last=False)
        self._addresses.move_to_end(user_id)
        if len(self._addresses) > self.PEOPLE:
            self._addresses.popitem(last=False)

    def forget(self, user_id: str) -> None:
        """Somebody may have proven by what is worth nothing any more that they are this person."""
        self._addresses.pop(user_id, None)

    def knows(self, user_id: str | None, address: str) -> bool:
        """Whether somebody has proven there who they are."""
        return user_id is not None and address in self._addresses.get(user_id, ())

    def __len__(self) -> int:
        return sum(map(len, self._addresses.values()))


class PasswordLimits:
    """Counts every try of a password before it is looked at."""

    def __init__(self, rate: Rate, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`rate` is how often one account can be tried from one address; `clock` tells seconds."""
        self._pairs = RateLimit(rate, clock=clock)
        self._addresses = RateLimit(Rate(rate.burst, rate.every / ACCOUNTS), clock=clock)
        self._sites = RateLimit(_of_site(Rate(rate.burst, rate.every / ACCOUNTS)), clock=clock)
        self._strangers = RateLimit(Rate(rate.burst * ADDRESSES, rate.every), clock=clock)
        self._sessions = RateLimit(rate, clock=clock)
        self._familiar = KnownAddresses()

    def require(self, peer: Peer, name: str) -> None:
        """Raise `RateLimited` where a peer must wait, before anybody is looked up for it."""
        require_all(self._here(peer, name))

    def take(self, peer: Peer, name: str, owner: str | None) -> None:
        """Count a try to sign in with a name, which is that of `owner` if it is anybody's. Raises `RateLimited`."""
        counted = self._here(peer, name)
        if self.known(peer, owner) is None:
            counted.append((self._strangers, name))
        take_all(counted)

    def known(self, peer: Peer, owner: str | None) -> str | None:
        """`owner`, where they have proven before who they are."""
        return owner if self._familiar.knows(owner, peer.address) else None

    def take_nobodys(self, peer: Peer) -> None:
        """Count a try with a name that can't be anybody's. Raises `RateLimited`."""
        take_all(at_peer(peer, self._addresses, self._sites))

    def _here(self, peer: Peer, name: str) -> list[tuple[RateLimit, Key]]:
        return [(self._pairs, (name, peer.address)), *at_peer(peer, self._addresses, self._sites)]

    def take_own(self, session_id: str) -> None:
        """Count a try at the password of the account that one is signed in with. Raises `RateLimited`.

        It counts by itself, by the session: nobody else can use it up, and who has stolen a session can't guess on.
        """
        self._sessions.take(session_id)

    def recognise(self, user_id: str, peer: Peer, *, anew: bool = False) -> None:
        """Somebody has proven who they are; `anew`: what was proven before is worth nothing any more."""
        if anew:
            self._familiar.forget(user_id)
        self._familiar.add(user_id, peer.address)


class SignUpLimits:
    """Counts every sign-up before it is looked at."""

    def __init__(self, rate: Rate, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`rate` is how often people sign up from one address; `clock` tells seconds."""
        self._addresses = RateLimit(rate, clock=clock)
        self._sites = RateLimit(_of_site(rate), clock=clock)

    def take(self, peer: Peer) -> None:
        """Count one. Raises `RateLimited`."""
        take_all(at_peer(peer, self._addresses, self._sites))


def at_peer(peer: Peer, addresses: RateLimit, sites: RateLimit) -> list[tuple[RateLimit, Key]]:
    """Return the limits that a peer counts towards: its address, and its site if it has one."""
    counted: list[tuple[RateLimit, Key]] = [(addresses, peer.address)]
    if peer.site is not None:
        counted.append((sites, peer.site))
    return counted


def _of_site(rate: Rate) -> Rate:
    return Rate(rate.burst * SITES, rate.every / SITES)
