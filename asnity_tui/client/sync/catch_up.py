"""Catch-up with unread messages: peeks at them, marks them as read, and takes that back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.models import Message
from asnity_server.protocol.responses import MessagePage
from asnity_tui.state import catch_up
from asnity_tui.state.catch_up import CatchUpItem
from asnity_tui.state.store import Store

from .link import Link
from .publisher import Publisher
from .read_markers import ReadMarkers

LOADED = 40
"""Items whose messages are asked for; of those behind them, only the counts are shown."""

AT_ONCE = 4
"""Requests at the same time."""

PAGES = 3
"""Pages in which the mentions of one channel are looked for, from the first unread message on."""

BEFORE = 3
"""Read messages that a peek shows before the first unread one."""


class Peek(msgspec.Struct, frozen=True):
    """Some messages of a channel, oldest first; whoever wrote them is known."""

    messages: tuple[Message, ...]
    first_unread: int | None
    """The first of them that is unread."""


class MarkedRead(msgspec.Struct, frozen=True):
    """The read markers that marking as read changed."""

    marks: tuple[tuple[str, int], ...]
    """Channels, and up to where each was read before."""
    generation: str = ""
    """Of which generation of the server they are."""


class CatchUpLoader:
    """Loads what is unread; nothing here opens a channel."""

    def __init__(self, link: Link, store: Store, publisher: Publisher, read_markers: ReadMarkers) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher
        self._read_markers = read_markers

    def items(self) -> tuple[CatchUpItem, ...]:
        """Everything that is unread, at once, without the messages."""
        return catch_up.items(self._store)

    async def load(self) -> tuple[CatchUpItem, ...]:
        """The same with what is worth a look in each of the first 40; asks the server.

        Those are the mentions and direct messages (at most 20 of a channel), and the first 3 of what else is unread.
        """
        limit = asyncio.Semaphore(AT_ONCE)

        async def loaded(item: CatchUpItem) -> CatchUpItem:
            async with limit:
                return replace(item, messages=await self._messages(item))

        found = self.items()
        return (*await asyncio.gather(*map(loaded, found[:LOADED])), *found[LOADED:])

    async def _messages(self, item: CatchUpItem) -> tuple[Message, ...]:
        """What is worth a look in one item; nothing where the server refuses that (the channel may be gone)."""
        channel, me = self._store.channel(item.channel_id), self._store.my_id
        if channel is None:
            return ()
        found = catch_up.held(item, channel, me)
        if found is not None:
            return found
        kept: list[Message] = []
        after, most = channel.read_id, catch_up.most(item)
        try:
            for _ in range(PAGES if item.kind == "mention" else 1):
                page = await self._page(item.channel_id, after, limits.PAGE_MAX if item.kind == "mention" else most * 2)
                kept += [each for each in page.messages if catch_up.wanted(item, each, me)]
                if len(kept) >= min(most, item.mentions or most) or not page.has_newer or not page.messages:
                    break
                after = page.messages[-1].id
        except AsnityError:
            pass  # what was found until then is shown; opening the channel says what is wrong with it
        return tuple(kept[:most])

    async def peek(self, channel_id: str, *, limit: int = 50) -> Peek:
        """The unread messages of a channel, with a few before them; marks nothing as read. Asks the server."""
        channel = self._store.channel(channel_id)
        read_id = channel.read_id if channel is not None else 0
        page = await self._page(channel_id, max(read_id - BEFORE, 0), limit)
        unread = (each.id for each in page.messages if each.id > read_id)
        return Peek(page.messages, next(unread, None))

    async def _page(self, channel_id: str, after: int, limit: int) -> MessagePage:
        request = requests.History(channel_id=channel_id, after=after, limit=min(limit, limits.PAGE_MAX))
        page = await self._link.call(routes.HISTORY, request)
        channel = self._store.channel(channel_id)
        if channel is not None:
            community = self._store.communities[channel.channel.community_id]
            self._publisher.publish(self._store.learn_users(community, page.users))
        return page

    # Marking

    def mark_read(self, channel_ids: Iterable[str]) -> MarkedRead:
        """Everything in these channels is read; answers what `undo` needs."""
        marks: list[tuple[str, int]] = []
        for channel_id in channel_ids:
            channel = self._store.channel(channel_id)
            if channel is not None and channel.read_id < channel.counters.last_id:
                marks.append((channel_id, channel.read_id))
                self._read_markers.read_all(channel_id)
        return MarkedRead(tuple(marks), self._store.generation)

    def mark_all(self) -> MarkedRead:
        """Everything in the list is read."""
        return self.mark_read(each.channel_id for each in self.items())

    async def undo(self, undo: MarkedRead) -> None:
        """Unread again, as it was; asks the server where it knows by now.

        Nothing is left to undo where the server was restored meanwhile.
        """
        if undo.generation != self._store.generation:
            return
        for channel_id, read_id in undo.marks:
            await self._read_markers.unread_again(channel_id, read_id)
