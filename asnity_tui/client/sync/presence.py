"""Presence and typing: sends the server whether the person is at the keyboard, and that they write."""

from __future__ import annotations

from asnity_server.protocol import ids, requests, routes
from asnity_server.protocol.limits import TYPING_EVERY
from asnity_tui.client.clock import Clock
from asnity_tui.client.transport.client import REQUEST_ERRORS
from asnity_tui.state.changes import Change, CommunityLive
from asnity_tui.state.store import Store

from .link import Link
from .publisher import Publisher
from .tasks import Tasks


class Presence:
    """The server takes whoever connects for online, so only what differs from that is told."""

    def __init__(self, link: Link, publisher: Publisher, tasks: Tasks) -> None:
        self._link = link
        self._tasks = tasks
        self._idle = False
        self.away = False
        """The person says so, whatever they touch."""
        self._sent = False
        self._sent_on = 0
        self._sending = False
        publisher.watch(self._watch, CommunityLive)

    def set_idle(self, idle: bool) -> None:
        """The person has touched nothing for a while, or is back."""
        self._idle = idle
        self._send_soon()

    def set_away(self, away: bool) -> None:
        """The person goes away, or says that they are back."""
        self.away = away
        self._send_soon()

    @property
    def _is_idle(self) -> bool:
        return self._idle or self.away

    def _watch(self, change: Change) -> None:
        self._send_soon()

    @property
    def _is_known(self) -> bool:
        told = self._sent if self._sent_on == self._link.number else False
        return told == self._is_idle

    def _send_soon(self) -> None:
        if not self._is_known and not self._sending and self._link.is_up and self._tasks.is_open:
            self._sending = True
            self._tasks.start(self._send())

    async def _send(self) -> None:
        try:
            while not self._is_known:
                idle, line = self._is_idle, self._link.number
                await self._link.ask(None, routes.PRESENCE, requests.SetPresence(status="away" if idle else "online"))
                self._sent, self._sent_on = idle, line
        except REQUEST_ERRORS:
            return  # the next connection, or the next change, tells it
        finally:
            self._sending = False


class TypingSignal:
    """Sends that the person writes, not too often; a signal that is lost or refused is no loss."""

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
