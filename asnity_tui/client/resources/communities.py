"""Communities: created, changed, left and deleted."""

from __future__ import annotations

from typing import Literal, TypeAlias

from asnity_server.protocol import requests, routes
from asnity_server.protocol.events import CommunityAdded
from asnity_server.protocol.models import Community
from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.link import Link
from asnity_tui.client.sync.publisher import Publisher
from asnity_tui.client.sync.repair import Repair
from asnity_tui.state.events import apply_event
from asnity_tui.state.store import Store

InvitesBy: TypeAlias = Literal["members", "admins"]
"""Who may make links that let people into a community."""


class CommunitiesApi:
    """Every method asks the server and raises as the client does."""

    def __init__(self, link: Link, store: Store, publisher: Publisher, clock: Clock, repair: Repair) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._repair = repair

    async def create(self, name: str, description: str = "") -> Community:
        """Create a community; it is in the store when this returns."""
        request = requests.CreateCommunity(name=name, description=description)
        return await self.add(await self._link.call(routes.CREATE_COMMUNITY, request))

    async def add(self, community: Community) -> Community:
        """Take in a community that I am in now; the event says the same, and whichever comes second changes nothing."""
        if community.id not in self._store.communities:
            added = CommunityAdded(community=community)
            changes = apply_event(self._store, None, "community-added", added, self._clock.now())
            self._publisher.publish(changes)
        await self._repair.load_community(community.id)
        return community

    async def leave(self, community_id: str) -> None:
        """Leave a community."""
        await self._link.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=community_id, user_id="me"))
        self._publisher.publish(self._store.lose_community(community_id, "left"))

    async def change(
        self,
        community_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        invites_by: InvitesBy | None = None,
    ) -> Community:
        """Change what is given; answers the community as it stands now."""
        request = requests.PatchCommunity(
            community_id=community_id, name=name, description=description, invites_by=invites_by
        )
        changed = await self._link.call(routes.PATCH_COMMUNITY, request)
        now = self._clock.now()
        self._publisher.publish(apply_event(self._store, community_id, "community-changed", changed, now))
        return changed

    async def delete(self, community_id: str) -> None:
        """Delete a community for ever, with everything in it."""
        await self._link.call(routes.DELETE_COMMUNITY, requests.OfCommunity(community_id=community_id))
        self._publisher.publish(self._store.lose_community(community_id, "deleted"))
