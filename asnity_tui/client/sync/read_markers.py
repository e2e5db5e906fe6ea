"""Up to where I have read, and that I am typing: told to the server, not too often."""

from __future__ import annotations

from typing import Literal

from asnity_server.protocol import ids, requests, routes
from asnity_server.protocol.errors import AsnityError, RateLimited, Unavailable
from asnity_server.protocol.limits import TYPING_EVERY
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.state.changes import Change, Changes, ChannelUpdated, CommunityChanged, CommunityLive
from asnity_tui.state.channel import ChannelState

from .context import Context

READ_EVERY = 300
"""Milliseconds between two read markers of one channel."""

TRY_AGAIN = 5.0
"""Seconds before a marker is told again that was refused for a passing reason."""


class ReadMarkers:
    """Tells the server what was read. What it doesn't know yet counts as read here, and is told when it can be."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._told_at: dict[str, int] = {}
        self._busy: set[str] = set()
        self._asking: set[str] = set()
        self._typed_at: dict[str, int] = {}
        context.watch(self._watch, CommunityLive)

    def read_up_to(self, channel_id: str, message_id: int) -> None:
        """Everything up to a message was seen; nothing happens where I have marked something as unread myself."""
        channel = self._store.channel(channel_id)
        if channel is not None and not channel.marked_unread and channel.read_up_to(message_id):
            self._context.tell(_badge_changed(channel))
            self._tell_soon(channel_id)

    def read_all(self, channel_id: str) -> None:
        """The person says that everything in a channel is read, even if they marked it as unread before."""
        channel = self._store.channel(channel_id)
        if channel is not None:
            channel.marked_unread = False
            self.read_up_to(channel_id, channel.counters.last_id)

    async def unread_again(self, channel_id: str, read_id: int) -> None:
        """Only what is up to `read_id` is read, as it was before. Raises as the client does."""
        channel = self._store.channel(channel_id)
        if channel is None:
            return
        if channel.counters.read_id <= read_id and channel_id not in self._asking:
            channel.drop_reading()
            channel.read_up_to(read_id)
            self._context.tell(_badge_changed(channel))
        else:
            await self.mark_unread_from(channel_id, read_id + 1)

    def flush(self, channel_id: str) -> None:
        """Tell at once what was read in a channel, if the server doesn't know it yet."""
        channel = self._store.channel(channel_id)
        if channel is not None and channel.unconfirmed_read_id is not None and self._is_live(channel):
            self._told_at[channel_id] = self._context.clock.now()
            self._context.tasks.start(self._tell_now(channel))

    async def _tell_now(self, channel: ChannelState) -> None:
        if await self._tell_once(channel) != "told":
            self._tell_soon(channel.id)

    async def finish(self) -> None:
        """Tell what was read anywhere, if that is possible now; the program is about to end."""
        for community in self._store.communities.values():
            for channel in community.channels.values():
                if community.joined and channel.unconfirmed_read_id is not None:
                    await self._tell_once(channel)

    async def mark_unread_from(self, channel_id: str, message_id: int) -> None:
        """This message and all behind it are unread again. Raises as the client does."""
        channel = self._store.channel(channel_id)
        if channel is None:
            return
        channel.drop_reading()
        channel.marked_unread = True
        request = requests.MoveReadMarker(channel_id=channel_id, read_id=max(message_id - 1, 0), set_back=True)
        try:
            answer = await self._context.ask(ids.community_of(channel_id), routes.READ, request)
        except (AsnityError, NoAnswer, Unreachable):
            channel.marked_unread = False
            raise
        self._context.tell((*channel.apply_counters(answer, ordered=True, back=True), *_badge_changed(channel)))

    def typing(self, channel_id: str) -> None:
        """A letter was typed: others are told, at most every 3 s."""
        now = self._context.clock.now()
        channel = self._store.channel(channel_id)
        if channel is None or not self._is_live(channel) or not self._context.is_running:
            return
        if now - self._typed_at.get(channel_id, -(10**9)) >= TYPING_EVERY * 1000:
            self._typed_at[channel_id] = now
            self._context.tasks.start(self._type(channel_id))

    def sent(self, channel_id: str) -> None:
        """A message was sent: the next letter is told at once."""
        self._typed_at.pop(channel_id, None)

    async def _type(self, channel_id: str) -> None:
        try:
            await self._context.ask(ids.community_of(channel_id), routes.TYPING, requests.Typing(channel_id=channel_id))
        except (AsnityError, NoAnswer, Unreachable):
            return  # a sign of typing that is lost or refused is no loss

    def _watch(self, change: Change) -> None:
        """A community that is live (again) hears what was read meanwhile."""
        if isinstance(change, CommunityLive):
            community = self._store.communities.get(change.community_id)
            if community is not None and community.joined:
                for channel in community.channels.values():
                    if channel.unconfirmed_read_id is not None:
                        self._tell_soon(channel.id)

    def _is_live(self, channel: ChannelState) -> bool:
        community = self._store.communities.get(channel.channel.community_id)
        return community is not None and community.joined

    def _tell_soon(self, channel_id: str) -> None:
        if channel_id not in self._busy and self._context.is_running:
            self._busy.add(channel_id)
            self._context.tasks.start(self._tell(channel_id))

    async def _tell(self, channel_id: str) -> None:
        """Tell the marker as long as it moves, with pauses between."""
        try:
            while True:
                since = self._context.clock.now() - self._told_at.get(channel_id, -READ_EVERY)
                if since < READ_EVERY:
                    await self._context.clock.sleep((READ_EVERY - since) / 1000)
                channel = self._store.channel(channel_id)
                if channel is None or channel.unconfirmed_read_id is None or not self._is_live(channel):
                    return
                self._told_at[channel_id] = self._context.clock.now()
                outcome = await self._tell_once(channel)
                if outcome == "lost" and not self._is_live(channel):
                    return  # told again when the community is live again
                if outcome == "later":
                    await self._context.clock.sleep(TRY_AGAIN)
        finally:
            self._busy.discard(channel_id)

    async def _tell_once(self, channel: ChannelState) -> Literal["told", "later", "lost"]:
        """Tell the marker; `later` if it was refused for a passing reason, `lost` without a connection."""
        request = requests.MoveReadMarker(channel_id=channel.id, read_id=channel.read_id)
        self._asking.add(channel.id)
        try:
            answer = await self._context.ask(channel.channel.community_id, routes.READ, request)
        except (NoAnswer, Unreachable):
            return "lost"
        except (RateLimited, Unavailable):
            return "later"
        except AsnityError as error:
            channel.drop_reading()
            self._context.notice(error)
            self._context.tell(_badge_changed(channel))
            return "told"
        finally:
            self._asking.discard(channel.id)
        self._context.tell(channel.apply_counters(answer, ordered=True))
        return "told"


def _badge_changed(channel: ChannelState) -> Changes:
    return ChannelUpdated(channel.id), CommunityChanged(channel.channel.community_id)
