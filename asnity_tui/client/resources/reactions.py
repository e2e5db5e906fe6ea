"""Reactions: an emoji of mine under a message, and the people who set one."""

from __future__ import annotations

from typing import TypeAlias

from asnity_server.protocol import ids, limits, requests, routes
from asnity_server.protocol.responses import Reactors
from asnity_tui.client.sync.link import Link
from asnity_tui.client.sync.preferences import Preferences
from asnity_tui.client.sync.publisher import Publisher
from asnity_tui.client.sync.tasks import Tasks
from asnity_tui.client.transport.client import REQUEST_ERRORS
from asnity_tui.state.events import apply_copy
from asnity_tui.state.store import Store

from .paging import Pages

REACTORS_MAX = 5_000
"""People who are listed at most for one emoji."""

Reaction: TypeAlias = tuple[str, int, str]
"""A channel, a message, an emoji."""


class ReactionsApi:
    """`react` returns at once; `reactors` asks the server and raises as the client does."""

    def __init__(self, link: Link, store: Store, publisher: Publisher, tasks: Tasks, preferences: Preferences) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher
        self._tasks = tasks
        self._preferences = preferences
        self._wishes: dict[Reaction, bool] = {}

    def react(self, channel_id: str, message_id: int, emoji: str, on: bool) -> None:
        """Put an emoji of mine under a message, or take it back: it shows at once, and goes again if it is refused."""
        channel = self._store.channel(channel_id)
        if channel is None or not self._tasks.is_open:
            return
        if on:
            self._preferences.used_emoji(emoji)
        reaction = (channel_id, message_id, emoji)
        is_under_way = reaction in self._wishes
        self._wishes[reaction] = on
        self._publisher.publish(channel.react(message_id, emoji, on))
        if not is_under_way:
            self._tasks.start(self._react(reaction))

    async def _react(self, reaction: Reaction) -> None:
        """Ask, and again if the person has changed their mind meanwhile: one request at a time for each reaction."""
        channel_id, message_id, emoji = reaction
        asked = None
        try:
            while asked != self._wishes[reaction]:
                asked = self._wishes[reaction]
                request = requests.React(channel_id=channel_id, chat_id=message_id, emoji=emoji, on=asked)
                answer = await self._link.ask(ids.community_of(channel_id), routes.REACT, request)
                self._publisher.publish(apply_copy(self._store, answer.chat_info))
        except REQUEST_ERRORS as error:
            self._publisher.notice(error)
        finally:
            del self._wishes[reaction]
            channel = self._store.channel(channel_id)
            if channel is not None:
                self._publisher.publish(channel.react(message_id, emoji, None))

    async def reactors(self, channel_id: str, message_id: int, emoji: str) -> tuple[str, ...]:
        """Ids of those who set an emoji under a message (5,000 at most), who did so first before the others."""
        community = self._store.communities.get(ids.community_of(channel_id))

        async def fetch(cursor: str | None) -> Reactors:
            request = requests.OfReactionPage(
                channel_id=channel_id, chat_id=message_id, emoji=emoji, limit=limits.PAGE_MAX, cursor=cursor
            )
            page = await self._link.call(routes.REACTORS, request)
            self._publisher.publish(self._store.learn_users(community, page.users))
            return page

        return tuple(await Pages(fetch).entries(lambda page: page.reactors, at_most=REACTORS_MAX))
