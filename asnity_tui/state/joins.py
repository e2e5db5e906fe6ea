"""Joins communities: holds their events back until the answer is here, and compares it with what is known."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from asnity_server.protocol.models import Counters
from asnity_server.protocol.responses import JoinAnswer

from .changes import (
    NOTHING,
    Change,
    Changes,
    CommunityChanged,
    CommunityLive,
    NeedCommunity,
    NeedCompare,
    NeedOverview,
    PresenceChanged,
)
from .channel import ChannelState
from .community import CommunityState
from .events import apply_event
from .outbox_entry import WaitReason
from .store import Store


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
