"""Counts how often something was done, and says how long to wait where it was too often."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable

from asnity_server.protocol.errors import RateLimited


class RateLimit:
    """A token bucket for each key: `burst` at once, and one more every `per` / `burst` seconds.

    It remembers only keys whose bucket isn't full. Where there are more than `keys` of those, the fullest half is
    forgotten: nobody can fill the memory, and those who are being held back stay so.
    """

    def __init__(
        self, burst: int, *, per: float, keys: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """At most `burst` in `per` seconds, in the long run."""
        self._burst = burst
        self._every = per / burst
        self._keys = keys
        self._clock = clock
        self._full_at: dict[Hashable, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def wait(self, key: Hashable) -> float:
        """Seconds until `key` may go on; 0 where it may now."""
        missing = self._full_at.get(key, 0.0) - self._clock()
        return max(0.0, missing - (self._burst - 1) * self._every)

    def take(self, *keys: Hashable) -> None:
        """Count one for each of `keys`. Raises `RateLimited`, and counts nothing, where one of them must wait."""
        waits = max((self.wait(key) for key in keys), default=0.0)
        if waits > 0:
            seconds = math.ceil(waits * 10) / 10
            raise RateLimited(f"This was too often; try again in {math.ceil(waits)} s.", retry_after=seconds)
        now = self._clock()
        for key in keys:
            self._full_at[key] = max(self._full_at.get(key, now), now) + self._every
        if len(self._full_at) > self._keys:
            self._forget(now)

    def _forget(self, now: float) -> None:
        held = sorted(((at, key) for key, at in self._full_at.items() if at > now), key=lambda each: -each[0])
        self._full_at = {key: at for at, key in held[: self._keys // 2]}
