"""Mending asks what still holds for those who sit here, after the stream broke, and repairs what doesn't."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Any

from asnity_server import bus
from asnity_server.backend import Backend
from asnity_server.bus import Change, Commit, CommittedWork, Outcome
from asnity_server.mend import CHANNELS, PEOPLE, SEATS, SLICE, MendAnswer, MendedCommunity, MendRequest, SeatedCommunity
from asnity_server.protocol.ids import USER_NAMESPACE, community_of, community_of_namespace, namespace_of
from asnity_server.protocol.responses import JoinAnswer

from .dispatcher import Dispatcher
from .rooms import MEMBERS, Membership, Rooms, channel_of_room, room_of_channel, room_of_user

log = logging.getLogger(__name__)


class ToldRevs:
    """Remembers up to which rev each community and channel was told here."""

    def __init__(self) -> None:
        self._revs: dict[str, dict[str, int]] = {}
        """By community, the revs of its channels; its own under its own id."""

    def __len__(self) -> int:
        return sum(map(len, self._revs.values()))

    def note(self, commit: Commit) -> None:
        """Remember what a commit tells."""
        for work in commit.works:
            for change in work.changes:
                self._note_change(change)
            if isinstance(work.outcome.value, JoinAnswer):
                self._note_join(work.outcome.value)

    def _note_change(self, change: Any) -> None:
        match change:
            case (
                bus.MessagePosted(message=message)
                | bus.MessageEdited(message=message)
                | bus.MessageDeleted(message=message)
                | bus.ReactionsChanged(message=message)
            ):
                self._raise(community_of(message.channel_id), message.channel_id, message.rev)
            case bus.ChannelEntered(channel=channel, counters=counters):
                self._raise(channel.community_id, channel.id, counters.rev)
            case bus.ChannelStored(channel=channel, rev=int(rev)):
                self._raise(channel.community_id, channel.community_id, rev)
            case bus.ChannelDeleted(channel_id=channel_id, rev=int(rev)):
                self._raise(community_of(channel_id), community_of(channel_id), rev)
            case bus.MemberUpdated(community_id=community_id, rev=rev):
                self._raise(community_id, community_id, rev)
            case bus.CommunityUpdated(community=community):
                self._raise(community.id, community.id, community.rev)

    def _note_join(self, answer: JoinAnswer) -> None:
        community_id = ""
        for joined in answer.joined:
            community_id = community_of(joined.channel_id)
            self._raise(community_id, joined.channel_id, joined.rev)
        if community_id:
            self._raise(community_id, community_id, answer.rev)

    def _raise(self, community_id: str, key: str, rev: int) -> None:
        revs = self._revs.get(community_id)
        if revs is None:
            revs = self._revs[community_id] = {}
        if revs.get(key, -1) < rev:
            revs[key] = rev

    def of(self, community_id: str) -> dict[str, int]:
        """Return the revs of a community and its channels. Not to be changed."""
        return self._revs.get(community_id, {})

    def set_to(self, community_id: str, key: str, rev: int) -> None:
        """Remember what is told by a mend."""
        if rev < 0:
            self._revs.get(community_id, {}).pop(key, None)
        else:
            self._revs.setdefault(community_id, {})[key] = rev

    def keep_only(self, community_ids: AbstractSet[str]) -> None:
        """Forget all other communities."""
        for community_id in self._revs.keys() - community_ids:
            del self._revs[community_id]


@dataclass(slots=True)
class _Round:
    """The questions that are asked once something is missing."""

    left: int
    done: Callable[[bool], None]
    failed: bool = False


class Mending:
    """Asks what still holds for everybody who has a seat here, and brings their rooms and their views to it."""

    def __init__(self, rooms: Rooms, dispatcher: Dispatcher, backend: Backend) -> None:
        self._rooms = rooms
        self._dispatcher = dispatcher
        self._backend = backend
        self.revs = ToldRevs()
        self._expelled: set[tuple[str, str]] = set()
        """Who was told that they are no member any more, and of which community, until everything is mended."""
        self._round: _Round | None = None
        self.mends = 0
        """Times that it was begun."""
        self.resyncs = 0
        """Sockets that were told to compare."""

    def begin(self, *, since: int, done: Callable[[bool], None]) -> None:
        """Ask; `since` is the API's time (milliseconds) of the last commit up to which everything was told.

        `done` is called with whether all of it was answered, unless this is begun once more before.
        """
        self.mends += 1
        people = sorted({each.user_id for each in self._rooms.in_namespace(USER_NAMESPACE)})
        communities = [each for each in map(self._seated, self._rooms.namespaces()) if each is not None]
        asked = [MendRequest(since, some) for some in _by_seats(communities)]
        asked += [MendRequest(since, (), tuple(people[at : at + PEOPLE])) for at in range(0, len(people), PEOPLE)]
        self._round = _Round(len(asked), done)
        for request in asked:
            self._backend.mend(request, partial(self._answered, self._round))
        if not asked:
            done(True)

    def reset(self) -> None:
        """Forget all that was told, of a history that isn't the one any more."""
        self._round = None
        self._expelled.clear()
        self.revs.keep_only(frozenset())

    def _answered(self, round_: _Round, outcome: Outcome[Any]) -> None:
        if outcome.error is None:
            self._mended(outcome.get())
        else:
            log.warning("it is not known what still holds here: %s", outcome.error)
        round_.left -= 1
        round_.failed |= outcome.error is not None
        if not round_.left and round_ is self._round:
            self._round = None
            if not round_.failed:  # else the next round finds the same people gone
                self._expelled.clear()
            round_.done(not round_.failed)

    def _seated(self, namespace: str) -> SeatedCommunity | None:
        community_id = community_of_namespace(namespace)
        if community_id is None:
            return None
        memberships = self._rooms.in_namespace(namespace)
        revs = self.revs.of(community_id)
        channels = {
            channel_id
            for membership in memberships
            for room in membership.rooms
            if (channel_id := channel_of_room(room)) is not None
        }
        return SeatedCommunity(
            community_id,
            revs.get(community_id, -1),
            tuple(sorted({each.user_id for each in memberships})),
            {channel_id: revs.get(channel_id, -1) for channel_id in sorted(channels)},
        )

    def _mended(self, answer: MendAnswer) -> None:
        for community in answer.communities:
            self._repair(community)
        self._carry_out([bus.CommunityExited(*each) for each in answer.lost if each[:2] not in self._expelled])
        self._carry_out([bus.CommunityEntered(*each) for each in answer.gained])

    def _repair(self, mended: MendedCommunity) -> None:
        community_id, revs = mended.community_id, self.revs.of(mended.community_id)
        namespace = namespace_of(community_id)
        moved = [room_of_channel(channel_id) for channel_id in mended.moved]
        rooms = set(moved)
        self._carry_out(
            [bus.CommunityExited(user_id, community_id, reason) for user_id, reason in mended.expelled.items()]
        )
        self._expelled.update((user_id, community_id) for user_id in mended.expelled)
        if mended.rev != revs.get(community_id, -1):
            rooms.add(MEMBERS)
        for user_id in mended.allowed:
            allowed = mended.allowed_to(user_id)
            changed = [self._move(each, allowed) for each in self._rooms.of_user(user_id, namespace)]
            if any(changed):
                rooms.add(room_of_user(user_id))
        self._carry_out([bus.ChannelMuted(channel_id, user_id, muted) for user_id, channel_id, muted in mended.marked])
        rooms |= {room_of_user(user_id) for user_id, _, _ in mended.marked}
        self._carry_out([bus.ChannelStored(channel, None) for channel in mended.changed])
        self.resyncs += self._dispatcher.resync(namespace, rooms)
        for key, rev in {**mended.moved, community_id: mended.rev}.items():
            self.revs.set_to(community_id, key, rev)

    def _move(self, membership: Membership, allowed: set[str]) -> bool:
        """Let a connection into the rooms that it may be in, and out of the others; returns whether any changed."""
        inside = {channel_id for room in membership.rooms if (channel_id := channel_of_room(room)) is not None}
        for channel_id in inside - allowed:
            self._dispatcher.leave_channel(membership, channel_id)
        if inside:  # who hasn't joined yet will be told by the answer
            for channel_id in allowed - inside:
                self._dispatcher.enter_channel(membership, channel_id)
        return bool(inside) and inside != allowed

    def _carry_out(self, changes: Sequence[Change]) -> None:
        if changes:
            self._dispatcher.receive(Commit(0, (CommittedWork(changes, Outcome(None), _nobody),)))


def _nobody(outcome: Outcome[Any]) -> None:
    """Take an answer that nobody waits for."""


def _by_seats(communities: Sequence[SeatedCommunity]) -> Iterator[tuple[SeatedCommunity, ...]]:
    """Go through communities in slices of about as much work."""
    slice_: list[SeatedCommunity] = []
    seats = channels = 0
    for community in communities:
        slice_.append(community)
        seats += len(community.users)
        channels += len(community.channels)
        if len(slice_) == SLICE or seats >= SEATS or channels >= CHANNELS:
            yield tuple(slice_)
            slice_, seats, channels = [], 0, 0
    if slice_:
        yield tuple(slice_)
