"""The list above the composer, and the people and emoji that it offers, loaded when they are first needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from asnity_tui.client.sync.session import Session
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.screens.worker_errors import start_worker
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.list_pane import ListPane

from .open_channel import OpenChannel

if TYPE_CHECKING:
    from asnity_tui.commands.slash import SlashOffer
    from asnity_tui.state.completion.emoji_names import EmojiNames

    from .autocomplete import Autocomplete


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


class CompletionList:
    """Owns the list and what it is filled from; the completion itself is loaded when something is first written."""

    def __init__(
        self,
        session: Session,
        channel: OpenChannel,
        composer: Composer,
        *,
        emoji: EmojiLoader,
        people: PeopleLoader,
        commands: Callable[[], Sequence[SlashOffer]],
    ) -> None:
        """`commands` answers the slash commands that are offered where the person is."""
        self.pane = ListPane(id="offers")
        self.emoji = emoji
        self.people = people
        self._session = session
        self._channel = channel
        self._composer = composer
        self._commands = commands
        self._autocomplete: Autocomplete | None = None

    @property
    def autocomplete(self) -> Autocomplete:
        """Complete words; made when something is first written."""
        if self._autocomplete is None:
            from .autocomplete import Autocomplete  # late: the first letter needn't wait for it

            self._autocomplete = Autocomplete(
                self._session,
                self._channel,
                self._composer,
                self.pane,
                names=self.emoji.names_if_loaded,
                want_members=self.people.want_members,
                want_people=self.people.want_people,
                commands=self._commands,
            )
        return self._autocomplete

    def look(self) -> None:
        """See what is to be offered: the text or the cursor changed, or more is known."""
        if self._composer.text or self._autocomplete is not None:
            self.autocomplete.look()

    def accept(self, index: int | None = None) -> bool:
        """Put what is offered into the text; False if nothing is."""
        return self.autocomplete.accept(index)

    def do(self, event: Composer.Complete) -> None:
        """Do what a key in the composer says."""
        act = event.act
        if act == "close":
            self.autocomplete.close()
        elif act in ("word", "word-before"):
            self.autocomplete.turn(1 if act == "word" else -1)
        else:
            self.autocomplete.move(1 if act == "next" else -1)
