"""Repairs gaps: asks the server for what the state says is missing, once each, after a moment that may spare it."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterable

from asnity_server.protocol import ids, limits, requests, routes
from asnity_server.protocol.errors import AsnityError, Forbidden, NotFound
from asnity_tui.client.clock import Backoff, Clock
from asnity_tui.client.transport.client import REQUEST_ERRORS
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
from asnity_tui.state.reconcile import abort_join, apply_community, apply_join, begin_join
from asnity_tui.state.store import Store

from .history import HistoryLoader
from .link import Link
from .publisher import Publisher
from .tasks import Tasks

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
    """Answers the needs that the state publishes. `refresh` asks for the whole overview."""

    def __init__(
        self,
        link: Link,
        store: Store,
        publisher: Publisher,
        tasks: Tasks,
        clock: Clock,
        backoff: Backoff,
        history: HistoryLoader,
        *,
        refresh: Work,
        on_screen: Callable[[], str | None],
    ) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher
        self._tasks = tasks
        self._clock = clock
        self._backoff = backoff
        self._history = history
        self._refresh = refresh
        self._on_screen = on_screen
        self._busy: set[object] = set()
        self._people: dict[str, set[str]] = {}
        self._asked_people: set[tuple[str, str]] = set()
        needs = (NeedChanges, NeedCounters, NeedCommunity, NeedOverview, NeedUsers)
        publisher.watch(self._watch, *needs, CommunityLive, Restored)

    def _watch(self, change: Change) -> None:
        match change:
            case Restored():
                self._asked_people.clear()
            case NeedChanges(channel_id):
                self._start(change, lambda: self._repair(channel_id))
            case NeedCounters(channel_id):
                community_id = ids.community_of(channel_id)
                self._start(("counters", community_id), lambda: self._load_counters(community_id))
            case NeedCommunity(community_id):
                self._start(change, lambda: self._refresh_community(community_id))
            case NeedOverview():
                self._start(change, self._refresh_overview)
            case NeedUsers(community_id, user_ids):
                self._want_people(community_id, user_ids)
                self._start(("people", community_id), lambda: self._load_people(community_id))
            case CommunityLive(community_id) if self._people.get(community_id):
                self._start(("people", community_id), lambda: self._load_people(community_id))

    def _start(self, key: object, work: Work) -> None:
        """Begin to ask, unless the same is being asked."""
        if key not in self._busy and self._tasks.is_open:
            self._busy.add(key)
            self._tasks.start(self._work(key, work))

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
                await self._clock.sleep(GAP_WAIT)
                channel = self._store.channel(channel_id)
            if channel is None or channel.behind is None:
                return
            if channel.behind == "counters":
                return self._publisher.publish((NeedCounters(channel_id),))
            if not await self._history.repair(channel_id, on_screen=channel_id == self._on_screen()):
                if not self._is_live(ids.community_of(channel_id)):
                    return  # when it is joined again, it asks again
                await self._clock.sleep(self._backoff.pause(attempt, at_most=TRY_AGAIN_MAX))

    async def _load_counters(self, community_id: str) -> None:
        """Ask for the counters of all channels of a community that need them: a join tells them in their order."""
        for attempt in itertools.count():
            await self._clock.sleep(GAP_WAIT)
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
                answer = await self._link.ask(community_id, routes.JOIN, requests.Join(channels=behind))
            except REQUEST_ERRORS as error:
                self._publisher.publish(abort_join(self._store, joining, self._clock.now()))
                if not isinstance(error, AsnityError):
                    return  # the connection is dead; joining again tells everything
                await self._clock.sleep(self._backoff.pause(attempt, at_most=TRY_AGAIN_MAX))
            else:
                self._publisher.publish(apply_join(self._store, joining, answer, self._clock.now()))

    def _is_live(self, community_id: str) -> bool:
        community = self._store.communities.get(community_id)
        return community is not None and community.joined

    # Communities

    async def _refresh_community(self, community_id: str) -> None:
        for attempt in itertools.count():
            try:
                if await self.load_community(community_id):
                    return
            except (NotFound, Forbidden):
                return self._publisher.publish((NeedOverview(),))
            except REQUEST_ERRORS:
                if not self._is_live(community_id):
                    return  # when it is joined again, it is compared
            await self._clock.sleep(self._backoff.pause(attempt, at_most=TRY_AGAIN_MAX))

    async def load_community(self, community_id: str) -> bool:
        """Ask for one community's overview; False if an event overtook the answer. Raises as the client does."""
        community = self._store.communities.get(community_id)
        if community is None:
            return True
        asked_at = community.serial
        request = requests.OfCommunity(community_id=community_id)
        answer = await self._link.call(routes.COMMUNITY_OVERVIEW, request)
        changes = apply_community(self._store, answer, asked_at=asked_at)
        self._publisher.publish(tuple(each for each in changes if each != NeedCommunity(community_id)))
        return NeedCommunity(community_id) not in changes

    async def _refresh_overview(self) -> None:
        for attempt in itertools.count():
            number = self._link.number
            try:
                return await self._refresh()
            except REQUEST_ERRORS:
                await self._clock.sleep(self._backoff.pause(attempt, at_most=TRY_AGAIN_MAX))
            if number != self._link.number:
                return  # a new connection begins with the overview

    # People

    async def _load_people(self, community_id: str) -> None:
        """Ask who people are; those whom the server doesn't tell aren't asked for twice."""
        await self._clock.sleep(GATHER)
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
                found = await self._link.call(routes.USERS, request)
            except REQUEST_ERRORS:
                # they stay unnamed until the community is joined again, or somebody else is to be asked for
                self._want_people(community_id, unknown[start:])
                return
            if len(self._asked_people) > UNKNOWN_MAX:
                self._asked_people.clear()
            self._asked_people.update((community_id, each) for each in some if each not in found.users)
            community = self._store.communities.get(community_id)
            self._publisher.publish(self._store.learn_users(community, found.users))

    def _want_people(self, community_id: str, user_ids: Iterable[str]) -> None:
        """These people are to be asked for, as far as there aren't too many."""
        waiting = self._people.setdefault(community_id, set())
        waiting.update(itertools.islice(user_ids, max(0, UNKNOWN_MAX - len(waiting))))
