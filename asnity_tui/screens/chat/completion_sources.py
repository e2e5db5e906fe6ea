"""The lists that completion offers from, loaded when they are first needed: people, public channels, emoji."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from asnity_server.protocol.models import Channel
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import REQUEST_ERRORS
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.screens.worker_errors import start_worker
from asnity_tui.widgets.composer import Composer

if TYPE_CHECKING:
    from asnity_tui.state.completion.emoji_names import EmojiNames

LOOKED_THROUGH_MAX = 1_000
"""Channels that are looked through at most."""


class PeopleLoader:
    """Has the members of communities and the people of channels loaded into the store."""

    def __init__(
        self, host: Widget, session: Session, requests: PendingRequests, *, loaded: Callable[[], None]
    ) -> None:
        """`host` runs the loading; `loaded` is called when some were loaded, or couldn't be."""
        self._host = host
        self._session = session
        self._requests = requests
        self._loaded = loaded
        self._asked: set[str] = set()

    def want_members(self, community_id: str) -> None:
        """Have the members of a community loaded."""
        self._want(community_id, self._session.members.load)

    def want_people(self, channel_id: str) -> None:
        """Have the people of a channel loaded."""
        self._want(channel_id, self._session.members.load_channel)

    def forget(self) -> None:
        """Ask again for those who were refused: there is another connection or channel."""
        self._asked.clear()

    def _want(self, id: str, ask: Callable[[str], Awaitable[None]]) -> None:
        if id not in self._asked and self._session.connection.status == "online":
            self._asked.add(id)
            start_worker(self._host, "people", self._ask, id, ask)

    async def _ask(self, id: str, ask: Callable[[str], Awaitable[None]]) -> None:
        if await self._requests.loaded(ask(id)):
            self._asked.discard(id)
        self._loaded()


class PublicChannels:
    """Public channels that I am not in, loaded for the command that is being written, and forgotten with it."""

    def __init__(self, session: Session, owner: Widget, then: Callable[[], None]) -> None:
        """`owner` runs the loading; `then` is told when there is something."""
        self._session = session
        self._owner = owner
        self._then = then
        self._found: dict[str, Sequence[Channel]] = {}
        self._asked: set[str] = set()

    def forget(self) -> None:
        """Load them again for another command."""
        self._asked.clear()
        self._found.clear()

    def of(self, community_id: str) -> Sequence[Channel]:
        """List those of a community; none until they are loaded."""
        if community_id not in self._asked and self._session.connection.status == "online":
            self._asked.add(community_id)
            self._owner.run_worker(self._load(community_id), group="public-channels", exit_on_error=False)
        return [each for each in self._found.get(community_id, ()) if self._session.store.channel(each.id) is None]

    async def _load(self, community_id: str) -> None:
        found: list[Channel] = []
        seen = 0
        try:
            async for page in self._session.channels.pages(community_id):
                found += [each for each in page.channels if each.kind == "public" and each.id not in page.joined]
                seen += len(page.channels)
                if not page.channels or seen >= LOOKED_THROUGH_MAX:
                    break
        except REQUEST_ERRORS:
            return  # it can still be typed, and Enter says what is wrong
        self._found[community_id] = found
        self._then()


class EmojiLoader:
    """Loads the short names of emoji in a thread, and replaces those that were typed meanwhile."""

    def __init__(self, host: Widget, composer: Composer, *, loaded: Callable[[], None]) -> None:
        """`host` runs the loading; `loaded` is called after it."""
        self._host = host
        self._composer = composer
        self._loaded = loaded
        self._names: EmojiNames | None = None
        self._typed = False
        """A name was typed while the names weren't loaded yet."""

    async def names(self) -> EmojiNames:
        """Answer the names once they are loaded."""
        if self._names is None:
            from asnity_tui.state.completion.emoji_names import EmojiNames  # late: the first picture needs no emoji

            self._names = await asyncio.to_thread(EmojiNames.load)
        return self._names

    def names_if_loaded(self) -> EmojiNames | None:
        """Answer the names, or None until they are loaded, which begins then."""
        if self._names is None:
            start_worker(self._host, "names", self._load, exclusive=True)
        return self._names

    async def replace(self, text: str) -> str:
        """Replace names in a text that were typed before they were known."""
        if not self._typed:
            return text
        self._typed = False
        return (await self.names()).replace(text)

    def ending(self, text: str) -> tuple[int, str] | None:
        """Find the emoji whose name a text ends with, and where that begins."""
        from asnity_tui.state.completion.emoji_names import may_end_with_one  # late: see above

        if not may_end_with_one(text):
            return None
        names = self.names_if_loaded()
        self._typed |= names is None
        return names.ending(text) if names is not None else None

    async def _load(self) -> None:
        names = await self.names()
        if self._typed:
            self._typed = False
            text, at = self._composer.text, self._composer.at
            if names.replace(text) != text:
                self._composer.exchange(names.replace(text), len(names.replace(text[:at])))
        self._loaded()
