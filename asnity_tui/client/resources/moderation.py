"""Moderation by the rights of a role: kicks, bans, mutes, roles, and the audit log."""

from __future__ import annotations

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.models import Role
from asnity_server.protocol.responses import Audit, Bans, Users
from asnity_tui.client.sync.link import Link
from asnity_tui.client.sync.publisher import Publisher
from asnity_tui.state.store import Store

from .paging import Pages


class ModerationApi:
    """Every method asks the server and raises as the client does; lists in the store follow by the server's events."""

    def __init__(self, link: Link, store: Store, publisher: Publisher) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher

    async def kick(self, community_id: str, user_id: str, *, reason: str = "") -> None:
        """Remove a member, who may come back by an invite."""
        await self._remove(community_id, user_id, reason, ban=False)

    async def ban(self, community_id: str, user_id: str, *, reason: str = "") -> None:
        """Remove a member (or keep out who has left) until somebody lifts the ban."""
        await self._remove(community_id, user_id, reason, ban=True)

    async def _remove(self, community_id: str, user_id: str, reason: str, *, ban: bool) -> None:
        request = requests.RemoveMember(community_id=community_id, user_id=user_id, ban=ban, reason=reason)
        await self._link.call(routes.REMOVE_MEMBER, request)

    async def unban(self, community_id: str, user_id: str) -> None:
        """Unban somebody."""
        await self._link.call(routes.LIFT_BAN, requests.OfMember(community_id=community_id, user_id=user_id))

    def bans(self, community_id: str) -> Pages[Bans]:
        """The bans of a community, newest first."""

        async def fetch(cursor: str | None) -> Bans:
            request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
            page = await self._link.call(routes.BANS, request)
            self._learn(community_id, page.users)
            return page

        return Pages(fetch)

    async def mute(self, community_id: str, user_id: str, seconds: int, *, reason: str = "") -> None:
        """Let a member read but not write for so many seconds (at most 30 days); 0 ends it."""
        request = requests.PatchMember(community_id=community_id, user_id=user_id, muted_for=seconds, reason=reason)
        await self._link.call(routes.PATCH_MEMBER, request)

    async def set_role(self, community_id: str, user_id: str, role: Role) -> None:
        """Give a member a role; `me` stands for myself."""
        request = requests.PatchMember(community_id=community_id, user_id=user_id, role=role)
        await self._link.call(routes.PATCH_MEMBER, request)

    async def hand_over(self, community_id: str, user_id: str) -> None:
        """Make a member the owner, then an admin of myself.

        Should the second step fail, there are two owners, and it can be asked for again.
        """
        await self.set_role(community_id, user_id, "owner")
        await self.set_role(community_id, "me", "admin")

    def audit(self, community_id: str) -> Pages[Audit]:
        """The audit log of a community, newest first."""

        async def fetch(cursor: str | None) -> Audit:
            request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
            page = await self._link.call(routes.AUDIT, request)
            self._learn(community_id, page.users)
            return page

        return Pages(fetch)

    def _learn(self, community_id: str, users: Users) -> None:
        self._publisher.publish(self._store.learn_users(self._store.communities.get(community_id), users))
