"""Reconciles the store with the server: by overviews of everything, and by joins, which compare counters."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import UNSET

from asnity_server.protocol import times
from asnity_server.protocol.models import Counters
from asnity_server.protocol.responses import ChannelEntry, CommunityEntry, CommunityOverview, JoinAnswer, Overview

from .changes import (
    NOTHING,
    Change,
    Changes,
    ChannelUpdated,
    CommunitiesChanged,
    CommunityChanged,
    CommunityLive,
    NeedCommunity,
    NeedCompare,
    NeedMembers,
    NeedOverview,
    PresenceChanged,
)
from .channel import ChannelState
from .community import CommunityState
from .events import apply_event
from .outbox_entry import WaitReason
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


class Joining(msgspec.Struct, frozen=True):
    """A `join` that is under way: what was known before it was asked."""

    community_id: str
    tops: dict[str, int]
    revs: dict[str, int]
    rev: int
    whole: bool
    """All my channels are compared, not some."""


def begin_join(store: Store, community_id: str, channel_ids: Iterable[str] | None = None) -> Joining | None:
    """Begin a `join`: for everything, or for the counters of some channels.

    The community's events are held back until `apply_join` or `abort_join`, one of which must follow. None if the
    community is gone.
    """
    community = store.communities.get(community_id)
    if community is None:
        return None
    if community.held_back is None:
        community.held_back = []
    return Joining(
        community_id=community_id,
        tops={each.id: each.top for each in community.channels.values()},
        revs={each.id: each.known_rev for each in community.channels.values()},
        rev=community.community.rev,
        whole=channel_ids is None,
    )


def apply_join(store: Store, joining: Joining, answer: JoinAnswer, now: int) -> Changes:
    """Apply the acknowledgement: its counters are the truth; events that were held back follow beyond them."""
    community = store.communities.get(joining.community_id)
    if community is None:
        return NOTHING
    changes: list[Change] = list(store.learn_users(community, answer.users))
    strange = bool(answer.refused)
    if answer.generation not in ("", store.generation):
        changes.append(NeedOverview())
    for told in answer.joined:
        channel = community.channels.get(told.channel_id)
        if channel is None:
            strange = True
        else:
            changes += _compare(store, channel, told, joining, again=community.compared)
    if joining.whole:
        there = {each.channel_id for each in answer.joined}
        strange |= any(each not in there for each in joining.revs)
        strange |= answer.rev > community.community.rev or answer.rev < joining.rev
        changes += () if community.joined else community.people_to_ask()  # who came and went meanwhile isn't told
        community.joined = community.compared = True
        community.presence = {}
        community.update_presence(answer.presence)
        changes += (PresenceChanged(community.id), CommunityChanged(community.id), CommunityLive(community.id))
        changes += store.show(*store.outbox.release(community.id))
    changes += _let_go(store, community, now)
    if strange:
        changes.append(NeedCommunity(community.id))
    return tuple(dict.fromkeys(changes))


def _compare(store: Store, channel: ChannelState, told: Counters, joining: Joining, *, again: bool) -> Changes:
    if told.rev < joining.revs.get(channel.id, 0):
        # nothing that was known before the question can be newer than its answer, but for a server that was
        # put back to an older state
        return channel.start_over(told) + channel.show(store.outbox.of_channel(channel.id))
    if again and told.read_id < channel.counters.read_id:
        # set back elsewhere while nobody could tell us: what is on the screen must not read it again at once
        channel.drop_reading()
        channel.marked_unread = True
    channel.trust_answer(told.rev, asked_at=joining.tops.get(channel.id, 0))
    return channel.apply_counters(told, ordered=True, back=True)


def abort_join(store: Store, joining: Joining, now: int) -> Changes:
    """Apply the events that were held back, as there was no acknowledgement."""
    community = store.communities.get(joining.community_id)
    return NOTHING if community is None else _let_go(store, community, now)


def _let_go(store: Store, community: CommunityState, now: int) -> Changes:
    held_back, community.held_back = community.held_back or (), None
    missed, community.missed = community.missed, False
    changes: list[Change] = [NeedCompare(community.id)] if missed else []
    for name, payload in held_back:
        changes += apply_event(store, community.id, name, payload, now)
    return tuple(changes)


def disconnect(store: Store, community_id: str | None = None, *, reason: WaitReason = "offline") -> Changes:
    """Note that there is no connection (None: to anything): nothing is live, and unsent entries wait."""
    changes: list[Change] = []
    for community in store.communities.values():
        if community_id in (None, community.id):
            community.joined = False
            community.held_back, community.missed = None, False
            community.presence = {}
            changes += (PresenceChanged(community.id), CommunityChanged(community.id))
    if community_id is None:
        changes += store.show(*store.outbox.hold_back(reason))
    return tuple(changes)
