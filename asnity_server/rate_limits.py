"""Rate limits: count how often something is done, and refuse it with the time to wait where it is too often."""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from asnity_server.protocol.errors import RateLimited
from asnity_server.protocol.routes import Limited

_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_WRITTEN = re.compile(r"(?:(?P<burst>[1-9]\d{0,5})\+)?(?P<count>[1-9]\d{0,5})/(?P<unit>s|min|h)")


@dataclass(frozen=True)
class Rate:
    """How often: `burst` at once, and after that one more every `every` seconds."""

    burst: int
    """0: as often as one likes."""
    every: float

    @classmethod
    def parse(cls, text: str) -> Rate:
        """`10+5/s`: 10 at once and then 5 a second; `10/min`: 10 at once and then 10 a minute; `off`: no limit.

        Raises `ValueError` for anything else.
        """
        if text == "off":
            return UNLIMITED
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError("a rate looks like 10+5/s, 10/min or off")
        count = int(found["count"])
        return cls(int(found["burst"] or count), _UNITS[found["unit"]] / count)


UNLIMITED = Rate(0, 0.0)

_ROUNDING = 1e-6
"""Seconds that sums of fractions may be off by."""


@dataclass(frozen=True)
class Rates:
    """Every rate that can be limited; whoever hosts the server decides how."""

    sign_in: Rate = UNLIMITED
    """Attempts at one account from one address; see `guessing` for many of either."""
    sign_up: Rate = UNLIMITED
    """Attempts from one address; see `guessing`, too."""
    messages: Rate = UNLIMITED
    """Messages that one person writes, edits and deletes, on all devices together; so with everything below."""
    reactions: Rate = UNLIMITED
    typing: Rate = UNLIMITED
    """And `presence`."""
    invites: Rate = UNLIMITED
    """Links made, and times that oneself or others are put into a channel."""
    directs: Rate = UNLIMITED
    """Direct channels opened."""
    markers: Rate = UNLIMITED
    """Read markers moved, and rooms entered."""
    changes: Rate = UNLIMITED
    """Everything else that changes something."""
    looks: Rate = UNLIMITED
    """Links looked at from one address, by a client or in a browser."""


Key: TypeAlias = str | tuple[str, ...]
"""The person or thing that is counted. It may be what a stranger sent, of any length."""

LONG = 64
"""Characters of a key that is kept as it is; of a longer one, its digest is kept."""


class RateLimit:
    """A token bucket for each key.

    It remembers only keys whose bucket isn't full, and of a long one no more than of a short one. Where there are more
    than `keys` of them, the fullest half is forgotten: nobody can fill the memory, and those who are being held back
    stay so.
    """

    def __init__(self, rate: Rate, *, keys: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        self._every = rate.every
        self._burst = rate.burst
        self._spare = (rate.burst - 1) * rate.every + _ROUNDING
        self._unlimited = rate.burst == 0
        self._keys = keys
        self._clock = clock
        self._full_at: OrderedDict[Key | bytes, float] = OrderedDict()
        """When each bucket is full again; who came last stands last."""

    def __len__(self) -> int:
        return len(self._full_at)

    def wait(self, key: Key) -> float:
        """Seconds until `key` may go on; 0 where it may now."""
        return self._wait(_kept(key))

    def _wait(self, kept: Key | bytes, more: float = 0.0) -> float:
        return max(0.0, self._full_at.get(kept, 0.0) - self._clock() - self._spare + more)

    def take(self, *keys: Key, times: int = 1) -> None:
        """Count one (or so many `times`) for each of `keys`.

        Raises `RateLimited`, and counts nothing, where one of them must wait. More than may be at once is let through
        by a full bucket, and waited for afterwards.
        """
        if self._unlimited:
            return
        now = self._clock()
        more = (min(times, self._burst) - 1) * self._every
        latest = now + self._spare - more
        full_at = self._full_at
        kept = keys if len(keys) == 1 and len(keys[0]) <= LONG and type(keys[0]) is str else tuple(map(_kept, keys))
        for each in kept:
            if full_at.get(each, now) > latest:
                raise _refusal(max(self._wait(key, more) for key in kept))
        for each in kept:
            at = full_at.get(each, now)
            full_at[each] = (at if at > now else now) + times * self._every
            full_at.move_to_end(each)
        while full_at[oldest := next(iter(full_at))] <= now:  # what was counted last isn't full yet, and ends this
            del full_at[oldest]
        if len(full_at) > self._keys:
            self._forget(now)

    def _forget(self, now: float) -> None:
        held = sorted(((at, key) for key, at in self._full_at.items() if at > now), key=lambda each: -each[0])
        self._full_at = OrderedDict((key, at) for at, key in reversed(held[: self._keys // 2]))


def take_all(counted: Sequence[tuple[RateLimit, Key]]) -> None:
    """Count one for each key at its limit. Raises `RateLimited`, and counts nothing, where one of them must wait."""
    require_all(counted)
    for limit, key in counted:
        limit.take(key)


def require_all(counted: Sequence[tuple[RateLimit, Key]]) -> None:
    """Raise `RateLimited` where one of them must wait, and count nothing."""
    wait = max(limit.wait(key) for limit, key in counted)
    if wait > 0:
        raise _refusal(wait)


def _refusal(seconds: float) -> RateLimited:
    tenths = math.ceil(seconds * 10) / 10
    return RateLimited(f"Too many requests. Try again in {math.ceil(seconds)} s.", retry_after=max(0.1, tenths))


def _kept(key: Key) -> Key | bytes:
    """Return the hash by which a key is remembered."""
    if (len(key) if isinstance(key, str) else len(key) + sum(map(len, key))) <= LONG:
        return key
    return hashlib.blake2b(repr(key).encode(), digest_size=16).digest()


class RateLimits:
    """One `RateLimit` for each of `Rates`, but for signing in and up: see `guessing`.

    They are shared by HTTP and sockets, which both ask on the event loop.
    """

    def __init__(self, rates: Rates, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        self.looks = RateLimit(rates.looks, clock=clock)
        self.messages = RateLimit(rates.messages, clock=clock)
        self.reactions = RateLimit(rates.reactions, clock=clock)
        self.typing = RateLimit(rates.typing, clock=clock)
        self.invites = RateLimit(rates.invites, clock=clock)
        self.directs = RateLimit(rates.directs, clock=clock)
        self.markers = RateLimit(rates.markers, clock=clock)
        self.changes = RateLimit(rates.changes, clock=clock)
        self.sessions = RateLimit(rates.changes, clock=clock)
        """By session: who got hold of one of somebody's can't keep them from ending it."""

    def of(self, limited: Limited | None) -> RateLimit | None:
        """Return the limit of a request; None for one that isn't limited, or by `password_guessing`."""
        return None if limited in (None, "sign_in", "sign_up") else getattr(self, limited)
