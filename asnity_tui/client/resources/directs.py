"""Direct channels: opened with people, taken off the list, and put on it again."""

from __future__ import annotations

from collections.abc import Sequence

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import Conflict
from asnity_server.protocol.models import Channel
from asnity_tui.client.sync.link import Link
from asnity_tui.client.sync.outbox_sender import OutboxSender
from asnity_tui.state.store import Store

from .members import OwnMembership


class DirectsApi:
    """Every method asks the server and raises as the client does."""

    def __init__(self, link: Link, store: Store, own: OwnMembership, sender: OutboxSender) -> None:
        self._link = link
        self._store = store
        self._own = own
        self._sender = sender

    async def open(self, community_id: str, user_ids: Sequence[str]) -> str:
        """Find or make the direct channel of exactly these people and me; it is in the store when this returns."""
        request = requests.OpenDirect(community_id=community_id, user_ids=tuple(user_ids))
        channel = await self._own.add(await self._link.call(routes.OPEN_DIRECT, request))
        return channel.id

    async def close(self, channel_id: str) -> None:
        """Take one off my list until its next message, after what is being sent there. Raises also `Conflict`."""
        await self._sender.finish(channel_id)
        if self._store.outbox.of_channel(channel_id):
            raise Conflict("A message here isn't sent yet. Send or discard it first.")
        await self._link.call(routes.PATCH_CHANNEL_ME, requests.PatchChannelMe(channel_id=channel_id, closed=True))
        self._own.remove(channel_id, "closed")

    async def reopen(self, channel_id: str) -> Channel:
        """Put one that I closed on my list again; it is in the store when this returns."""
        request = requests.PatchChannelMe(channel_id=channel_id, closed=False)
        return await self._own.add((await self._link.call(routes.PATCH_CHANNEL_ME, request)).channel)
