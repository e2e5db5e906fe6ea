"""Pauses between attempts, random so that clients which lost the same server don't all come back at once."""

from __future__ import annotations

from random import Random


class Backoff:
    """Says how long to wait; see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def pause(self, attempt: int, *, at_most: float) -> float:
        """Seconds before the next attempt (the first is 0): doubling, with full jitter."""
        return self._random.uniform(0, min(float(2 ** min(attempt, 30)), at_most))

    def spread(self, within: float) -> float:
        """Seconds to wait before something that many clients do at the same moment."""
        return self._random.uniform(0, within)
