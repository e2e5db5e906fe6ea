"""Counts unread messages by the server's rules, for the badges that show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from asnity_server.protocol.limits import COUNT_CAP
from asnity_server.protocol.models import Counters, Message

Sign: TypeAlias = Literal["none", "dot", "count", "mention"]


class Badge(msgspec.Struct, frozen=True):
    """Unread counts of a channel or a community; they stop at `limits.COUNT_CAP` (shown as 99+)."""

    unread: int = 0
    mentions: int = 0
    """For a direct channel every unread message counts as one."""
    muted: bool = False
    whole: bool = False
    """It stands for a community: what is merely unread shows as a dot."""

    @property
    def sign(self) -> Sign:
        """`mention`: show `mentions`; `count`: show `unread`; `dot`: something is unread; `none`: show nothing."""
        if self.mentions:
            return "mention"
        if not self.unread or self.muted:
            return "none"
        return "dot" if self.whole else "count"


def is_counted(message: Message, me: str) -> bool:
    """Whether a message counts as unread while it is beyond the read marker."""
    return message.sender_id != me and message.deleted_at is None and message.type == "TEXT"


def is_mention(message: Message, me: str) -> bool:
    """Whether a message counts as a mention while it is beyond the read marker."""
    return is_counted(message, me) and (message.mentions_all or me in message.mentions)


def count(messages: Iterable[Message], me: str) -> tuple[int, int]:
    """Unread and mentions of messages that are all beyond the read marker, counted one by one up to the cap."""
    unread = mentions = 0
    for message in messages:
        if is_counted(message, me):
            unread += 1
            mentions += message.mentions_all or me in message.mentions
    return min(unread, COUNT_CAP), min(mentions, COUNT_CAP)


def after_new(counters: Counters, message: Message, me: str) -> Counters:
    """The counters after a message that is newer than all that they include.

    My own message is read if everything before it was.
    """
    unread, mentions, read_id = counters.unread, counters.mentions, counters.read_id
    if message.sender_id == me:
        if not unread:
            read_id = message.id
    elif message.type == "TEXT" and message.deleted_at is None:
        unread = min(unread + 1, COUNT_CAP)
        if message.mentions_all or me in message.mentions:
            mentions = min(mentions + 1, COUNT_CAP)
    return Counters(last_id=message.id, rev=message.rev, read_id=read_id, unread=unread, mentions=mentions)


def after_change(counters: Counters, old: Message | None, new: Message, me: str) -> Counters | None:
    """The counters after a change of a message that they include; None where they can't be known from this alone.

    `old` is the message as it was at `counters.rev`, or None if that isn't held.
    """
    steps = (0, 0) if new.id <= counters.read_id else _steps(counters, old, new, me)
    if steps is None:
        return None
    unread, mentions = counters.unread + steps[0], counters.mentions + steps[1]
    # a count at its cap stands for any number above it, too: it can't be lowered
    if (steps[0] < 0 and counters.unread >= COUNT_CAP) or (steps[1] < 0 and counters.mentions >= COUNT_CAP):
        return None
    if unread < 0 or mentions < 0:
        return None
    return Counters(
        last_id=counters.last_id,
        rev=new.rev,
        read_id=counters.read_id,
        unread=min(unread, COUNT_CAP),
        mentions=min(mentions, COUNT_CAP),
    )


def _steps(counters: Counters, old: Message | None, new: Message, me: str) -> tuple[int, int] | None:
    """How far unread and mentions move."""
    if old is not None:
        return (
            is_counted(new, me) - is_counted(old, me),
            is_mention(new, me) - is_mention(old, me),
        )
    if new.sender_id == me or new.type != "TEXT":
        return 0, 0
    if counters.mentions or is_mention(new, me):
        return None
    # with no mentions at all the old copy was none; and nothing can be done to a deleted message, so one that is
    # deleted now counted until this change
    return (0, 0) if new.deleted_at is None else (-1, 0)


def whole_badge(badges: Iterable[Badge]) -> Badge:
    """Sum up the badges of a community's channels: muted ones only count where they mention me."""
    unread = mentions = 0
    for badge in badges:
        mentions += badge.mentions
        if not badge.muted:
            unread += badge.unread
    return Badge(min(unread, COUNT_CAP), min(mentions, COUNT_CAP), whole=True)
