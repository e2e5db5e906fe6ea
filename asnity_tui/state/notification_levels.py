"""Decides which arriving messages are notified to a person who looks elsewhere."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from .changes import MessageArrived
from .store import Store

NotificationLevel: TypeAlias = Literal["all", "mentions", "nothing"]

DEFAULT_LEVEL: NotificationLevel = "mentions"
"""Where nothing else was chosen. A direct message counts as a mention."""


class NotificationChoices(Protocol):
    """The notification settings of the person."""

    @property
    def do_not_disturb(self) -> bool:
        """Nothing is told at all."""

    def level(self, channel_id: str) -> NotificationLevel:
        """Return the level of a channel."""


def should_notify(store: Store, choices: NotificationChoices, arrived: MessageArrived) -> bool:
    """Whether to tell of a message while the terminal isn't in front.

    A muted channel only tells of mentions; a muted direct channel of nothing, as its messages are none.
    """
    channel = store.channel(arrived.channel_id)
    if channel is None or choices.do_not_disturb:
        return False
    level = choices.level(arrived.channel_id)
    if channel.muted and channel.channel.kind == "direct":
        return False
    if level == "all" and not channel.muted:
        return True
    return level != "nothing" and arrived.to_me
