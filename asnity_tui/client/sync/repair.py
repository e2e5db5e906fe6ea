"""Putting the questions that the state asks for: once each, after a moment where that may spare them."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterable

from asnity_server.protocol import ids, limits, requests, routes
from asnity_server.protocol.errors import AsnityError, Forbidden, NotFound
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.state.changes import (
    Change,
    CommunityLive,
    NeedChanges,
    NeedCommunity,
    NeedCounters,
    NeedOverview,
    NeedUsers,
    Restored,
)
from asnity_tui.state.joins import abort_join, apply_join, begin_join
from asnity_tui.state.overviews import apply_community

from .context import Context
from .history import HistoryLoader

GAP_WAIT = 0.5
"""Seconds in which a missing step may still come by itself (its acknowledgement may be on its way)."""

GATHER = 0.05
"""Seconds in which people that are named are gathered for one question."""

UNKNOWN_MAX = 10_000
"""People of a community who wait to be asked for, and people of all whom nobody knows; beyond it they stay unnamed."""

TRY_AGAIN_MAX = 30.0
"""Seconds at most between two attempts at a question that was refused for a passing reason."""

Work = Callable[[], Awaitable[None]]


class Repair:
    """Answers the needs that the store tells. `refresh` asks for the whole overview."""

    def __init__(self, context: Context, history: HistoryLoader, *, refresh: Work, on_screen: Callable[[], str | None]):
        self._context = context
        self._store = context.store
        self._history = history
        self._refresh = refresh
        self._on_screen = on_screen
        self._busy: set[object] = set()
        self._people: dict[str, set[str]] = {}
        self._asked_people: set[tuple[str, str]] = set()
        needs = (NeedChanges, NeedCounters, NeedCommunity, NeedOverview, NeedUsers)
        context.watch(self._watch, *needs, CommunityLive, Restored)

    def _watch(self, change: Change) -> None:
        match change:
            case Restored():
                self._asked_people.clear()
            case NeedChanges(channel_id):
                self._start(change, lambda: self._repair(channel_id))
            case NeedCounters(channel_id):
                community_id = ids.community_of(channel_id)
                self._start(("counters", community_id), lambda: self._count(community_id))
            case NeedCommunity(community_id):
                self._start(change, lambda: self._look_at(community_id))
            case NeedOverview():
                self._start(change, self._look_around)
            case NeedUsers(community_id, user_ids):
                self._wait_for(community_id, user_ids)
                self._start(("people", community_id), lambda: self._meet(community_id))
            case CommunityLive(community_id) if self._people.get(community_id):
                self._start(("people", community_id), lambda: self._meet(community_id))

    def _start(self, key: object, work: Work) -> None:
        """Begin to ask, unless the same is being asked."""
        if key not in self._busy and self._context.is_running:
            self._busy.add(key)
            self._context.tasks.start(self._work(key, work))

    async def _work(self, key: object, work: Work) -> None:
        try:
            await work()
        finally:
            self._busy.discard(key)

    # Channels

    async def _repair(self, channel_id: str) -> None:
        """Ask for what is missing, again and again until nothing is."""
        for attempt in itertools.count():
            channel = self._store.channel(channel_id)
            if channel is not None and channel.behind and (attempt or channel.holds_back):
                await self._context.clock.sleep(GAP_WAIT)
                channel = self._store.channel(channel_id)
            if channel is None or channel.behind is None:
                return
            if channel.behind == "counters":
                return self._context.tell((NeedCounters(channel_id),))
            if not await self._history.repair(channel_id, on_screen=channel_id == self._on_screen()):
                if not self._is_live(ids.community_of(channel_id)):
                    return  # when it is joined again, it asks again
                await self._context.clock.sleep(self._context.pause(attempt, at_most=TRY_AGAIN_MAX))

    async def _count(self, community_id: str) -> None:
        """Ask for the counters of all channels of a community that need them: a join tells them in their order."""
        for attempt in itertools.count():
            await self._context.clock.sleep(GAP_WAIT)
            community = self._store.communities.get(community_id)
            if community is None or not community.joined:
                return
            counters = (each.id for each in community.channels.values() if each.behind == "counters")
            behind = tuple(itertools.islice(counters, limits.IDS))  # the next time, the rest
            if not behind:
                return
            joining = begin_join(self._store, community_id, behind)
            if joining is None:
                return
            try:
                answer = await self._context.ask(community_id, routes.JOIN, requests.Join(channels=behind))
            except (AsnityError, NoAnswer, Unreachable) as error:
                self._context.tell(abort_join(self._store, joining, self._context.clock.now()))
                if not isinstance(error, AsnityError):
                    return  # the line is dead; joining again tells everything
                await self._context.clock.sleep(self._context.pause(attempt, at_most=TRY_AGAIN_MAX))
            else:
                self._context.tell(apply_join(self._store, joining, answer, self._context.clock.now()))

    def _is_live(self, community_id: str) -> bool:
        community = self._store.communities.get(community_id)
        return community is not None and community.joined

    # Communities

    async def _look_at(self, community_id: str) -> None:
        for attempt in itertools.count():
            try:
                if await self.look_at(community_id):
                    return
            except (NotFound, Forbidden):
                return self._context.tell((NeedOverview(),))
            except (AsnityError, NoAnswer, Unreachable):
                if not self._is_live(community_id):
                    return  # when it is joined again, it is compared
            await self._context.clock.sleep(self._context.pause(attempt, at_most=TRY_AGAIN_MAX))

    async def look_at(self, community_id: str) -> bool:
        """Ask for one community's overview; False if an event overtook the answer. Raises as the client does."""
        community = self._store.communities.get(community_id)
        if community is None:
            return True
        asked_at = community.serial
        request = requests.OfCommunity(community_id=community_id)
        answer = await self._context.call(routes.COMMUNITY_OVERVIEW, request)
        changes = apply_community(self._store, answer, asked_at=asked_at)
        self._context.tell(tuple(each for each in changes if each != NeedCommunity(community_id)))
        return NeedCommunity(community_id) not in changes

    async def _look_around(self) -> None:
        for attempt in itertools.count():
            line = self._context.line
            try:
                return await self._refresh()
            except (AsnityError, NoAnswer, Unreachable):
                await self._context.clock.sleep(self._context.pause(attempt, at_most=TRY_AGAIN_MAX))
            if line != self._context.line:
                return  # a new connection begins with the overview

    # People

    async def _meet(self, community_id: str) -> None:
        """Ask who people are; those whom the server doesn't tell aren't asked for twice."""
        await self._context.clock.sleep(GATHER)
        wanted = self._people.pop(community_id, set())
        unknown = [
            each
            for each in sorted(wanted)
            if each not in self._store.users and (community_id, each) not in self._asked_people
        ]
        for start in range(0, len(unknown), limits.IDS):
            some = unknown[start : start + limits.IDS]
            request = requests.UsersById(community_id=community_id, ids=",".join(some))
            try:
                found = await self._context.call(routes.USERS, request)
            except (AsnityError, NoAnswer, Unreachable):
                # they stay unnamed until the community is joined again, or somebody else is to be asked for
                self._wait_for(community_id, unknown[start:])
                return
            if len(self._asked_people) > UNKNOWN_MAX:
                self._asked_people.clear()
            self._asked_people.update((community_id, each) for each in some if each not in found.users)
            community = self._store.communities.get(community_id)
            self._context.tell(self._store.learn_users(community, found.users))

    def _wait_for(self, community_id: str, user_ids: Iterable[str]) -> None:
        """These people are to be asked for, as far as there aren't too many."""
        waiting = self._people.setdefault(community_id, set())
        waiting.update(itertools.islice(user_ids, max(0, UNKNOWN_MAX - len(waiting))))
