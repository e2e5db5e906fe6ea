"""Which arriving messages are told to a person who looks elsewhere."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from .changes import Arrived
from .knowledge import Knowledge

Level: TypeAlias = Literal["all", "mentions", "nothing"]

LEVELS: tuple[Level, ...] = ("all", "mentions", "nothing")

USUAL: Level = "mentions"
"""Where nothing else was chosen. A direct message counts as a mention."""


class Wishes(Protocol):
    """What the person has chosen."""

    @property
    def do_not_disturb(self) -> bool:
        """Nothing is told at all."""

    def level(self, channel_id: str) -> Level:
        """What is told of a channel."""


def alerts(store: Knowledge, choices: Wishes, arrived: Arrived) -> bool:
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
