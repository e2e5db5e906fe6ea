"""Where keys lead: to the next channel, the next unread one, the best place to go on reading. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from asnity_server.protocol.text import name_key
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState
from asnity_tui.state.store import Store


def channels_of(store: Store) -> list[ChannelState]:
    """All my channels in the order of the lists."""
    return [channel for community in store.communities.values() for channel in community.channels.values()]


def neighbour(channels: Sequence[ChannelState], current: str | None, direction: int) -> ChannelState | None:
    """The channel before (-1) or behind (1) the current one, around the end."""
    if not channels:
        return None
    index = next((index for index, each in enumerate(channels) if each.id == current), None)
    if index is None:
        return channels[0 if direction > 0 else -1]
    return channels[(index + direction) % len(channels)]


def unread_neighbour(store: Store, current: str | None, direction: int) -> ChannelState | None:
    """The next or previous channel with something unread, in any community."""
    channels = [each for each in channels_of(store) if each.id == current or each.badge.sign != "none"]
    found = neighbour(channels, current, direction)
    return found if found is not None and found.id != current else None


def best_next(store: Store, current: str | None) -> ChannelState | None:
    """Where it is best to go on: a mention, else a direct message, else something unread."""
    ranked = [(rank(each), each) for each in channels_of(store) if each.id != current and each.badge.sign != "none"]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def rank(channel: ChannelState) -> int:
    """0 for mentions, 1 for direct messages, 2 for unread, 3 for the rest."""
    badge = channel.badge
    if badge.sign == "none":
        return 3
    if channel.channel.kind == "direct":
        return 1
    return 0 if badge.sign == "mention" else 2


def next_community(store: Store, current: str | None, direction: int) -> CommunityState | None:
    """The community before or behind the current one, around the end."""
    communities = list(store.communities.values())
    index = next((index for index, each in enumerate(communities) if each.id == current), None)
    if not communities:
        return None
    return communities[0] if index is None else communities[(index + direction) % len(communities)]


def first_channel(community: CommunityState, visited: Sequence[str]) -> ChannelState | None:
    """Where to begin in a community: where I was last, else `general`, else its first channel."""
    for channel_id in visited:
        if channel_id in community.channels:
            return community.channels[channel_id]
    channels = list(community.channels.values())
    return next((each for each in channels if each.channel.name == "general"), channels[0] if channels else None)


@dataclass(frozen=True, slots=True)
class Goal:
    """A line of the quick switch."""

    channel: ChannelState
    community: CommunityState
    title: str


def goals(store: Store, query: str, visited: Sequence[str]) -> list[Goal]:
    """Channels whose name has all words of `query`; without one, unread first (mentions before), then recent ones."""
    words = [name_key(word.removeprefix("#")) for word in query.split()]
    found = []
    for community in store.communities.values():
        for channel in community.channels.values():
            goal = Goal(channel, community, store.title_of(channel))
            text = name_key(f"{goal.title} {community.community.name}")
            if all(word in text for word in words):
                found.append(goal)
    recent = {channel_id: place for place, channel_id in enumerate(visited)}

    def order(goal: Goal) -> tuple[int, int, int, str]:
        title = name_key(goal.title)
        fits = 0 if words and title.startswith(words[0]) else 1
        return (fits if words else 0, rank(goal.channel), recent.get(goal.channel.id, len(recent)), title)

    return sorted(found, key=order)
