"""The loaded stretches of one channel: merge, order, gaps and pending rows."""

from __future__ import annotations

from collections.abc import Sequence

from asnity_server.protocol.models import Message

from .entries import Entry
from .rows import Gap, Item, Row

HELD_MAX = 5_000
"""Messages held at most; beyond it the end away from what is looked at is dropped."""


class Timeline:
    """What is held of one channel. Widgets read; only the store changes it."""

    rev: int
    """Every held message is current as of this rev of the channel."""
    version: int
    """Steps whenever `items()` would answer something else."""

    def items(self) -> Sequence[Item]:
        """Rows and the gaps between them, oldest first, the pending new messages at the end in the order sent.

        Built when asked for and kept until something changes: ask freely. The stretch before the first row is no item
        (see `has_older`); the one behind the last loaded message is, where it isn't loaded.
        """
        raise NotImplementedError

    @property
    def has_older(self) -> bool:
        """Whether there are messages before the first that is held."""
        raise NotImplementedError

    @property
    def has_newer(self) -> bool:
        """Whether there are messages behind the last that is held."""
        raise NotImplementedError

    @property
    def oldest_id(self) -> int | None:
        """The first held message's id."""
        raise NotImplementedError

    @property
    def newest_id(self) -> int | None:
        """The last held message's id."""
        raise NotImplementedError

    def find(self, message_id: int) -> Message | None:
        """The server's copy of a message, if it is held (without the text of pending edits)."""
        raise NotImplementedError

    def row(self, message_id: int) -> Row | None:
        """A message's row as `items()` has it, if it is held."""
        raise NotImplementedError


__all__ = ["HELD_MAX", "Entry", "Gap", "Item", "Row", "Timeline"]
