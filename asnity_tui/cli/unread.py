"""`asnity-tui unread`: what is unread, in a word, as a list, or for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from asnity_server.protocol.limits import COUNT_CAP
from asnity_tui.state import catch_up
from asnity_tui.state.catch_up import CatchUpItem
from asnity_tui.state.store import Store

from .outcome import as_json

Harmless: TypeAlias = Callable[[str], str]
"""Makes a line of what others wrote; handed in because it takes a moment to load, which JSON can spare."""


def in_a_word(store: Store) -> str:
    """`@2 •5`: two messages call me, five others are unread; nothing where nothing is. For status lines."""
    found = catch_up.items(store)
    mentions, others = totals(found)
    words = (f"@{_count(mentions)}" if mentions else "", f"•{_count(others)}" if others else "")
    return " ".join(each for each in words if each)


def totals(found: tuple[CatchUpItem, ...]) -> tuple[int, int]:
    """How many messages call me, and how many others are unread."""
    mentions = sum(each.mentions for each in found)
    return mentions, max(sum(each.unread for each in found) - mentions, 0)


def as_list(store: Store, harmless: Harmless) -> list[str]:
    """A line for each channel with something unread, those that call me first."""
    found = catch_up.items(store)
    width = max((len(_sign(each)) for each in found), default=0)
    return [f"{_sign(each):>{width}}  {harmless(_name(each))}" for each in found]


def for_programs(store: Store) -> str:
    """The same as one line of JSON."""
    found = catch_up.items(store)
    mentions, others = totals(found)
    channels: list[dict[str, Any]] = [
        {
            "channelId": each.channel_id,
            "communityId": each.community_id,
            "channel": each.title,
            "community": each.community,
            "kind": each.kind,
            "unread": each.unread,
            "mentions": each.mentions,
        }
        for each in found
    ]
    return as_json({"mentions": mentions, "unread": others, "channels": channels})


def _sign(item: CatchUpItem) -> str:
    return f"@{_count(item.mentions)}" if item.mentions else _count(item.unread)


def _count(number: int) -> str:
    return f"{COUNT_CAP - 1}+" if number >= COUNT_CAP else str(number)


def _name(item: CatchUpItem) -> str:
    sign = "@" if item.kind == "direct" else "#"
    return f"{sign}{item.title} · {item.community}"
