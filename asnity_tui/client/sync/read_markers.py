"""Read markers: sends the server how far I have read, not too often, and what it missed once it is there again."""

from __future__ import annotations

from typing import Literal

from asnity_server.protocol import ids, requests, routes
from asnity_server.protocol.errors import AsnityError, RateLimited, Unavailable
from asnity_tui.client.clock import Clock
from asnity_tui.client.transport.client import REQUEST_ERRORS, NoAnswer, Unreachable
from asnity_tui.state.changes import Change, Changes, ChannelUpdated, CommunityChanged, CommunityLive
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.store import Store

from .link import Link
from .publisher import Publisher
from .tasks import Tasks

READ_EVERY = 300
"""Milliseconds between two read markers of one channel."""

TRY_AGAIN = 5.0
"""Seconds before a marker is told again that was refused for a passing reason."""


class ReadMarkers:
    """Tells the server what was read. What it doesn't know yet counts as read here, and is told when it can be."""

    def __init__(self, link: Link, store: Store, publisher: Publisher, tasks: Tasks, clock: Clock) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher
        self._tasks = tasks
        self._clock = clock
        self._sent_at: dict[str, int] = {}
        self._busy: set[str] = set()
        self._asking: set[str] = set()
        publisher.watch(self._watch, CommunityLive)

    def read_up_to(self, channel_id: str, message_id: int) -> None:
        """Everything up to a message was seen; nothing happens where I have marked something as unread myself."""
        channel = self._store.channel(channel_id)
        if channel is not None and not channel.marked_unread and channel.read_up_to(message_id):
            self._publisher.publish(_badge_changed(channel))
            self._send_soon(channel_id)

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
            self._publisher.publish(_badge_changed(channel))
        else:
            await self.mark_unread_from(channel_id, read_id + 1)

    def flush(self, channel_id: str) -> None:
        """Tell at once what was read in a channel, if the server doesn't know it yet."""
        channel = self._store.channel(channel_id)
        if channel is not None and channel.unconfirmed_read_id is not None and self._store.is_live(channel.id):
            self._sent_at[channel_id] = self._clock.now()
            self._tasks.start(self._send_now(channel))

    async def _send_now(self, channel: ChannelState) -> None:
        if await self._send_once(channel) != "sent":
            self._send_soon(channel.id)

    async def finish(self) -> None:
        """Tell what was read anywhere, if that is possible now; the program is about to end."""
        for community in self._store.communities.values():
            for channel in community.channels.values():
                if community.joined and channel.unconfirmed_read_id is not None:
                    await self._send_once(channel)

    async def mark_unread_from(self, channel_id: str, message_id: int) -> None:
        """This message and all behind it are unread again. Raises as the client does."""
        channel = self._store.channel(channel_id)
        if channel is None:
            return
        channel.drop_reading()
        channel.marked_unread = True
        request = requests.MoveReadMarker(channel_id=channel_id, read_id=max(message_id - 1, 0), set_back=True)
        try:
            answer = await self._link.ask(ids.community_of(channel_id), routes.READ, request)
        except REQUEST_ERRORS:
            channel.marked_unread = False
            raise
        self._publisher.publish((*channel.apply_counters(answer, ordered=True, back=True), *_badge_changed(channel)))

    def _watch(self, change: Change) -> None:
        """A community that is live (again) hears what was read meanwhile."""
        if isinstance(change, CommunityLive):
            community = self._store.communities.get(change.community_id)
            if community is not None and community.joined:
                for channel in community.channels.values():
                    if channel.unconfirmed_read_id is not None:
                        self._send_soon(channel.id)

    def _send_soon(self, channel_id: str) -> None:
        if channel_id not in self._busy and self._tasks.is_open:
            self._busy.add(channel_id)
            self._tasks.start(self._send(channel_id))

    async def _send(self, channel_id: str) -> None:
        """Tell the marker as long as it moves, with pauses between."""
        try:
            while True:
                since = self._clock.now() - self._sent_at.get(channel_id, -READ_EVERY)
                if since < READ_EVERY:
                    await self._clock.sleep((READ_EVERY - since) / 1000)
                channel = self._store.channel(channel_id)
                if channel is None or channel.unconfirmed_read_id is None or not self._store.is_live(channel.id):
                    return
                self._sent_at[channel_id] = self._clock.now()
                outcome = await self._send_once(channel)
                if outcome == "lost" and not self._store.is_live(channel.id):
                    return  # told again when the community is live again
                if outcome == "later":
                    await self._clock.sleep(TRY_AGAIN)
        finally:
            self._busy.discard(channel_id)

    async def _send_once(self, channel: ChannelState) -> Literal["sent", "later", "lost"]:
        """Tell the marker; `later` if it was refused for a passing reason, `lost` without a connection."""
        request = requests.MoveReadMarker(channel_id=channel.id, read_id=channel.read_id)
        self._asking.add(channel.id)
        try:
            answer = await self._link.ask(channel.channel.community_id, routes.READ, request)
        except (NoAnswer, Unreachable):
            return "lost"
        except (RateLimited, Unavailable):
            return "later"
        except AsnityError as error:
            channel.drop_reading()
            self._publisher.notice(error)
            self._publisher.publish(_badge_changed(channel))
            return "sent"
        finally:
            self._asking.discard(channel.id)
        self._publisher.publish(channel.apply_counters(answer, ordered=True))
        return "sent"


def _badge_changed(channel: ChannelState) -> Changes:
    return ChannelUpdated(channel.id), CommunityChanged(channel.channel.community_id)
