"""Messages that the timeline posts: missing history, what was read, and clicks on messages."""

from __future__ import annotations

from collections.abc import Collection

from textual.message import Message
from textual.worker import Worker

from asnity_tui.state.rows import Gap, Row


class TimelineMessage(Message):
    """The base of them all; `channel_id` is the channel that was shown when it was sent."""

    def __init__(self, channel_id: str) -> None:
        super().__init__()
        self.channel_id = channel_id


class NeedOlder(TimelineMessage):
    """Somebody looks at what is near the oldest row that is loaded."""


class NeedNewer(TimelineMessage):
    """Somebody looks at what is near the newest row that is loaded, and there are newer ones."""


class FillGap(TimelineMessage):
    """A gap is on the screen, or was chosen."""

    def __init__(self, channel_id: str, gap: Gap) -> None:
        super().__init__(channel_id)
        self.gap = gap


class ReadUpTo(TimelineMessage):
    """Everything up to a message was seen: the terminal has the focus and the message's last line shows."""

    def __init__(self, channel_id: str, message_id: int) -> None:
        super().__init__(channel_id)
        self.message_id = message_id


class LookingAt(TimelineMessage):
    """Which messages show now."""

    def __init__(self, channel_id: str, first_id: int, last_id: int) -> None:
        super().__init__(channel_id)
        self.first_id = first_id
        self.last_id = last_id

    def can_replace(self, message: Message) -> bool:
        """Only the last of a burst matters."""
        return isinstance(message, LookingAt) and message.channel_id == self.channel_id


class RowClicked(TimelineMessage):
    """A message was clicked, or a piece of it."""

    def __init__(self, channel_id: str, row: Row, value: str = "") -> None:
        """`value` is the link, or the emoji, that was clicked."""
        super().__init__(channel_id)
        self.row = row
        self.value = value


class LinkClicked(RowClicked):
    """A link in a message."""


class ReactionClicked(RowClicked):
    """A reaction to a message."""


class QuoteClicked(RowClicked):
    """The line of a reply that quotes the original message."""


class MenuClicked(RowClicked):
    """The right button, anywhere on a message."""


class WantNewest(TimelineMessage):
    """Go to the newest messages, also where they aren't loaded."""


class LeaveTimeline(TimelineMessage):
    """Back to the composer."""


class KeyHandled(TimelineMessage):
    """A key did what it does; this comes after everything that was told because of it."""

    def __init__(self, channel_id: str, before: Collection[Worker[object]]) -> None:
        """`before` are the workers that ran before that."""
        super().__init__(channel_id)
        self.before = before
