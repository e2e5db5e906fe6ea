"""What a person does with people: writing to them directly, and keeping order by the rights of a role."""

from __future__ import annotations

from collections.abc import Sequence

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.models import Role
from asnity_server.protocol.responses import Audit, Bans, Users
from asnity_tui.client.sync.context import Context

from .communities import Places


class ModerationApi:
    """Every method asks the server and raises as the client does; lists in the store follow by the server's events."""

    def __init__(self, context: Context, places: Places) -> None:
        self._context = context
        self._store = context.store
        self._places = places

    async def open_direct(self, community_id: str, user_ids: Sequence[str]) -> str:
        """The direct channel of exactly these people and me, found or made; it is in the store when this returns."""
        request = requests.OpenDirect(community_id=community_id, user_ids=tuple(user_ids))
        channel = await self._places.gained(await self._context.call(routes.OPEN_DIRECT, request))
        return channel.id

    # Members

    async def kick(self, community_id: str, user_id: str, *, reason: str = "") -> None:
        """Remove a member, who may come back by an invite."""
        await self._remove(community_id, user_id, reason, ban=False)

    async def ban(self, community_id: str, user_id: str, *, reason: str = "") -> None:
        """Remove a member (or keep out who has left) until somebody lifts the ban."""
        await self._remove(community_id, user_id, reason, ban=True)

    async def _remove(self, community_id: str, user_id: str, reason: str, *, ban: bool) -> None:
        request = requests.RemoveMember(community_id=community_id, user_id=user_id, ban=ban, reason=reason)
        await self._context.call(routes.REMOVE_MEMBER, request)

    async def unban(self, community_id: str, user_id: str) -> None:
        """Unban somebody."""
        await self._context.call(routes.LIFT_BAN, requests.OfMember(community_id=community_id, user_id=user_id))

    async def bans(self, community_id: str, cursor: str | None = None) -> Bans:
        """Who is banned, newest first, 100 at a time."""
        request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
        found = await self._context.call(routes.BANS, request)
        self._learn(community_id, found.users)
        return found

    async def mute(self, community_id: str, user_id: str, seconds: int, *, reason: str = "") -> None:
        """Let a member read but not write for so many seconds (at most 30 days); 0 ends it."""
        request = requests.PatchMember(community_id=community_id, user_id=user_id, muted_for=seconds, reason=reason)
        await self._context.call(routes.PATCH_MEMBER, request)

    async def set_role(self, community_id: str, user_id: str, role: Role) -> None:
        """Give a member a role; `me` stands for myself."""
        request = requests.PatchMember(community_id=community_id, user_id=user_id, role=role)
        await self._context.call(routes.PATCH_MEMBER, request)

    async def hand_over(self, community_id: str, user_id: str) -> None:
        """Make a member the owner, then an admin of myself.

        Should the second step fail, there are two owners, and it can be asked for again.
        """
        await self.set_role(community_id, user_id, "owner")
        await self.set_role(community_id, "me", "admin")

    async def remove_from_channel(self, channel_id: str, user_id: str) -> None:
        """Remove someone from a channel."""
        request = requests.OfChannelMember(channel_id=channel_id, user_id=user_id)
        await self._context.call(routes.REMOVE_CHANNEL_MEMBER, request)

    async def audit(self, community_id: str, cursor: str | None = None) -> Audit:
        """Who did what to whom, newest first, 100 at a time."""
        request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
        found = await self._context.call(routes.AUDIT, request)
        self._learn(community_id, found.users)
        return found

    def _learn(self, community_id: str, users: Users) -> None:
        self._context.tell(self._store.learn_users(self._store.communities.get(community_id), users))
