"""A recording client: writes, retries and repairs as the terminal client does, and notes everything."""

from __future__ import annotations

import asyncio
import random

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import AsnityError, ErrorInfo, NotFound, Unauthorized, Unavailable
from asnity_server.protocol.events import CommunityRemoved, InvitedToChannel, Resync, SessionEnded
from asnity_server.protocol.models import Message, Wire
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.client.transport.remote import RemoteClient

from .history import (
    Acknowledged,
    Entered,
    Event,
    History,
    Joined,
    Lost,
    Refused,
    Removed,
    Resynced,
    Sent,
    SessionOver,
    Told,
    View,
)

PAUSE = 0.05
"""Seconds between two attempts of anything, at the most."""


class RecordingClient:
    """One device of one person in one community. It comes back whenever it is thrown out or cut off."""

    def __init__(self, name: str, url: str, token: str, user_id: str, community_id: str, history: History) -> None:
        self.name = name
        self.user_id = user_id
        self._client = RemoteClient(url)
        self._client.token = token
        self._community_id = community_id
        self._history = history
        self._connection = 0
        self._live = asyncio.Event()
        self._compares: set[asyncio.Task[None]] = set()
        self._written = 0
        self._task: asyncio.Task[None] | None = None
        self._back = asyncio.Event()
        self.messages: dict[str, dict[int, Message]] = {}
        """By channel and id, what is on the screen."""
        self._revs: dict[str, int] = {}
        self.connections_lost = 0

    def sign_in_again(self, token: str) -> None:
        """Take another session from the next connection on."""
        self._client.token = token

    def start(self) -> None:
        """Connect, and stay connected."""
        self._task = asyncio.create_task(self._stay())

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for each in self._compares:
            each.cancel()
        await asyncio.gather(*self._compares, return_exceptions=True)
        await self._client.close()

    async def ready(self) -> None:
        """Wait until it is connected and has joined."""
        await self._live.wait()

    def _note(self, event: Event) -> None:
        self._history.note(self.name, self._connection, event)

    # Listener

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """See `Listener`."""
        if isinstance(payload, Message) and name == "new-chat":
            self._note(Told(payload.channel_id, payload.id, payload.rev, payload.nonce))
            self._show(payload)
        elif isinstance(payload, Resync) and community_id is not None:
            self._note(Resynced(community_id))
            self._begin_rejoin()
        elif isinstance(payload, InvitedToChannel):
            self._begin_rejoin()
        elif isinstance(payload, CommunityRemoved):
            self._note(Removed(payload.community_id))
            self._live.clear()
        elif isinstance(payload, SessionEnded):
            self._note(SessionOver())
            self._live.clear()

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        """See `Listener`."""
        self._live.clear()
        self._back.set()

    def connection_lost(self, reason: str) -> None:
        """See `Listener`."""
        self._note(Lost())
        self.connections_lost += 1
        self._live.clear()
        self._back.set()

    # Being there

    async def _stay(self) -> None:
        opened = False
        while True:
            self._back.clear()  # before it comes in: what is lost meanwhile has to be come back from, too
            connection = self.connections_lost
            try:
                if not opened:
                    self._connection += 1
                    await self._client.open(self)
                    opened = True
                await self._client.enter(self._community_id)
                self._note(Entered(self._community_id))
                await self._join()
            except (NoAnswer, Unreachable, Unauthorized):
                opened = False
                await self._client.close()
                await asyncio.sleep(random.uniform(0, PAUSE))
                continue
            except AsnityError:  # not a member at the moment, or the API is away
                opened = connection == self.connections_lost
                await asyncio.sleep(random.uniform(0, PAUSE))
                continue
            if not self._back.is_set():
                self._live.set()
            await self._back.wait()
            opened = connection == self.connections_lost

    def _begin_rejoin(self) -> None:
        task = asyncio.create_task(self._rejoin())
        self._compares.add(task)
        task.add_done_callback(self._compares.discard)

    async def _rejoin(self) -> None:
        """Join once more, until it is answered; whoever is thrown out meanwhile joins when they come back."""
        while self._live.is_set():
            try:
                return await self._join()
            except (NoAnswer, Unreachable, AsnityError):
                await asyncio.sleep(random.uniform(0, PAUSE))

    async def _join(self) -> None:
        """Join all channels, and repair what was missed in them."""
        answer = await self._client.ask(self._community_id, routes.JOIN, requests.Join())
        for joined in answer.joined:
            self._note(Joined(joined.channel_id, joined.rev, joined.unread, joined.read_id))
        for joined in answer.joined:
            await self._compare(joined.channel_id)

    async def _compare(self, channel_id: str) -> None:
        since = self._revs.get(channel_id, 0)
        while True:
            try:
                page = await self._client.call(routes.CHANGES, requests.Changes(channel_id=channel_id, since=since))
            except (NoAnswer, Unreachable, Unavailable):
                await asyncio.sleep(random.uniform(0, PAUSE))
                continue
            except NotFound:
                return
            for message in page.messages:
                self._show(message)
            since = self._revs[channel_id] = max(since, page.rev)
            if not page.more:
                return

    def _show(self, message: Message) -> None:
        shown = self.messages.setdefault(message.channel_id, {})
        if message.id not in shown or shown[message.id].rev < message.rev:
            shown[message.id] = message

    # Writing

    async def write(self, channel_id: str, *, patience: int = 1_000) -> bool:
        """Write one message until the server says that it is stored, with one nonce; whether it did."""
        self._written += 1
        nonce = f"{self.name}-{self._written}"
        for attempt in range(1, patience + 1):
            await self._live.wait()
            request = requests.NewChat(channel_id=channel_id, content=f"{nonce} says hello", nonce=nonce)
            self._note(Sent(channel_id, nonce, attempt))
            connection = self._connection
            try:
                answer = await self._client.ask(self._community_id, routes.CHAT_NEW, request)
            except (NoAnswer, Unreachable, AsnityError) as error:
                self._note(Refused(channel_id, nonce, attempt, f"{type(error).__name__}: {error}"))
                await asyncio.sleep(random.uniform(0, PAUSE))
                continue
            message = answer.chat_info
            acknowledged = Acknowledged(channel_id, nonce, attempt, message.id, message.rev)
            self._history.note(self.name, connection, acknowledged)
            self._show(message)
            return True
        return False

    async def views(self) -> list[View]:
        """Return what it shows, and the counters that a join tells."""
        answer = None
        while answer is None:
            await self._live.wait()
            try:
                answer = await self._client.ask(self._community_id, routes.JOIN, requests.Join())
            except (NoAnswer, Unreachable, Unavailable):
                await asyncio.sleep(random.uniform(0, PAUSE))
        return [
            View(
                self.name,
                self.user_id,
                joined.channel_id,
                {each.id: each.content for each in self.messages.get(joined.channel_id, {}).values()},
                joined.read_id,
                joined.unread,
            )
            for joined in answer.joined
        ]
