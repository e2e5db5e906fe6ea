"""My coming and going by my own requests, as against what others do to me."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from asnity_server.protocol import ids
from asnity_server.protocol.events import RemovalReason
from asnity_server.protocol.models import Channel
from asnity_tui.client.sync.publisher import Publisher
from asnity_tui.client.sync.repair import Repair
from asnity_tui.state.store import Store


class OwnMembership:
    """Takes in channels that I join and leave from here, and remembers the former while this program runs."""

    def __init__(self, store: Store, publisher: Publisher, repair: Repair) -> None:
        self._store = store
        self._publisher = publisher
        self._repair = repair
        self._joining = 0
        self._joined: set[str] = set()

    def has_joined(self, channel_id: str) -> bool:
        """Tell whether I came into a channel by a request from here, as far as can be told."""
        return self._joining > 0 or channel_id in self._joined

    @contextmanager
    def joining(self) -> Iterator[None]:
        """While a request to come into a channel is under way: what brings me into one meanwhile is that."""
        self._joining += 1
        try:
            yield
        finally:
            self._joining -= 1

    async def add(self, channel: Channel) -> Channel:
        """Take in a channel that I am in now: the event brings it; should that be late or lost, the overview does."""
        self._joined.add(channel.id)
        for _ in range(3):
            if self._store.channel(channel.id) is not None:
                break
            await self._repair.load_community(channel.community_id)
        return channel

    def remove(self, channel_id: str, reason: RemovalReason) -> None:
        """Take out a channel that I am no longer in; an overview that was asked for before doesn't bring it back."""
        community = self._store.communities.get(ids.community_of(channel_id))
        if community is not None:
            community.serial += 1
            self._publisher.publish(self._store.lose_channel(community, channel_id, reason))
