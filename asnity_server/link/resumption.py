"""Resumption keeps the frames that the other side hasn't confirmed, so that a cut loses none of them."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import NamedTuple

FRAMES = 4_096
"""Frames that are kept at most."""
BYTES = 16 * 1024 * 1024
"""Bytes of them at most."""


class SentFrame(NamedTuple):
    """A frame that was sent; `ask` is the number of the first ask in it that waits for an answer, if there are any."""

    payload: bytes
    ask: int | None


class Unconfirmed:
    """The counted frames that one side sent and the other hasn't confirmed.

    Beyond `FRAMES` or `BYTES` the oldest are forgotten: the stream goes on, but can't be resumed from before that.
    """

    def __init__(self) -> None:
        self._frames: deque[SentFrame] = deque()
        self._bytes = 0
        self.count = 0
        """Frames so far."""

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, payload: bytes, ask: int | None = None) -> None:
        """Count and keep a frame."""
        self.count += 1
        self._frames.append(SentFrame(payload, ask))
        self._bytes += len(payload)
        while len(self._frames) > FRAMES or self._bytes > BYTES:
            self._bytes -= len(self._frames.popleft().payload)

    def confirm(self, received: int) -> bool:
        """Forget what the other side has; returns whether it can have so many."""
        if received > self.count:
            return False
        first = self.count - len(self._frames)
        while self._frames and first < received:
            self._bytes -= len(self._frames.popleft().payload)
            first += 1
        return True

    def beyond(self, received: int) -> list[SentFrame] | None:
        """Return the frames that the other side lacks; None where they aren't known any more."""
        first = self.count - len(self._frames)
        if not first <= received <= self.count:
            return None
        return list(islice(self._frames, received - first, None))
