"""What I wrote and the server hasn't confirmed: queued, sending, then gone, waiting or failed."""

from __future__ import annotations

from collections.abc import Sequence

from .entries import Entry


class Outbox:
    """Unsent things of all channels, in the order they were written. Widgets read; only the session changes it."""

    def __len__(self) -> int:
        """How many there are, failed ones included."""
        raise NotImplementedError

    def get(self, nonce: str) -> Entry | None:
        """One entry, while it is unsent."""
        raise NotImplementedError

    def entries(self) -> Sequence[Entry]:
        """All of them, in order."""
        raise NotImplementedError

    def of_channel(self, channel_id: str) -> Sequence[Entry]:
        """Those of one channel, in order."""
        raise NotImplementedError

    @property
    def waiting(self) -> int:
        """How many are on their way or wait (everything that hasn't failed)."""
        raise NotImplementedError

    @property
    def failed(self) -> Sequence[Entry]:
        """Those that need a decision of the person."""
        raise NotImplementedError

    def can_take_back(self, nonce: str) -> bool:
        """Whether it can be edited again or discarded: it failed, or was certainly never sent."""
        raise NotImplementedError


__all__ = ["Entry", "Outbox"]
