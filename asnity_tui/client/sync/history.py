"""Message history: loads pages in every direction, and what changed while nothing came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from asnity_server.protocol import ids, limits, requests, routes, times
from asnity_server.protocol.errors import AsnityError, Forbidden, NotFound, Unavailable
from asnity_server.protocol.responses import ChangesPage, MessagePage
from asnity_tui.client.error_text import error_text
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.state.changes import NeedCommunity, TimelineChanged
from asnity_tui.state.history import apply_changes, apply_page, brought_up, plan_repair
from asnity_tui.state.rows import Gap
from asnity_tui.state.store import Store
from asnity_tui.state.timeline import Timeline

from .link import Link
from .publisher import Publisher

REPAIR_AT_ONCE = 2
"""Channels that aren't on the screen and are repaired at the same time."""

CHANGES_MAX = 60
"""Answers of `changes` in a row for one range; beyond it something is wrong."""


class HistoryLoader:
    """Loads pages and repairs timelines; one thing at a time for each channel."""

    def __init__(self, link: Link, store: Store, publisher: Publisher) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher
        self._locks: dict[str, asyncio.Lock] = {}
        self._loading: dict[tuple[str, str], asyncio.Task[None]] = {}
        self.refused: dict[str, str] = {}
        """Why what is missing in a channel wasn't told the last time, in words; it is asked for again by itself."""
        self._background = asyncio.Semaphore(REPAIR_AT_ONCE)

    # Pages

    async def load_older(self, channel_id: str) -> None:
        """The page before the first held message; who asks while it is on its way waits for the same."""
        await self._once(channel_id, "older", lambda: self._older(channel_id))

    async def load_newer(self, channel_id: str) -> None:
        """The page behind the last held message."""
        await self._once(channel_id, "newer", lambda: self._newer(channel_id))

    async def load_gap(self, channel_id: str, gap: Gap, *, forward: bool = False) -> None:
        """The newest page of a gap, or (`forward`) the oldest."""
        if forward:
            await self._once(channel_id, f"behind {gap.after_id}", lambda: self._page(channel_id, after=gap.after_id))
        else:
            await self._once(channel_id, f"gap {gap.before_id}", lambda: self._page(channel_id, before=gap.before_id))

    async def jump_to_newest(self, channel_id: str) -> None:
        """Make sure that the newest messages are held."""
        await self._once(channel_id, "newest", lambda: self._newest(channel_id))

    async def jump_to(self, channel_id: str, message_id: int) -> bool:
        """Make sure that a message and those around it are held; False if there is no such message."""
        timeline = self._timeline(channel_id)
        if timeline is None:
            return False
        timeline.look(message_id, message_id)
        if timeline.find(message_id) is None:
            async with self._lock(channel_id):
                await self._page(channel_id, around=message_id)
        timeline = self._timeline(channel_id)
        return timeline is not None and timeline.find(message_id) is not None

    async def jump_to_date(self, channel_id: str, moment: int) -> int | None:
        """The first message at or behind `moment`, else the newest, held with those around it; None without any."""
        async with self._lock(channel_id):
            request, generation = self._at(channel_id, moment), self._store.generation
            page = await self._link.call(routes.HISTORY, request)
            behind = (each.id for each in page.messages if times.from_wire(each.created_at) >= moment)
            found = next(behind, page.messages[-1].id if page.messages else None)
            timeline = self._timeline(channel_id)
            if timeline is not None and found is not None:
                timeline.look(found, found)
            await self._take(channel_id, page, generation)
        return found

    def _at(self, channel_id: str, moment: int) -> requests.History:
        return requests.History(channel_id=channel_id, limit=limits.PAGE, at=times.to_wire(moment))

    async def _once(self, channel_id: str, what: str, load: Callable[[], Awaitable[None]]) -> None:
        """Load; who asks for the same while it is on its way waits for it."""
        key = (channel_id, what)
        task = self._loading.get(key)
        if task is None:
            task = self._loading[key] = asyncio.create_task(self._locked(channel_id, load))
            task.add_done_callback(lambda done: self._loaded(key, done))
        await asyncio.shield(task)

    def _loaded(self, key: tuple[str, str], done: asyncio.Task[None]) -> None:
        del self._loading[key]
        if not done.cancelled():
            done.exception()  # whoever still waits for it is told; if nobody does, it is of no interest

    async def end(self) -> None:
        """Stop loading."""
        loading = list(self._loading.values())
        for task in loading:
            task.cancel()
        await asyncio.gather(*loading, return_exceptions=True)

    async def _locked(self, channel_id: str, load: Callable[[], Awaitable[None]]) -> None:
        async with self._lock(channel_id):
            await load()

    async def _older(self, channel_id: str) -> None:
        timeline = self._timeline(channel_id)
        if timeline is None or not timeline.has_older:
            return
        if timeline.oldest_id is None:
            await self._page(channel_id)
        else:
            await self._page(channel_id, before=timeline.oldest_id)

    async def _newer(self, channel_id: str) -> None:
        timeline = self._timeline(channel_id)
        if timeline is not None and timeline.has_newer:
            await self._page(channel_id, after=timeline.newest_id)

    async def _newest(self, channel_id: str) -> None:
        timeline = self._timeline(channel_id)
        if timeline is not None:
            timeline.stop_looking()
            if timeline.has_newer or not timeline.loaded:
                await self._page(channel_id)

    def look_at(self, channel_id: str, first_id: int, last_id: int) -> None:
        """Take in which messages are on the screen: what is far from them may be dropped."""
        timeline = self._timeline(channel_id)
        if timeline is not None:
            timeline.look(first_id, last_id)

    def _timeline(self, channel_id: str) -> Timeline | None:
        channel = self._store.channel(channel_id)
        return None if channel is None else channel.timeline

    def _lock(self, channel_id: str) -> asyncio.Lock:
        return self._locks.setdefault(channel_id, asyncio.Lock())

    async def _page(self, channel_id: str, **where: Any) -> None:
        """Ask for a page, and for what changed since it was read where that can't be mended otherwise."""
        request, generation = (
            requests.History(channel_id=channel_id, limit=limits.PAGE, **where),
            self._store.generation,
        )
        await self._take(channel_id, await self._link.call(routes.HISTORY, request), generation)

    async def _take(self, channel_id: str, page: MessagePage, generation: str) -> None:
        for _ in range(5):
            if generation != self._store.generation:
                return  # the server was restored meanwhile: what it was asked before is void, and asked for anew
            changes = apply_page(self._store, channel_id, page)
            if changes is not None:
                return self._publisher.publish(changes)
            page = await self._bring_up(channel_id, page)
        raise Unavailable("This channel changes faster than it can be loaded.")

    async def _bring_up(self, channel_id: str, page: MessagePage) -> MessagePage:
        last = page.messages[-1].id if page.has_newer else limits.MAX_INTEGER
        changes = await self._changes(channel_id, page.rev, page.messages[0].id, last)
        return brought_up(page, changes)

    async def _changes(self, channel_id: str, since: int, first: int, last: int) -> list[ChangesPage]:
        """All that changed in an id range since a rev."""
        pages: list[ChangesPage] = []
        for _ in range(CHANGES_MAX):
            request = requests.Changes(channel_id=channel_id, since=since, from_=first, to=last)
            pages.append(await self._link.call(routes.CHANGES, request))
            if not pages[-1].more or pages[-1].rev <= since:
                return pages
            since = pages[-1].rev
        raise Unavailable("This channel changes faster than it can be loaded.")

    # Repair

    async def repair(self, channel_id: str, *, on_screen: bool) -> bool:
        """Bring a timeline up to date; False if it is to be tried again. What isn't on the screen waits its turn."""
        if on_screen:
            return await self._repair(channel_id)
        async with self._background:
            return await self._repair(channel_id)

    async def _repair(self, channel_id: str) -> bool:
        try:
            async with self._lock(channel_id):
                await self._ask_missing(channel_id)
        except (NotFound, Forbidden):
            self._publisher.publish((NeedCommunity(ids.community_of(channel_id)),))
            return True
        except AsnityError as error:
            self.refused[channel_id] = error_text(error)
            self._publisher.publish((TimelineChanged(channel_id),))
            return False
        except (NoAnswer, Unreachable):
            return False
        self.refused.pop(channel_id, None)
        return True

    async def _ask_missing(self, channel_id: str) -> None:
        repair = plan_repair(self._store, channel_id)
        if repair is None:
            return
        pages: list[ChangesPage] = []
        ends: list[int] = []
        for first, last in repair.ranges:
            answers = await self._changes(channel_id, repair.since, first, last)
            pages += answers
            ends.append(answers[-1].rev)
        if ends:
            self._publisher.publish(apply_changes(self._store, repair, pages, min(ends)))
        if repair.newest:
            await self._page(channel_id)
