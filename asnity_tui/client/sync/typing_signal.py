"""Typing: tells others that I am writing, not too often."""

from __future__ import annotations

from asnity_server.protocol import ids, requests, routes
from asnity_server.protocol.limits import TYPING_EVERY
from asnity_tui.client.clock import Clock
from asnity_tui.client.transport.client import REQUEST_ERRORS
from asnity_tui.state.store import Store

from .link import Link
from .tasks import Tasks


class TypingSignal:
    """Sends what the composer sees; a signal that is lost or refused is no loss."""

    def __init__(self, link: Link, store: Store, tasks: Tasks, clock: Clock) -> None:
        self._link = link
        self._store = store
        self._tasks = tasks
        self._clock = clock
        self._typed_at: dict[str, int] = {}

    def typed(self, channel_id: str) -> None:
        """Take in that a letter was typed: others are told, at most every 3 s."""
        now = self._clock.now()
        if self._store.channel(channel_id) is None or not self._store.is_live(channel_id) or not self._tasks.is_open:
            return
        if now - self._typed_at.get(channel_id, -(10**9)) >= TYPING_EVERY * 1000:
            self._typed_at[channel_id] = now
            self._tasks.start(self._send(channel_id))

    def sent(self, channel_id: str) -> None:
        """Take in that a message was sent: the next letter is told at once."""
        self._typed_at.pop(channel_id, None)

    async def _send(self, channel_id: str) -> None:
        try:
            await self._link.ask(ids.community_of(channel_id), routes.TYPING, requests.Typing(channel_id=channel_id))
        except REQUEST_ERRORS:
            return
