"""Counts what HTTP is asked and what it refuses."""

from __future__ import annotations

from collections import Counter

from asnity_server.protocol.errors import Code


class Tally:
    """Counters that only rise; they tell how much, never who or what."""

    def __init__(self) -> None:
        self.requests = 0
        self.refusals: Counter[Code] = Counter()
        """Requests that were answered with an error, by its code."""
