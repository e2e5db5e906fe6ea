"""Pinned messages of a channel: listed, pinned and unpinned."""

from __future__ import annotations

from asnity_server.protocol import ids, requests, routes
from asnity_server.protocol.models import Message
from asnity_server.protocol.responses import Pins
from asnity_tui.client.sync.link import Link
from asnity_tui.client.sync.publisher import Publisher
from asnity_tui.state.events import apply_copy
from asnity_tui.state.store import Store


class PinsApi:
    """Every method asks the server and raises as the client does."""

    def __init__(self, link: Link, store: Store, publisher: Publisher) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher

    async def of_channel(self, channel_id: str) -> Pins:
        """A channel's pinned messages, newest first."""
        found = await self._link.call(routes.PINS, requests.OfChannel(channel_id=channel_id))
        community = self._store.communities.get(ids.community_of(channel_id))
        self._publisher.publish(self._store.learn_users(community, found.users))
        return found

    async def pin(self, channel_id: str, message_id: int) -> Message:
        """Pin a message for everybody in the channel; answers it as it stands now."""
        request = requests.OfMessage(channel_id=channel_id, chat_id=message_id)
        return self._apply(await self._link.call(routes.PIN, request))

    async def unpin(self, channel_id: str, message_id: int) -> Message:
        """Take a pin away; answers the message as it stands now."""
        request = requests.OfMessage(channel_id=channel_id, chat_id=message_id)
        return self._apply(await self._link.call(routes.UNPIN, request))

    def _apply(self, message: Message) -> Message:
        self._publisher.publish(apply_copy(self._store, message))
        return message
