"""One of my channels: what it is, where I stand in it, and what of it is loaded."""

from __future__ import annotations

from asnity_server.protocol.models import Channel, Counters

from .timeline import Timeline
from .unread import Badge


class ChannelState:
    """One of my channels. Widgets read; only the store changes it."""

    channel: Channel
    muted: bool
    counters: Counters
    """The server's, carried on by events."""
    timeline: Timeline | None
    """None until the channel is opened for the first time."""
    marked_unread: bool
    """Marked as unread by hand, here or elsewhere: nothing is read by itself until it is opened again."""

    @property
    def id(self) -> str:
        """The channel's id."""
        raise NotImplementedError

    @property
    def read_id(self) -> int:
        """Up to where I have read, what the server hasn't confirmed yet included."""
        raise NotImplementedError

    @property
    def badge(self) -> Badge:
        """What its line in the list shows."""
        raise NotImplementedError

    def typing(self, now: int) -> tuple[str, ...]:
        """Ids of the people who are typing at `now` (milliseconds), in the order they began."""
        raise NotImplementedError
