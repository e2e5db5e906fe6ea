"""Applies overviews of the server: my communities and channels, with what is gone and what came."""

from __future__ import annotations

from msgspec import UNSET

from asnity_server.protocol import times
from asnity_server.protocol.responses import ChannelEntry, CommunityEntry, CommunityOverview, Overview

from .changes import (
    NOTHING,
    Change,
    Changes,
    ChannelUpdated,
    CommunitiesChanged,
    CommunityChanged,
    NeedCommunity,
    NeedMembers,
    NeedOverview,
)
from .community import CommunityState
from .store import Store, time_of


def apply_overview(store: Store, overview: Overview, *, asked_at: int) -> Changes:
    """Apply everything that paints the sidebar; `asked_at` is the `serial` when it was requested."""
    if asked_at != store.serial:
        return (NeedOverview(),)
    store.me = overview.user
    anew = store.enter_generation(overview.generation)
    changes: dict[Change, None] = dict.fromkeys(anew)
    changes.update(dict.fromkeys(store.learn_users(None, overview.users)))
    told = {entry.community.id: entry for entry in overview.communities}
    for community_id in [each for each in store.communities if each not in told]:
        changes.update(dict.fromkeys(store.lose_community(community_id, None)))
    for entry in told.values():
        changes.update(dict.fromkeys(_members_to_ask(store, entry)))
        community = store.add_community(entry.community, entry.role)
        community.muted_until = time_of(entry.muted_until)
        changes.update(dict.fromkeys(_apply_entry(store, community, entry, anew=bool(anew))))
    store.communities = {each: store.communities[each] for each in told}
    return (*changes, *store.fail_restored(), *store.fail_strays(), CommunitiesChanged())


def apply_community(store: Store, overview: CommunityOverview, *, asked_at: int) -> Changes:
    """Apply one community's part; `asked_at` is the community's `serial` when it was requested."""
    community = store.communities.get(overview.community.id)
    if community is None:
        return NOTHING
    if asked_at != community.serial:
        return (NeedCommunity(community.id),)
    changes = store.learn_users(community, overview.users) + _members_to_ask(store, overview)
    store.add_community(overview.community, overview.role)
    community.muted_until = time_of(overview.muted_until)
    return changes + _apply_entry(store, community, overview)


def _members_to_ask(store: Store, entry: CommunityEntry) -> Changes:
    """The questions for who is in a community that has taken steps which we weren't told, and in its channels."""
    known = store.communities.get(entry.community.id)
    if known is None or known.community.rev == entry.community.rev:
        return NOTHING
    return (*((NeedMembers(known.id),) if known.members is not None else ()), *known.people_to_ask())


def _apply_entry(store: Store, community: CommunityState, entry: CommunityEntry, *, anew: bool = False) -> Changes:
    changes: list[Change] = []
    told = {each.channel.id for each in entry.channels}
    for channel_id in [each for each in community.channels if each not in told]:
        changes += store.lose_channel(community, channel_id, None)
    for each in entry.channels:
        known = each.channel.id in community.channels
        channel = community.put(each.channel, muted=each.muted, counters=each.counters)
        changes.append(ChannelUpdated(channel.id))
        if known and anew:
            changes += channel.start_over(each.counters) + channel.show(store.outbox.of_channel(channel.id))
        elif known:
            changes += channel.apply_counters(each.counters, ordered=False)
        elif community.joined:
            changes += channel.ask_again()
    community.sort()  # once: a community may have any number of channels
    return (*changes, CommunityChanged(community.id))


def current_overview(store: Store) -> Overview | None:
    """Return the overview that paints the sidebar, to be remembered; None before anything is known."""
    if store.me is None:
        return None
    communities = tuple(
        CommunityEntry(
            community=community.community,
            role=community.role,
            muted_until=times.to_wire(community.muted_until) if community.muted_until else UNSET,
            channels=tuple(
                ChannelEntry(channel=each.channel, muted=each.muted, counters=each.counters)
                for each in community.channels.values()
            ),
        )
        for community in store.communities.values()
    )
    named = {each for c in store.communities.values() for s in c.channels.values() for each in s.channel.members or ()}
    users = {each: store.users[each] for each in sorted(named) if each in store.users}
    return Overview(user=store.me, users=users, communities=communities, generation=store.generation)
