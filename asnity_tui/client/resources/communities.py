"""Communities, channels and people: what a person asks the server to make, join, leave or list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, TypeAlias

from msgspec import UNSET

from asnity_server.protocol import ids, limits, requests, routes
from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.events import CommunityAdded, RemovalReason
from asnity_server.protocol.models import Channel, Community, Invite, Member, User
from asnity_server.protocol.responses import ChannelMembers, Channels, InvitePreview, Invites
from asnity_tui.client.sync.context import Context
from asnity_tui.client.sync.repair import Repair
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.state.changes import Change, Changes, CommunityChanged, MembersChanged, NeedMembers, NeedPeople
from asnity_tui.state.community import MEMBERS_MAX
from asnity_tui.state.events import apply_event

InvitesBy: TypeAlias = Literal["members", "admins"]
"""Who may make links that let people into a community."""


def _invite(code: str) -> requests.OfInvite:
    from asnity_tui.client.transport.address import invite_code  # late: the first picture reads no addresses

    return requests.OfInvite(code=invite_code(code))


class Places:
    """Every method asks the server and raises as the client does."""

    def __init__(self, context: Context, sync: Repair) -> None:
        self._context = context
        self._store = context.store
        self._sync = sync
        self._loading: set[str] = set()
        self._joining = 0
        self._own: set[str] = set()
        context.watch(self._watch, NeedMembers, NeedPeople)

    def _watch(self, change: Change) -> None:
        if not isinstance(change, NeedMembers | NeedPeople):
            return
        where = change.community_id if isinstance(change, NeedMembers) else change.channel_id
        if self._context.is_running and where not in self._loading:
            self._loading.add(where)
            self._context.tasks.start(self._load_again(change, where))

    async def _load_again(self, need: NeedMembers | NeedPeople, where: str) -> None:
        try:
            await (self.load_members(where) if isinstance(need, NeedMembers) else self.load_people(where))
        except (AsnityError, NoAnswer, Unreachable):
            # whoever asks next gets them; a list that may be wrong is worse than none
            community = self._store.communities.get(where)
            if isinstance(need, NeedPeople):
                self._tell(self._store.set_people(where, None))
            elif community is not None:
                community.members = None
                self._tell((MembersChanged(where),))
        finally:
            self._loading.discard(where)

    # Communities

    async def create_community(self, name: str, description: str = "") -> Community:
        """Make a community; it is in the store when this returns."""
        request = requests.CreateCommunity(name=name, description=description)
        return await self._added(await self._context.call(routes.CREATE_COMMUNITY, request))

    async def preview_invite(self, code: str) -> InvitePreview:
        """What an invite leads to; `code` may be the whole link."""
        return await self._context.call(routes.INVITE, _invite(code))

    async def accept_invite(self, code: str) -> Community:
        """Join by an invite; `code` may be the whole link."""
        with self._by_myself():
            answer = await self._context.call(routes.ACCEPT_INVITE, _invite(code))
            return await self._added(answer)

    async def _added(self, community: Community) -> Community:
        """The event says the same; whichever comes first counts, and the other changes nothing."""
        if community.id not in self._store.communities:
            added = CommunityAdded(community=community)
            self._tell(apply_event(self._store, None, "community-added", added, self._context.clock.now()))
        await self._sync.look_at(community.id)
        return community

    async def leave_community(self, community_id: str) -> None:
        """Leave a community."""
        await self._context.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=community_id, user_id="me"))
        self._tell(self._store.lose_community(community_id, "left"))

    async def change_community(
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
        changed = await self._context.call(routes.PATCH_COMMUNITY, request)
        now = self._context.clock.now()
        self._tell(apply_event(self._store, community_id, "community-changed", changed, now))
        return changed

    async def delete_community(self, community_id: str) -> None:
        """Delete a community for ever, with everything in it."""
        await self._context.call(routes.DELETE_COMMUNITY, requests.OfCommunity(community_id=community_id))
        self._tell(self._store.lose_community(community_id, "deleted"))

    # Invites

    async def create_invite(
        self,
        community_id: str,
        *,
        expires_in: int | None = None,
        max_uses: int | None = None,
        channel_id: str | None = None,
    ) -> Invite:
        """Create an invite link that lets people in, and into a channel too; `expires_in` in seconds."""
        request = requests.CreateInvite(
            community_id=community_id, expires_in=expires_in, max_uses=max_uses, channel_id=channel_id
        )
        return await self._context.call(routes.CREATE_INVITE, request)

    async def invites(self, community_id: str, cursor: str | None = None) -> Invites:
        """A community's invites, newest first, 100 at a time."""
        request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
        found = await self._context.call(routes.INVITES, request)
        self._learn(community_id, found.users)
        return found

    async def withdraw_invite(self, community_id: str, code: str) -> None:
        """Create an invite link useless."""
        await self._context.call(routes.DELETE_INVITE, requests.OfCommunityInvite(community_id=community_id, code=code))

    # People

    async def load_members(self, community_id: str) -> None:
        """Fill `CommunityState.members` with everyone; again, if somebody came or went meanwhile."""
        for _ in range(3):
            community = self._store.communities.get(community_id)
            if community is None:
                return
            asked_at = community.serial
            members = await self._members(community_id)
            if community.serial == asked_at:
                break
        self._tell(self._store.set_members(community_id, members))

    async def know_people(self) -> None:
        """Fill the members of all communities where they aren't known yet."""
        for community in list(self._store.communities.values()):
            if community.members is None:
                await self.load_members(community.id)

    async def _members(self, community_id: str) -> list[Member]:
        members: list[Member] = []
        cursor: str | None = None
        while len(members) < MEMBERS_MAX:
            request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
            answer = await self._context.call(routes.MEMBERS, request)
            members += answer.members
            if answer.cursor is UNSET or not answer.members:
                break
            cursor = answer.cursor
        return members[:MEMBERS_MAX]

    async def load_people(self, channel_id: str) -> None:
        """Fill `ChannelState.people` with everyone in a channel; again, if somebody came or went meanwhile."""
        community = self._store.communities.get(ids.community_of(channel_id))
        for _ in range(3):
            if community is None or self._store.channel(channel_id) is None:
                return
            asked_at, people = community.serial, list[Member]()
            cursor: str | None = None
            while len(people) < MEMBERS_MAX:
                answer = await self.channel_members(channel_id, cursor)
                people += answer.members
                if answer.cursor is UNSET or not answer.members:
                    break
                cursor = answer.cursor
            if community.serial == asked_at:
                break
        self._tell(self._store.set_people(channel_id, people[:MEMBERS_MAX]))

    async def channel_members(self, channel_id: str, cursor: str | None = None) -> ChannelMembers:
        """People in a channel, by name, 100 at a time."""
        request = requests.OfChannelPage(channel_id=channel_id, limit=limits.PAGE_MAX, cursor=cursor)
        found = await self._context.call(routes.CHANNEL_MEMBERS, request)
        self._learn(ids.community_of(channel_id), {each.user.id: each.user for each in found.members})
        return found

    async def change_name(self, display_name: str) -> User:
        """Change what others see as my name."""
        me = await self._context.call(routes.PATCH_ME, requests.PatchMe(display_name=display_name))
        self._tell(self._store.learn_users(None, {me.id: me}))
        return me

    # Channels

    async def create_channel(self, community_id: str, name: str, *, private: bool = False, topic: str = "") -> Channel:
        """Make a channel; it is in the store when this returns."""
        kind = requests.CreateChannel(
            community_id=community_id, name=name, kind="private" if private else "public", topic=topic
        )
        with self._by_myself():
            return await self.gained(await self._context.call(routes.CREATE_CHANNEL, kind))

    async def browse_channels(self, community_id: str, cursor: str | None = None) -> Channels:
        """Public channels and mine, by name, 100 at a time."""
        request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
        return await self._context.call(routes.CHANNELS, request)

    def saw_channels(self, community_id: str) -> frozenset[str]:
        """Somebody looks at the list of channels: answers which of them appeared since the last time."""
        community = self._store.communities.get(community_id)
        if community is None or not community.appeared:
            return frozenset()
        appeared, community.appeared = frozenset(community.appeared), set()
        self._tell((CommunityChanged(community_id),))
        return appeared

    async def join_channel(self, channel_id: str) -> Channel:
        """Join a public channel; it is in the store when this returns."""
        request = requests.OfChannelMember(channel_id=channel_id, user_id="me")
        with self._by_myself():
            return await self.gained(await self._context.call(routes.ADD_CHANNEL_MEMBER, request))

    def is_own_doing(self, channel_id: str) -> bool:
        """Whether I came into a channel by what I asked for here, as far as can be told."""
        return self._joining > 0 or channel_id in self._own

    @contextmanager
    def _by_myself(self) -> Iterator[None]:
        """I ask to come into a channel: what brings me into one meanwhile is that."""
        self._joining += 1
        try:
            yield
        finally:
            self._joining -= 1

    async def gained(self, channel: Channel) -> Channel:
        """A channel that I am in now: the event brings it; should that be late or lost, the overview does."""
        self._own.add(channel.id)
        for _ in range(3):
            if self._store.channel(channel.id) is not None:
                break
            await self._sync.look_at(channel.community_id)
        return channel

    async def leave_channel(self, channel_id: str) -> None:
        """Leave a channel."""
        request = requests.OfChannelMember(channel_id=channel_id, user_id="me")
        await self._context.call(routes.REMOVE_CHANNEL_MEMBER, request)
        self._lose(channel_id, "left")

    async def close_direct(self, channel_id: str) -> None:
        """Take a direct channel off my list, until the next message."""
        await self._context.call(routes.PATCH_CHANNEL_ME, requests.PatchChannelMe(channel_id=channel_id, closed=True))
        self._lose(channel_id, "closed")

    async def list_direct(self, channel_id: str) -> Channel:
        """Put a direct channel that I closed on my list again; it is in the store when this returns."""
        request = requests.PatchChannelMe(channel_id=channel_id, closed=False)
        return await self.gained((await self._context.call(routes.PATCH_CHANNEL_ME, request)).channel)

    async def change_channel(
        self, channel_id: str, *, name: str | None = None, topic: str | None = None, archived: bool | None = None
    ) -> Channel:
        """Change what is given; answers the channel as it stands now. The list follows by the server's event."""
        request = requests.PatchChannel(channel_id=channel_id, name=name, topic=topic, archived=archived)
        return await self._context.call(routes.PATCH_CHANNEL, request)

    async def delete_channel(self, channel_id: str) -> None:
        """Delete a channel for ever, with everything in it."""
        await self._context.call(routes.DELETE_CHANNEL, requests.OfChannel(channel_id=channel_id))
        self._lose(channel_id, "deleted")

    def _lose(self, channel_id: str, reason: RemovalReason) -> None:
        community = self._store.communities.get(ids.community_of(channel_id))
        if community is not None:
            community.serial += 1
            self._tell(self._store.lose_channel(community, channel_id, reason))

    async def invite_to_channel(self, channel_id: str, user_ids: Sequence[str]) -> Sequence[tuple[User, str]]:
        """Put people of the community into a channel; answers who was refused, and why in words."""
        request = requests.InviteUsers(channel_id=channel_id, users=tuple(user_ids))
        answer = await self._context.ask(ids.community_of(channel_id), routes.INVITE_USERS, request)
        return [(self._person(each.user_id), each.error.message) for each in answer.refused]

    def _person(self, user_id: str) -> User:
        unknown = User(id=user_id, username=user_id, display_name=self._store.name_of(user_id), status_text="")
        return self._store.users.get(user_id, unknown)

    def _learn(self, community_id: str, users: dict[str, User]) -> None:
        self._tell(self._store.learn_users(self._store.communities.get(community_id), users))

    def _tell(self, changes: Changes) -> None:
        self._context.tell(changes)
