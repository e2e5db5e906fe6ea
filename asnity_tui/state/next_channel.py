"""Finds the channel to go to next: the neighbour, the next unread one, the most important unread one."""

from __future__ import annotations

from collections.abc import Sequence

from .channel import ChannelState
from .community import CommunityState
from .store import Store


def channels_of(store: Store) -> list[ChannelState]:
    """List all my channels in the order of the sidebar."""
    return [channel for community in store.communities.values() for channel in community.channels.values()]


def neighbour(channels: Sequence[ChannelState], current: str | None, direction: int) -> ChannelState | None:
    """Find the channel before (-1) or after (1) the current one, around the end."""
    if not channels:
        return None
    index = next((index for index, each in enumerate(channels) if each.id == current), None)
    if index is None:
        return channels[0 if direction > 0 else -1]
    return channels[(index + direction) % len(channels)]


def unread_neighbour(store: Store, current: str | None, direction: int) -> ChannelState | None:
    """Find the next or previous channel with something unread, in any community."""
    channels = [each for each in channels_of(store) if each.id == current or each.badge.sign != "none"]
    found = neighbour(channels, current, direction)
    return found if found is not None and found.id != current else None


def numbered(store: Store, here: str | None, current: str | None) -> tuple[list[ChannelState], bool]:
    """List the channels that numbers stand for, and whether they are unread ones.

    These are the others with something unread, those of the community `here` first, as its list is what shows; if
    there are none, the channels of that list.
    """
    communities = sorted(store.communities.values(), key=lambda each: each.id != here)
    unread = [
        each
        for community in communities
        for each in community.channels.values()
        if each.id != current and each.badge.sign != "none"
    ]
    community = store.communities.get(here) if here is not None else None
    return (unread, True) if unread else (list(community.channels.values()) if community else [], False)


def rank(channel: ChannelState) -> int:
    """Rank a channel by its unread: 0 for mentions, 1 for direct messages, 2 for unread, 3 for the rest."""
    badge = channel.badge
    if badge.sign == "none":
        return 3
    if channel.channel.kind == "direct":
        return 1
    return 0 if badge.sign == "mention" else 2


def best_next(store: Store, current: str | None) -> ChannelState | None:
    """Find the channel to read next: with a mention, else a direct message, else something unread."""
    ranked = [(rank(each), each) for each in channels_of(store) if each.id != current and each.badge.sign != "none"]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def next_community(store: Store, current: str | None, direction: int) -> CommunityState | None:
    """Find the community before or after the current one, around the end."""
    communities = list(store.communities.values())
    index = next((index for index, each in enumerate(communities) if each.id == current), None)
    if not communities:
        return None
    return communities[0] if index is None else communities[(index + direction) % len(communities)]


def first_channel(community: CommunityState, visited: Sequence[str]) -> ChannelState | None:
    """Find the channel to begin with in a community: the last visited, else `general`, else its first."""
    for channel_id in visited:
        if channel_id in community.channels:
            return community.channels[channel_id]
    channels = list(community.channels.values())
    return next((each for each in channels if each.channel.name == "general"), channels[0] if channels else None)
