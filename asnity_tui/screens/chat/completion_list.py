"""Offers what completes the word that is being written: people, channels, commands, emoji."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import TextArea

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.list_pane import ListPane

from .closed_channel import ClosedChannel
from .compose_modes import Editing, Replying
from .compose_warnings import Remarks

if TYPE_CHECKING:
    from asnity_tui.commands.slash_offers import Command
    from asnity_tui.state.completion.emoji_names import EmojiNames

    from .autocomplete import Completing


class Offering(ClosedChannel, part=True):
    """The composer with a list of what may be meant above it."""

    def __init__(self, session: Session, requests: PendingRequests, *, clock: Clock, zone: tzinfo | None) -> None:
        super().__init__(session, requests, clock=clock, zone=zone)
        self.mode: Replying | Editing | None = None
        self._names: EmojiNames | None = None
        self.names_wanted = False
        """An emoji's name was typed while the names weren't loaded yet."""
        self.composer.named = self._named
        self.offers = ListPane(id="offers")
        self.remark = Remarks(session, zone=zone, want_people=self._want_people, want_members=self._want_members)
        self._completing: Completing | None = None
        self._people_asked: set[str] = set()

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self.view
        yield self.typing_line
        yield self.offers
        yield self.remark
        yield self.note
        yield self.composer

    @property
    def completing(self) -> Completing:
        """What is offered for the word that is being written; made when something is first written."""
        if self._completing is None:
            from .autocomplete import Completing  # late: see `_load_late`

            self._completing = Completing(
                self.session,
                self.composer,
                self.offers,
                channel=lambda: self.channel,
                now=self.now,
                commands=self._commands_offered,
                names=self._names_if_loaded,
                want_members=self._want_members,
                want_people=self._want_people,
            )
        return self._completing

    def _commands_offered(self) -> Sequence[Command]:
        """Slash commands that I may use here; none in an edit."""
        from asnity_tui.commands.slash_commands import offered  # late: see above

        from .lookup import Finding  # late: it is made of this

        screen = self.screen
        return offered(screen) if isinstance(screen, Finding) and not isinstance(self.mode, Editing) else ()

    def offer(self) -> None:
        """The text or the cursor changed."""
        if self.composer.text or self._completing is not None:
            self.completing.look()

    async def emoji_names(self) -> EmojiNames:
        """Short names of emoji, loaded in a thread when they are first needed."""
        if self._names is None:
            from asnity_tui.state.completion.emoji_names import EmojiNames  # late: see `_load_late`

            self._names = await asyncio.to_thread(EmojiNames.load)
        return self._names

    def _names_if_loaded(self) -> EmojiNames | None:
        if self._names is None:
            self._load_names()
        return self._names

    @work(group="names", exclusive=True, exit_on_error=False)
    async def _load_names(self) -> None:
        names = await self.emoji_names()
        if self.names_wanted:
            self.names_wanted = False
            text, at = self.composer.text, self.composer.at
            if names.replace(text) != text:
                self.composer.exchange(names.replace(text), len(names.replace(text[:at])))
        self.completing.look()

    def _named(self, text: str) -> tuple[int, str] | None:
        """The emoji whose name a text ends with, and where that begins."""
        from asnity_tui.state.completion.emoji_names import may_end_with_one  # late: see `_load_late`

        if not may_end_with_one(text):
            return None
        names = self._names_if_loaded()
        self.names_wanted |= names is None
        return names.ending(text) if names is not None else None

    def _want_members(self, community_id: str) -> None:
        self._want(community_id, self.session.load_members)

    def _want_people(self, channel_id: str) -> None:
        self._want(channel_id, self.session.load_people)

    def _want(self, where: str, load: Callable[[str], Awaitable[None]]) -> None:
        """Have people loaded; where that is refused, not again until there is another connection or channel."""
        if where not in self._people_asked and self.session.connection.status == "online":
            self._people_asked.add(where)
            self.run_worker(self._load_people(where, load), group="people", exit_on_error=False)

    async def _load_people(self, where: str, load: Callable[[str], Awaitable[None]]) -> None:
        if await self.load(load(where)):
            self._people_asked.discard(where)
        self.completing.look()
        self.say_typing()

    def say_typing(self) -> None:
        """Who is typing, whether I may write, and what there is to say of what I wrote."""
        super().say_typing()
        if self.channel is not None:
            self._let_write(self.channel)
        self.remark.look(self.channel, self.composer.text, now=self.now())

    @on(TextArea.SelectionChanged)
    def _moved(self) -> None:
        self.offer()

    @on(Composer.Complete)
    def _complete(self, event: Composer.Complete) -> None:
        if event.act == "close":
            self.completing.close()
        elif event.act in ("word", "word-before"):
            self.completing.turn(1 if event.act == "word" else -1)
        else:
            self.completing.move(1 if event.act == "next" else -1)

    def take_offer(self) -> bool:
        """Put what is offered into the text; False if nothing is."""
        return self.completing.take()

    @on(ListPane.Chosen, "#offers")
    def _offer_chosen(self, event: ListPane.Chosen) -> None:
        event.stop()
        self.completing.take(int(event.key))
        self.composer.focus()
