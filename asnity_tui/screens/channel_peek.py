"""A peek into a channel: its messages in a timeline that opens nothing and marks nothing as read."""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec import structs
from textual.screen import Screen

from asnity_tui.client.sync.catch_up import Peek
from asnity_tui.client.sync.session import Session
from asnity_tui.state.rows import SENT, Row
from asnity_tui.widgets.timeline.layout import RenderContext
from asnity_tui.widgets.timeline.view import TimelineView

from .pending import PendingRequests, why_not_loaded
from .worker_errors import start_worker

A_MOMENT = 0.12
"""Seconds for which a channel has to be wanted before it is looked into."""


class ChannelPeek:
    """Loads the messages of the channel that is wanted, and shows them."""

    def __init__(
        self, screen: Screen[Any], session: Session, render_context: RenderContext, requests: PendingRequests
    ) -> None:
        """`screen` is what loading goes on for."""
        self.view = TimelineView(render_context, id="peek")
        self._screen = screen
        self._session = session
        self._render_context = render_context
        self._requests = requests
        self._loaded: dict[str, Peek] = {}
        self._wanted: str | None = None

    def show(self, channel_id: str | None) -> None:
        """Show a channel, once it stays wanted; None shows nothing."""
        self._wanted = channel_id
        if channel_id is None:
            self._screen.workers.cancel_group(self._screen, "peek")
            self._show_nothing("")
        elif channel_id in self._loaded:
            self._show(channel_id, self._loaded[channel_id])
        else:
            start_worker(self._screen, "peek", self._load, channel_id, exclusive=True)

    def forget(self) -> None:
        """Load every channel anew when it is wanted again."""
        self._loaded.clear()

    def scroll(self, direction: int) -> None:
        """Scroll by about a screenful."""
        self.view.scroll_relative(y=direction * max(1, self.view.scroll_position.page - 1), animate=False)

    async def _load(self, channel_id: str) -> None:
        if self.view.channel_id != channel_id:
            await asyncio.sleep(A_MOMENT)
            self._show_nothing(why_not_loaded(self._session.connection.status))
        look = self._session.catch_up.peek(channel_id)
        peek = await self._requests.answer(look, "", refused=self._refused)
        if peek is None:
            return
        self._loaded[channel_id] = peek
        if channel_id == self._wanted:
            self._show(channel_id, peek)

    def _refused(self, told: str, _: object) -> None:
        self.view.empty_text = told

    def _show_nothing(self, why: str) -> None:
        self.view.empty_text = why
        self.view.show("", (), has_older=False, new_after=None)

    def _show(self, channel_id: str, peek: Peek) -> None:
        if self.view.channel_id == channel_id and len(self.view.rows.items) == len(peek.messages):
            return
        known = {each.id: each for each in peek.messages}
        self.view.set_context(structs.replace(self._render_context, message_of=known.get))
        self.view.empty_text = ""
        rows = [Row(f"m{each.id}", each, SENT, None) for each in peek.messages]
        first = peek.first_unread
        rule = first - 1 if first is not None else None
        seen = peek.messages[-1].id if peek.messages else 0
        if self.view.channel_id == channel_id and self.view.rows.items:
            self.view.update(rows, has_older=False)  # more was loaded: whoever has looked further stays there
            return
        self.view.show(channel_id, rows, has_older=False, new_after=rule, at=first, seen=seen)
