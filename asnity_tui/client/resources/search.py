"""Search for messages: turns a typed query into requests, and hits into results that can be shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, tzinfo

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from asnity_server.protocol import ids, limits, requests, routes, times
from asnity_server.protocol.lazy_patterns import LazyPattern
from asnity_server.protocol.models import Channel, Message
from asnity_server.protocol.responses import SearchHit
from asnity_tui.client.sync.link import Link
from asnity_tui.client.sync.publisher import Publisher
from asnity_tui.state.completion import search_query
from asnity_tui.state.completion.search_query import QueryError, SearchQuery
from asnity_tui.state.store import Store

HITS = 20
"""How many are asked for at once."""

_MARKED = LazyPattern("\x02([^\x02\x03]*)\x03")


class SearchResult(msgspec.Struct, frozen=True):
    """A message that was found. Its texts are as others wrote them: not harmless yet."""

    message: Message
    channel: Channel
    title: str
    """The channel's name; of a direct channel the people in it."""
    community: str
    """The community's name."""
    sender: str
    parts: tuple[tuple[str, bool], ...]
    """The text around what was found, in one line; True marks what was looked for."""
    mine: bool
    """I am in the channel; if not, it must be joined before it can be opened."""


class FoundMessages(msgspec.Struct, frozen=True):
    """The results that a search has brought so far, newest first."""

    query: SearchQuery
    hits: tuple[SearchResult, ...]
    more: bool
    """There may be more: ask with `more`."""


class MessageSearch:
    """Runs one search at a time: a later one, or `cancel`, outdates the one before."""

    def __init__(self, link: Link, store: Store, publisher: Publisher, here: Callable[[], str | None]) -> None:
        """`here` answers the channel on the screen: its community goes first where a channel's name is ambiguous."""
        self._link = link
        self._store = store
        self._publisher = publisher
        self._here = here
        self._serial = 0
        self._found: FoundMessages | None = None
        self._request: requests.Search | None = None
        self._cursor: str | None = None

    async def find(self, text: str, *, today: date, zone: tzinfo | None = None) -> FoundMessages | None:
        """Search; None if another search was begun (or this one cancelled) meanwhile. Asks the server.

        Days begin at midnight in `zone` (None: this machine's). Without any word, filters alone say what is listed;
        without those nothing is found. Raises `search_query.QueryError` for a filter that means nothing.
        """
        self.cancel()
        asked = search_query.parse(text)
        if asked.says_nothing:
            return FoundMessages(asked, (), False)
        self._request = self._understood(asked, today, zone)
        self._found, self._cursor = FoundMessages(asked, (), True), None
        return await self._page()

    async def more(self) -> FoundMessages | None:
        """The same with the next page behind; None if it is outdated. Asks the server."""
        if self._found is None or not self._found.more:
            return self._found
        self._serial += 1
        return await self._page()

    def cancel(self) -> None:
        """Outdate the search that is under way."""
        self._serial += 1
        self._found = self._request = self._cursor = None

    async def _page(self) -> FoundMessages | None:
        serial, found, request = self._serial, self._found, self._request
        if found is None or request is None:
            return None
        answer = await self._link.call(routes.SEARCH, replace(request, cursor=self._cursor))
        if serial != self._serial:
            return None
        self._publisher.publish(self._store.learn_users(None, answer.users))
        self._cursor = None if answer.cursor is UNSET else answer.cursor
        hits = found.hits + tuple(self._hit(each) for each in answer.results)
        self._found = FoundMessages(found.query, hits, self._cursor is not None)
        return self._found

    def _understood(self, asked: SearchQuery, today: date, zone: tzinfo | None) -> requests.Search:
        if len(asked.words) > limits.QUERY:
            raise QueryError(f"A search can have at most {limits.QUERY} characters.", 0, 0)
        here, person = self._here(), asked.filter("from")
        community, place = asked.filter("community"), asked.filter("in")
        within = search_query.community_of(self._store, community).id if community is not None else None
        channel = None
        if place is not None:
            near = ids.community_of(here) if here is not None else None
            channel = search_query.channel_of(self._store, place, within=within, here=near)
        moments = {}
        for name in ("before", "after"):
            day = asked.filter(name)
            if day is not None:
                begins = datetime.combine(search_query.day_of(day, today), time.min, zone)
                moments[name] = times.to_wire(round(begins.timestamp() * 1000))
        return requests.Search(
            q=asked.words,
            community_id=within,
            channel_id=channel.id if channel is not None else None,
            sender_id=search_query.person_of(self._store, person) if person is not None else None,
            before=moments.get("before"),
            after=moments.get("after"),
            limit=HITS,
        )

    def _hit(self, found: SearchHit) -> SearchResult:
        community = self._store.communities.get(found.channel.community_id)
        return SearchResult(
            message=found.message,
            channel=found.channel,
            title=self._store.title(found.channel),
            community=community.community.name if community is not None else "",
            sender=self._store.name_of(found.message.sender_id),
            parts=parts_of(found.snippet),
            mine=self._store.channel(found.channel.id) is not None,
        )


def parts_of(snippet: str) -> tuple[tuple[str, bool], ...]:
    """A snippet's text, and which parts of it were looked for."""
    parts: list[tuple[str, bool]] = []
    at = 0
    for marked in _MARKED.finditer(snippet):
        parts += [(snippet[at : marked.start()], False), (marked[1], True)]
        at = marked.end()
    parts.append((snippet[at:], False))
    bare = ((re.sub("[\x02\x03]", "", text), is_hit) for text, is_hit in parts)
    return tuple((text, is_hit) for text, is_hit in bare if text)
