"""Invite links: previewed and accepted, created, listed and revoked."""

from __future__ import annotations

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.models import Community, Invite
from asnity_server.protocol.responses import InvitePreview, Invites
from asnity_tui.client.sync.link import Link
from asnity_tui.client.sync.publisher import Publisher
from asnity_tui.client.transport.address import invite_code
from asnity_tui.state.store import Store

from .communities import CommunitiesApi
from .members import OwnMembership
from .paging import Pages


class InvitesApi:
    """Every method asks the server and raises as the client does."""

    def __init__(
        self, link: Link, store: Store, publisher: Publisher, communities: CommunitiesApi, own: OwnMembership
    ) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher
        self._communities = communities
        self._own = own

    async def preview(self, code: str) -> InvitePreview:
        """Say where an invite leads; `code` may be the whole link."""
        return await self._link.call(routes.INVITE, requests.OfInvite(code=invite_code(code)))

    async def accept(self, code: str) -> Community:
        """Join by an invite; `code` may be the whole link."""
        with self._own.joining():
            request = requests.OfInvite(code=invite_code(code))
            return await self._communities.add(await self._link.call(routes.ACCEPT_INVITE, request))

    async def create(
        self,
        community_id: str,
        *,
        expires_in: int | None = None,
        max_uses: int | None = None,
        channel_id: str | None = None,
    ) -> Invite:
        """Create a link that lets people in, and into a channel too; `expires_in` in seconds."""
        request = requests.CreateInvite(
            community_id=community_id, expires_in=expires_in, max_uses=max_uses, channel_id=channel_id
        )
        return await self._link.call(routes.CREATE_INVITE, request)

    def pages(self, community_id: str) -> Pages[Invites]:
        """A community's invites, newest first."""

        async def fetch(cursor: str | None) -> Invites:
            request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
            page = await self._link.call(routes.INVITES, request)
            community = self._store.communities.get(community_id)
            self._publisher.publish(self._store.learn_users(community, page.users))
            return page

        return Pages(fetch)

    async def revoke(self, community_id: str, code: str) -> None:
        """Make an invite link useless."""
        await self._link.call(routes.DELETE_INVITE, requests.OfCommunityInvite(community_id=community_id, code=code))
