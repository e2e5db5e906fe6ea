"""Limits how often something is done in a burst; the first time it is done at once."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.message_pump import MessagePump


class Throttle:
    """Calls `work` soon after `request`, with at least `seconds` between two calls.

    What takes long is done less often, so that at least three quarters of the time are left for everything else.
    """

    def __init__(self, node: MessagePump, seconds: float, work: Callable[[], None]) -> None:
        self._node = node
        self._seconds = seconds
        self._work = work
        self._last = -seconds
        self._took = 0.0
        self._requested = False

    def request(self) -> None:
        """Have it done; many requests before it is done mean once."""
        if not self._requested:
            self._requested = True
            wait = self._last + max(self._seconds, 3 * self._took) - monotonic()
            if wait > 0:
                self._node.set_timer(wait, self._run)
            else:
                self._node.call_later(self._run)

    def _run(self) -> None:
        self._requested = False
        began = monotonic()
        self._work()
        self._last = monotonic()
        self._took = self._last - began
