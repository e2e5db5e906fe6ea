"""The store of communities, channels and people: applies answers and events, and returns what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import UNSET

from asnity_server.protocol import times
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.events import CommunityAdded, CommunityRemoved, SessionEnded
from asnity_server.protocol.models import Counters, Message, Wire
from asnity_server.protocol.responses import (
    ChangesPage,
    ChannelEntry,
    CommunityEntry,
    CommunityOverview,
    JoinAnswer,
    MessagePage,
    Overview,
)

from .changes import (
    NOTHING,
    Change,
    Changes,
    ChannelChanged,
    CommunitiesChanged,
    CommunityChanged,
    CommunityLive,
    EntryFailed,
    NeedChanges,
    NeedCommunity,
    NeedCompare,
    NeedMembers,
    NeedOverview,
    PresenceChanged,
)
from .channel import ChannelState
from .community import CommunityState
from .events import COMMUNITY_HANDLERS, added, ended, removed
from .knowledge import Knowledge, time_of
from .outbox_entry import WaitReason
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


class Joining(msgspec.Struct, frozen=True):
    """A `join` that is under way: what was known before it was asked."""

    community_id: str
    tops: dict[str, int]
    revs: dict[str, int]
    rev: int
    whole: bool
    """All my channels are compared, not some."""


class Store(Knowledge):
    """The state of one account on one server. Widgets read; only the session changes it.

    Every method that takes in something answers what changed, and what is to be asked because of it.
    """

    # Events

    def apply_event(self, community_id: str | None, name: str, payload: Wire, now: int) -> Changes:
        """Something the server told by itself, at `now` (milliseconds); None: in the person's own namespace."""
        if community_id is None:
            return self._apply_own(payload)
        community = self.communities.get(community_id)
        if community is None:
            return NOTHING
        if community.held_back is not None:
            community.hold_back(name, payload)
            return NOTHING
        handler = COMMUNITY_HANDLERS.get(name)
        return NOTHING if handler is None else handler(self, community, payload, now)

    def _apply_own(self, payload: Wire) -> Changes:
        match payload:
            case CommunityAdded():
                return added(self, payload)
            case CommunityRemoved():
                return removed(self, payload)
            case SessionEnded():
                return ended(payload)
            case _:
                return NOTHING

    # Overviews

    def apply_overview(self, overview: Overview, *, asked_at: int) -> Changes:
        """Everything that paints the sidebar; `asked_at` is `serial` as it was when the question was put."""
        if asked_at != self.serial:
            return (NeedOverview(),)
        self.me = overview.user
        anew = self.enter_generation(overview.generation)
        changes: dict[Change, None] = dict.fromkeys(anew)
        changes.update(dict.fromkeys(self.learn_users(None, overview.users)))
        told = {entry.community.id: entry for entry in overview.communities}
        for community_id in [each for each in self.communities if each not in told]:
            changes.update(dict.fromkeys(self.lose_community(community_id, None)))
        for entry in told.values():
            changes.update(dict.fromkeys(self._members_to_ask(entry)))
            community = self.add_community(entry.community, entry.role)
            community.muted_until = time_of(entry.muted_until)
            changes.update(dict.fromkeys(self._apply_entry(community, entry, anew=bool(anew))))
        self.communities = {each: self.communities[each] for each in told}
        return (*changes, *self.fail_restored(), *self.fail_strays(), CommunitiesChanged())

    def apply_community(self, overview: CommunityOverview, *, asked_at: int) -> Changes:
        """One community's part; `asked_at` is the community's `serial` when the question was put."""
        community = self.communities.get(overview.community.id)
        if community is None:
            return NOTHING
        if asked_at != community.serial:
            return (NeedCommunity(community.id),)
        changes = self.learn_users(community, overview.users) + self._members_to_ask(overview)
        self.add_community(overview.community, overview.role)
        community.muted_until = time_of(overview.muted_until)
        return changes + self._apply_entry(community, overview)

    def _members_to_ask(self, entry: CommunityEntry) -> Changes:
        """The questions for who is in a community that has taken steps which we weren't told, and in its channels."""
        known = self.communities.get(entry.community.id)
        if known is None or known.community.rev == entry.community.rev:
            return NOTHING
        return (*((NeedMembers(known.id),) if known.members is not None else ()), *known.people_to_ask())

    def _apply_entry(self, community: CommunityState, entry: CommunityEntry, *, anew: bool = False) -> Changes:
        changes: list[Change] = []
        told = {each.channel.id for each in entry.channels}
        for channel_id in [each for each in community.channels if each not in told]:
            changes += self.lose_channel(community, channel_id, None)
        for each in entry.channels:
            known = each.channel.id in community.channels
            channel = community.put(each.channel, muted=each.muted, counters=each.counters)
            changes.append(ChannelChanged(channel.id))
            if known and anew:
                changes += channel.start_over(each.counters) + channel.show(self.outbox.of_channel(channel.id))
            elif known:
                changes += channel.apply_counters(each.counters, ordered=False)
            elif community.joined:
                changes += channel.ask_again()
        community.sort()  # once: a community may have any number of channels
        return (*changes, CommunityChanged(community.id))

    def overview(self) -> Overview | None:
        """Return the overview that paints the sidebar, to be remembered; None before anything is known."""
        if self.me is None:
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
            for community in self.communities.values()
        )
        named = {
            each for c in self.communities.values() for s in c.channels.values() for each in s.channel.members or ()
        }
        users = {each: self.users[each] for each in sorted(named) if each in self.users}
        return Overview(user=self.me, users=users, communities=communities, generation=self.generation)

    # Joining

    def begin_join(self, community_id: str, channel_ids: Iterable[str] | None = None) -> Joining | None:
        """A `join` is about to be asked: for everything, or for the counters of some channels.

        The community's events are held back until `apply_join` or `abort_join`, one of which must follow. None if the
        community is gone.
        """
        community = self.communities.get(community_id)
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

    def apply_join(self, joining: Joining, answer: JoinAnswer, now: int) -> Changes:
        """The acknowledgement: its counters are the truth; events that were held back follow beyond them."""
        community = self.communities.get(joining.community_id)
        if community is None:
            return NOTHING
        changes: list[Change] = list(self.learn_users(community, answer.users))
        strange = bool(answer.refused)
        if answer.generation not in ("", self.generation):
            changes.append(NeedOverview())
        for told in answer.joined:
            channel = community.channels.get(told.channel_id)
            if channel is None:
                strange = True
            else:
                changes += self._compare(channel, told, joining, again=community.compared)
        if joining.whole:
            there = {each.channel_id for each in answer.joined}
            strange |= any(each not in there for each in joining.revs)
            strange |= answer.rev > community.community.rev or answer.rev < joining.rev
            changes += () if community.joined else community.people_to_ask()  # who came and went meanwhile isn't told
            community.joined = community.compared = True
            community.presence = {}
            community.update_presence(answer.presence)
            changes += (PresenceChanged(community.id), CommunityChanged(community.id), CommunityLive(community.id))
            changes += self.show(*self.outbox.release(community.id))
        changes += self._let_go(community, now)
        if strange:
            changes.append(NeedCommunity(community.id))
        return tuple(dict.fromkeys(changes))

    def _compare(self, channel: ChannelState, told: Counters, joining: Joining, *, again: bool) -> Changes:
        if told.rev < joining.revs.get(channel.id, 0):
            # nothing that was known before the question can be newer than its answer, but for a server that was
            # put back to an older state
            return channel.start_over(told) + channel.show(self.outbox.of_channel(channel.id))
        if again and told.read_id < channel.counters.read_id:
            # set back elsewhere while nobody could tell us: what is on the screen must not read it again at once
            channel.drop_reading()
            channel.marked_unread = True
        channel.trust_answer(told.rev, asked_at=joining.tops.get(channel.id, 0))
        return channel.apply_counters(told, ordered=True, back=True)

    def abort_join(self, joining: Joining, now: int) -> Changes:
        """There was no acknowledgement: what was held back follows as it is."""
        community = self.communities.get(joining.community_id)
        return NOTHING if community is None else self._let_go(community, now)

    def _let_go(self, community: CommunityState, now: int) -> Changes:
        held_back, community.held_back = community.held_back or (), None
        missed, community.missed = community.missed, False
        changes: list[Change] = [NeedCompare(community.id)] if missed else []
        for name, payload in held_back:
            changes += self.apply_event(community.id, name, payload, now)
        return tuple(changes)

    def disconnected(self, community_id: str | None = None, *, reason: WaitReason = "offline") -> Changes:
        """There is no connection (None: to anything): nothing is live, and what is unsent waits."""
        changes: list[Change] = []
        for community in self.communities.values():
            if community_id in (None, community.id):
                community.joined = False
                community.held_back, community.missed = None, False
                community.presence = {}
                changes += (PresenceChanged(community.id), CommunityChanged(community.id))
        if community_id is None:
            changes += self.show(*self.outbox.hold_back(reason))
        return tuple(changes)

    # Timelines

    def open_timeline(self, channel_id: str, *, rev: int = 0, messages: Sequence[Message] = ()) -> Changes:
        """A channel is opened, with what is remembered of it as of `rev`; what is missing is to be asked for."""
        channel = self.channel(channel_id)
        if channel is None or channel.timeline is not None:
            return NOTHING
        community = self.communities[channel.channel.community_id]
        if not messages or (community.joined and rev > channel.counters.rev):
            # (what is remembered beyond the server's rev is from before it was put back to an older state)
            channel.open_timeline()
        else:
            channel.open_timeline(rev).restore(messages)
        return (
            *channel.show(self.outbox.of_channel(channel_id)),
            *((NeedChanges(channel_id),) if channel.behind == "changes" else ()),
        )

    def apply_page(self, channel_id: str, page: MessagePage) -> Changes | None:
        """A page of history. None if it is older than what is held: it must be `brought_up` with `changes` first."""
        channel = self.channel(channel_id)
        if channel is None:
            return NOTHING
        changes = channel.open_page(page)
        if changes is None:
            return None
        community = self.communities[channel.channel.community_id]
        changes += self.learn_users(community, page.users)
        for message in page.messages:
            changes += self.settle_new(channel, message)
        return changes

    def plan_repair(self, channel_id: str) -> RepairPlan | None:
        """Plan the requests that bring a channel's timeline up to date; None if it is, or if there is none."""
        channel = self.channel(channel_id)
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

    def apply_changes(self, repair: RepairPlan, pages: Sequence[ChangesPage], reached: int) -> Changes:
        """The answers for all ranges of a repair; `reached` is the lowest rev that one of them ends at.

        Still behind afterwards, it says so; a newest page, if one is wanted, is to be loaded after this.
        """
        channel = self.channel(repair.channel_id)
        if channel is None or channel.timeline is not repair.timeline or not pages:
            return NOTHING
        community = self.communities[channel.channel.community_id]
        changes: list[Change] = []
        for page in pages:
            changes += self.learn_users(community, page.users)
        channel.trust_answer(reached, asked_at=repair.top)
        messages = [message for page in pages for message in page.messages]
        counters = max((page.counters for page in pages), key=lambda each: each.rev)
        changes += channel.repair(messages, repair.ranges, reached, counters)
        for message in messages:
            changes += self.settle_new(channel, message)
        return tuple(dict.fromkeys(changes))

    # My own writing

    def apply_ack(self, nonce: str, message: Message) -> Changes:
        """The server confirmed what this nonce stands for; `message` is as it stands now."""
        channel = self.channel(message.channel_id)
        if channel is None:
            return self.settle(nonce)
        changes = channel.apply_step(message)
        if message.nonce == nonce:
            changes += channel.keep_own(message)
        return changes + self.settle(nonce)

    def apply_copy(self, message: Message) -> Changes:
        """The server answered with a message as it stands now, after what I did to it."""
        channel = self.channel(message.channel_id)
        if channel is None:
            return NOTHING
        changes = channel.apply_step(message)
        is_held = channel.timeline is not None and channel.timeline.find(message.id) is not None
        return changes + (channel.keep_own(message) if is_held else NOTHING)

    def apply_refusal(self, nonce: str, error: ErrorInfo, now: int) -> Changes:
        """The server refused it, for good or for now."""
        entry = self.outbox.refuse(nonce, error, now)
        if entry is None:
            return NOTHING
        return (*((EntryFailed(nonce),) if entry.state == "failed" else ()), *self.show(entry))


def brought_up(page: MessagePage, changes: Sequence[ChangesPage]) -> MessagePage:
    """A page of history with all that changed since it was read (`changes` since its rev, its ids and those behind)."""
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
