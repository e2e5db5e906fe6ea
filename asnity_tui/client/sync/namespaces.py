"""The namespaces of my communities: enters and joins them, compares them, and enters again what was closed."""

from __future__ import annotations

import asyncio
import itertools

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import AsnityError, NotFound, Unauthorized
from asnity_tui.client.clock import Backoff, Clock
from asnity_tui.client.transport.client import ChatClient, NoAnswer, Unreachable
from asnity_tui.state.changes import Change, CommunityLost, NeedCommunity, NeedCompare, NeedEnter, NeedOverview
from asnity_tui.state.reconcile import abort_join, apply_join, begin_join, disconnect
from asnity_tui.state.store import Store

from .link import Link
from .publisher import Publisher
from .tasks import Tasks

WAIT_MAX = 30.0
"""Seconds at most between two attempts to enter a namespace."""

COMPARE_AGAIN = 10_000
"""Milliseconds within which all is compared only once."""

ENTER_AT_ONCE = 8
"""Namespaces that are entered at the same time."""

RESYNC_WITHIN = 2.0
"""Seconds over which clients that are all told to compare spread their questions."""


class Namespaces:
    """Keeps a namespace connected for each community of mine, without one touching the others."""

    def __init__(
        self,
        client: ChatClient,
        link: Link,
        store: Store,
        publisher: Publisher,
        tasks: Tasks,
        clock: Clock,
        backoff: Backoff,
    ) -> None:
        self._client = client
        self._link = link
        self._store = store
        self._publisher = publisher
        self._tasks = tasks
        self._clock = clock
        self._backoff = backoff
        self._joining: set[str] = set()
        self._compared_at = 0
        publisher.watch(self._watch, NeedEnter, NeedCompare, CommunityLost)

    # For the connection

    async def enter_all(self) -> None:
        """Enter and join everything, on a new connection.

        A community that refuses is tried again beside all else; raises `NoAnswer`, `Unreachable` or `Unauthorized`
        where it is the connection that fails.
        """
        self._compared_at = self._clock.now()
        limit = asyncio.Semaphore(ENTER_AT_ONCE)

        async def enter(community_id: str) -> None:
            async with limit:
                await self._enter(community_id)

        mine = list(self._store.communities)
        results = await asyncio.gather(*map(enter, mine), return_exceptions=True)
        for community_id, result in zip(mine, results, strict=True):
            if isinstance(result, AsnityError) and not isinstance(result, Unauthorized):
                self._tasks.start(self._enter_again(community_id))
            elif result is not None:
                raise result

    def enter_missing(self) -> None:
        """Enter what isn't connected, now that it is known what is mine."""
        for community in list(self._store.communities.values()):
            if self._link.is_up and not community.joined and community.id not in self._joining:
                self._tasks.start(self._enter_new(community.id))

    def lost(self, community_id: str) -> None:
        """The server closed a namespace: I was removed, or it is to be entered again."""
        self._link.namespace_closed(community_id)
        self._joining.discard(community_id)
        self._publisher.publish(disconnect(self._store, community_id))
        self._tasks.start(self._enter_again(community_id))

    def clear(self) -> None:
        """There is no connection any more."""
        self._joining.clear()

    def compare_all(self) -> None:
        """Compare all communities, unless that has just been done."""
        now = self._clock.now()
        if self._link.is_up and now - self._compared_at > COMPARE_AGAIN:
            self._compared_at = now
            for community_id in self._store.communities:
                self._tasks.start(self._compare(community_id))

    # Needs

    def _watch(self, change: Change) -> None:
        match change:
            case NeedEnter(community_id):
                if self._link.is_up:
                    self._tasks.start(self._enter_new(community_id))
            case NeedCompare(community_id):
                self._tasks.start(self._compare(community_id, RESYNC_WITHIN))
            case CommunityLost(community_id):
                self._link.namespace_closed(community_id)
                self._joining.discard(community_id)
                if self._link.is_up:
                    self._tasks.start(self._client.exit(community_id))

    # Entering

    async def _enter(self, community_id: str) -> None:
        """Enter a community's namespace and join; raises as the client does."""
        community = self._store.communities.get(community_id)
        if community is not None and not community.joined:
            await self._join(community_id, enter=True)

    async def _join(self, community_id: str, *, enter: bool) -> None:
        link, number = self._link, self._link.number
        joining = None if community_id in self._joining else begin_join(self._store, community_id)
        if joining is None:
            return
        self._joining.add(community_id)
        try:
            if enter:
                await self._client.enter(community_id)
            answer = await link.ask(community_id, routes.JOIN, requests.Join())
        except BaseException:
            if number == link.number:
                self._publisher.publish(abort_join(self._store, joining, self._clock.now()))
            raise
        finally:
            if number == link.number:
                self._joining.discard(community_id)
        if link.holds(number):
            self._publisher.publish(apply_join(self._store, joining, answer, self._clock.now()))

    async def _enter_new(self, community_id: str) -> None:
        """Enter what has become mine, and look at what is in it."""
        try:
            await self._enter(community_id)
        except (NoAnswer, Unreachable):
            return  # the connection is dead; coming back, it enters everything
        except AsnityError:
            return await self._enter_again(community_id)
        self._publisher.publish((NeedCommunity(community_id),))

    async def _enter_again(self, community_id: str) -> None:
        """Enter a namespace that was refused or closed, as long as I am in the community and the connection holds."""
        link, number = self._link, self._link.number
        for attempt in itertools.count():
            await self._clock.sleep(self._backoff.pause(attempt, at_most=WAIT_MAX))
            community = self._store.communities.get(community_id)
            if not link.holds(number) or community is None or community.joined:
                return
            try:
                return await self._enter(community_id)
            except NotFound:
                return self._publisher.publish((NeedOverview(),))
            except (NoAnswer, Unreachable):
                if not link.holds(number):
                    return
            except AsnityError as error:
                if not attempt:
                    self._publisher.notice(error)

    # Comparing

    async def _compare(self, community_id: str, within: float = 0.0) -> None:
        """Join again, within so many seconds, to see whether anything was missed."""
        if within:
            await self._clock.sleep(self._backoff.spread(within))
        community = self._store.communities.get(community_id)
        if not self._link.is_up or community is None or not community.joined:
            return
        try:
            await self._join(community_id, enter=False)
        except (NoAnswer, Unreachable):
            return  # the connection is dead; coming back, it compares by itself
        except NotFound:
            self._publisher.publish((NeedOverview(),))
        except AsnityError as error:
            self._publisher.notice(error)
