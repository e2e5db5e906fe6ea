"""Loads timelines: opens them, applies pages of history, and repairs them by the changes that were missed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from asnity_server.protocol.models import Message
from asnity_server.protocol.responses import ChangesPage, MessagePage

from .changes import NOTHING, Change, Changes, NeedChanges
from .store import Store
from .timeline import IdRanges, Timeline


class RepairPlan(msgspec.Struct, frozen=True):
    """The requests that bring a timeline up to date."""

    channel_id: str
    timeline: Timeline
    since: int
    ranges: IdRanges
    """Ask `changes` for each of these."""
    newest: bool
    """Then load the newest page: nothing is held yet, or too much was missed."""
    top: int
    """The highest rev that was heard of when this was planned."""


def open_timeline(store: Store, channel_id: str, *, rev: int = 0, messages: Sequence[Message] = ()) -> Changes:
    """Open a channel with what is remembered of it as of `rev`; the rest is to be requested."""
    channel = store.channel(channel_id)
    if channel is None or channel.timeline is not None:
        return NOTHING
    community = store.communities[channel.channel.community_id]
    if not messages or (community.joined and rev > channel.counters.rev):
        # (what is remembered beyond the server's rev is from before it was put back to an older state)
        channel.open_timeline()
    else:
        channel.open_timeline(rev).restore(messages)
    return (
        *channel.show(store.outbox.of_channel(channel_id)),
        *((NeedChanges(channel_id),) if channel.behind == "changes" else ()),
    )


def apply_page(store: Store, channel_id: str, page: MessagePage) -> Changes | None:
    """Apply a page of history. None if it is older than what is held: it must be `brought_up` with `changes` first."""
    channel = store.channel(channel_id)
    if channel is None:
        return NOTHING
    changes = channel.open_page(page)
    if changes is None:
        return None
    community = store.communities[channel.channel.community_id]
    changes += store.learn_users(community, page.users)
    for message in page.messages:
        changes += store.settle_new(channel, message)
    return changes


def plan_repair(store: Store, channel_id: str) -> RepairPlan | None:
    """Plan the requests that bring a channel's timeline up to date; None if it is, or if there is none."""
    channel = store.channel(channel_id)
    if channel is None or channel.timeline is None or channel.behind != "changes":
        return None
    timeline = channel.timeline
    return RepairPlan(
        channel_id=channel_id,
        timeline=timeline,
        since=timeline.rev,
        ranges=timeline.ranges() if timeline.rev < channel.top else (),
        newest=not timeline.loaded or timeline.missed_much,
        top=channel.top,
    )


def apply_changes(store: Store, repair: RepairPlan, pages: Sequence[ChangesPage], reached: int) -> Changes:
    """Apply the answers for all ranges of a repair; `reached` is the lowest rev that one of them ends at.

    Still behind afterwards, it says so; a newest page, if one is wanted, is to be loaded after this.
    """
    channel = store.channel(repair.channel_id)
    if channel is None or channel.timeline is not repair.timeline or not pages:
        return NOTHING
    community = store.communities[channel.channel.community_id]
    changes: list[Change] = []
    for page in pages:
        changes += store.learn_users(community, page.users)
    channel.trust_answer(reached, asked_at=repair.top)
    messages = [message for page in pages for message in page.messages]
    counters = max((page.counters for page in pages), key=lambda each: each.rev)
    changes += channel.repair(messages, repair.ranges, reached, counters)
    for message in messages:
        changes += store.settle_new(channel, message)
    return tuple(dict.fromkeys(changes))


def brought_up(page: MessagePage, changes: Sequence[ChangesPage]) -> MessagePage:
    """Merge into a page of history the `changes` since its rev, of its ids and those after them."""
    messages = {each.id: each for each in page.messages}
    end = max(messages, default=0)
    for message in sorted((each for answer in changes for each in answer.messages), key=lambda each: each.id):
        if message.id in messages or (message.id == end + 1 and not page.has_newer):
            messages[message.id] = message
            end = max(end, message.id)
    users = dict(page.users)
    for answer in changes:
        users.update(answer.users)
    return MessagePage(
        messages=tuple(messages[each] for each in sorted(messages)),
        has_older=page.has_older,
        has_newer=page.has_newer,
        rev=max((answer.rev for answer in changes), default=page.rev),
        users=users,
    )
