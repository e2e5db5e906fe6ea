"""Lists unread channels of all communities: mentions first, then direct messages, then the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

from asnity_server.protocol.models import Message

from .channel import ChannelState
from .store import Store
from .unread import is_counted, is_mention

CatchUpKind: TypeAlias = Literal["mention", "direct", "unread"]

_ORDER: tuple[CatchUpKind, ...] = ("mention", "direct", "unread")

CALLS, UNREAD = 20, 3
"""How many messages of an item are shown: of those that call me, and of the others."""


class CatchUpItem(msgspec.Struct, frozen=True, kw_only=True):
    """One channel with something unread. Its texts are as others wrote them: not harmless yet."""

    channel_id: str
    community_id: str
    title: str
    community: str
    """The community's name."""
    kind: CatchUpKind
    unread: int
    """At most `limits.COUNT_CAP`."""
    mentions: int
    """The same; for a direct channel every unread message counts as one."""
    messages: tuple[Message, ...] = ()
    """What of it is worth a look, oldest first; empty until it was asked for."""


def items(store: Store) -> tuple[CatchUpItem, ...]:
    """Everything that is unread: mentions first, then direct messages, then the rest, in the order of the sidebar.

    Muted channels are there only where they mention me.
    """
    found = list(_items(store))
    return tuple(each for kind in _ORDER for each in found if each.kind == kind)


def _items(store: Store) -> Iterator[CatchUpItem]:
    for community in store.communities.values():
        for channel in community.channels.values():
            badge = channel.badge
            if badge.sign == "none":
                continue
            calls: CatchUpKind = "direct" if channel.channel.kind == "direct" else "mention"
            yield CatchUpItem(
                channel_id=channel.id,
                community_id=community.id,
                title=store.title_of(channel),
                community=community.community.name,
                kind=calls if badge.sign == "mention" else "unread",
                unread=badge.unread,
                mentions=badge.mentions,
            )


def wanted(item: CatchUpItem, message: Message, me: str) -> bool:
    """Whether a message beyond the read marker belongs to what is worth a look in an item."""
    return is_mention(message, me) if item.kind == "mention" else is_counted(message, me)


def most(item: CatchUpItem) -> int:
    """How many messages of an item are worth a look."""
    return UNREAD if item.kind == "unread" else CALLS


def held(item: CatchUpItem, channel: ChannelState, me: str) -> tuple[Message, ...] | None:
    """Return the messages of an item that are worth a look, where all unread ones are held already; else None."""
    behind = None if channel.timeline is None else channel.timeline.messages_after(channel.read_id)
    if behind is None:
        return None
    return tuple(each for each in behind if wanted(item, each, me))[: most(item)]
