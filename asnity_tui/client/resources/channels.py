"""Public and private channels: created, listed, joined, left, changed, muted and deleted."""

from __future__ import annotations

from asnity_server.protocol import ids, limits, requests, routes
from asnity_server.protocol.models import Channel
from asnity_server.protocol.responses import Channels
from asnity_tui.client.sync.link import Link
from asnity_tui.client.sync.publisher import Publisher
from asnity_tui.state.changes import ChannelUpdated, CommunityChanged
from asnity_tui.state.store import Store

from .members import OwnMembership
from .paging import Pages


class ChannelsApi:
    """Every method but `mark_seen` asks the server and raises as the client does."""

    def __init__(self, link: Link, store: Store, publisher: Publisher, own: OwnMembership) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher
        self._own = own

    async def create(self, community_id: str, name: str, *, private: bool = False, topic: str = "") -> Channel:
        """Create a channel; it is in the store when this returns."""
        request = requests.CreateChannel(
            community_id=community_id, name=name, kind="private" if private else "public", topic=topic
        )
        with self._own.joining():
            return await self._own.add(await self._link.call(routes.CREATE_CHANNEL, request))

    def pages(self, community_id: str) -> Pages[Channels]:
        """Public channels and mine, by name."""

        async def fetch(cursor: str | None) -> Channels:
            request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
            return await self._link.call(routes.CHANNELS, request)

        return Pages(fetch)

    def mark_seen(self, community_id: str) -> frozenset[str]:
        """Mark the new channels of a community as seen in its list; answers which they were."""
        community = self._store.communities.get(community_id)
        if community is None or not community.appeared:
            return frozenset()
        appeared, community.appeared = frozenset(community.appeared), set()
        self._publisher.publish((CommunityChanged(community_id),))
        return appeared

    async def join(self, channel_id: str) -> Channel:
        """Join a public channel; it is in the store when this returns."""
        request = requests.OfChannelMember(channel_id=channel_id, user_id="me")
        with self._own.joining():
            return await self._own.add(await self._link.call(routes.ADD_CHANNEL_MEMBER, request))

    async def leave(self, channel_id: str) -> None:
        """Leave a channel."""
        request = requests.OfChannelMember(channel_id=channel_id, user_id="me")
        await self._link.call(routes.REMOVE_CHANNEL_MEMBER, request)
        self._own.remove(channel_id, "left")

    async def change(
        self, channel_id: str, *, name: str | None = None, topic: str | None = None, archived: bool | None = None
    ) -> Channel:
        """Change what is given; answers the channel as it stands now. The list follows by the server's event."""
        request = requests.PatchChannel(channel_id=channel_id, name=name, topic=topic, archived=archived)
        return await self._link.call(routes.PATCH_CHANNEL, request)

    async def mute(self, channel_id: str, muted: bool) -> None:
        """Show only mentions of a channel's unread messages, or all again; on all my devices."""
        request = requests.PatchChannelMe(channel_id=channel_id, muted=muted)
        answer = await self._link.call(routes.PATCH_CHANNEL_ME, request)
        channel = self._store.channel(channel_id)
        if channel is not None:
            channel.muted = answer.muted
            changed = (ChannelUpdated(channel_id), CommunityChanged(ids.community_of(channel_id)))
            self._publisher.publish((*changed, *channel.apply_counters(answer.counters, ordered=False)))

    async def delete(self, channel_id: str) -> None:
        """Delete a channel for ever, with everything in it."""
        await self._link.call(routes.DELETE_CHANNEL, requests.OfChannel(channel_id=channel_id))
        self._own.remove(channel_id, "deleted")
