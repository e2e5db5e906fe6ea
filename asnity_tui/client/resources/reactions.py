"""What people put on messages and channels: reactions, pins, muting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from asnity_server.protocol import ids, limits, requests, routes
from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.models import Message
from asnity_server.protocol.responses import Pins
from asnity_tui.client.sync.context import Context
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.state.changes import ChannelUpdated, CommunityChanged
from asnity_tui.state.outcomes import apply_copy

REACTOR_PAGES = 50
"""Pages of 100 people who are listed at most."""

Mark: TypeAlias = tuple[str, int, str]
"""A channel, a message, an emoji."""


class ReactionsApi:
    """`react` returns at once; everything else asks the server and raises as the client does."""

    def __init__(self, context: Context, used: Callable[[str], None] = lambda emoji: None) -> None:
        """`used` is told each emoji that is put under a message."""
        self._context = context
        self._store = context.store
        self._used = used
        self._wishes: dict[Mark, bool] = {}

    # Reactions

    def react(self, channel_id: str, message_id: int, emoji: str, on: bool) -> None:
        """Put an emoji of mine under a message, or take it back: it shows at once, and goes again if it is refused."""
        channel = self._store.channel(channel_id)
        if channel is None or not self._context.is_running:
            return
        if on:
            self._used(emoji)
        mark = (channel_id, message_id, emoji)
        is_under_way = mark in self._wishes
        self._wishes[mark] = on
        self._context.tell(channel.react(message_id, emoji, on))
        if not is_under_way:
            self._context.tasks.start(self._react(mark))

    async def _react(self, mark: Mark) -> None:
        """Ask, and again if the person has changed their mind meanwhile: one request at a time for each mark."""
        channel_id, message_id, emoji = mark
        told = None
        try:
            while told != self._wishes[mark]:
                told = self._wishes[mark]
                request = requests.React(channel_id=channel_id, chat_id=message_id, emoji=emoji, on=told)
                answer = await self._context.ask(ids.community_of(channel_id), routes.REACT, request)
                self._context.tell(apply_copy(self._store, answer.chat_info))
        except (AsnityError, NoAnswer, Unreachable) as error:
            self._context.notice(error)
        finally:
            del self._wishes[mark]
            channel = self._store.channel(channel_id)
            if channel is not None:
                self._context.tell(channel.react(message_id, emoji, None))

    async def reactors(self, channel_id: str, message_id: int, emoji: str) -> tuple[str, ...]:
        """Ids of those who set an emoji under a message (5,000 at most), who did so first before the others."""
        found: list[str] = []
        cursor: str | None = None
        community = self._store.communities.get(ids.community_of(channel_id))
        for _ in range(REACTOR_PAGES):
            request = requests.OfReactionPage(
                channel_id=channel_id, chat_id=message_id, emoji=emoji, limit=limits.PAGE_MAX, cursor=cursor
            )
            answer = await self._context.call(routes.REACTORS, request)
            self._context.tell(self._store.learn_users(community, answer.users))
            found += answer.reactors
            if not isinstance(answer.cursor, str):
                break
            cursor = answer.cursor
        return tuple(found)

    # Pins

    async def pins(self, channel_id: str) -> Pins:
        """A channel's pinned messages, newest first."""
        found = await self._context.call(routes.PINS, requests.OfChannel(channel_id=channel_id))
        community = self._store.communities.get(ids.community_of(channel_id))
        self._context.tell(self._store.learn_users(community, found.users))
        return found

    async def pin(self, channel_id: str, message_id: int) -> Message:
        """Pin a message for everybody in the channel; answers it as it stands now."""
        request = requests.OfMessage(channel_id=channel_id, chat_id=message_id)
        return self._copied(await self._context.call(routes.PIN, request))

    async def unpin(self, channel_id: str, message_id: int) -> Message:
        """Take a pin away; answers the message as it stands now."""
        request = requests.OfMessage(channel_id=channel_id, chat_id=message_id)
        return self._copied(await self._context.call(routes.UNPIN, request))

    def _copied(self, message: Message) -> Message:
        self._context.tell(apply_copy(self._store, message))
        return message

    # Muting

    async def mute(self, channel_id: str, muted: bool) -> None:
        """Show only mentions of a channel's unread messages, or all again; on all my devices."""
        request = requests.PatchChannelMe(channel_id=channel_id, muted=muted)
        answer = await self._context.call(routes.PATCH_CHANNEL_ME, request)
        channel = self._store.channel(channel_id)
        if channel is not None:
            channel.muted = answer.muted
            changed = (ChannelUpdated(channel_id), CommunityChanged(channel.channel.community_id))
            self._context.tell((*changed, *channel.apply_counters(answer.counters, ordered=False)))
