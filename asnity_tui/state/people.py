"""Presence of people, and the others in direct channels."""

from __future__ import annotations

from .channel import ChannelState
from .community import CommunityState, PresenceStatus
from .store import Store

PRESENCE_ORDER: dict[PresenceStatus, int] = {"online": 0, "away": 1, "offline": 2, "unknown": 3}
"""Who is there first."""


def presence_of(store: Store, community: CommunityState | None, user_id: str) -> PresenceStatus:
    """How present a person is in a community; without one, in the one where they are most present."""
    places = store.communities.values() if community is None else (community,)
    return min((each.presence_of(user_id) for each in places), key=PRESENCE_ORDER.__getitem__, default="unknown")


def others_in(store: Store, channel: ChannelState) -> tuple[str, ...]:
    """The others of a direct channel; myself where nobody else is in it; nobody for other channels."""
    members = channel.channel.members
    if channel.channel.kind != "direct" or not isinstance(members, tuple):
        return ()
    return tuple(each for each in members if each != store.my_id) or (store.my_id,)


def direct_presence(store: Store, channel: ChannelState) -> PresenceStatus | None:
    """The presence of the other person of a direct channel; None with several people in it, and for other channels."""
    others = others_in(store, channel)
    if len(others) != 1:
        return None
    return presence_of(store, store.communities.get(channel.channel.community_id), others[0])
