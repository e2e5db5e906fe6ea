"""Members of communities and channels: loaded into the store, added and removed; and my own coming and going."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from asnity_server.protocol import ids, limits, requests, routes
from asnity_server.protocol.events import RemovalReason
from asnity_server.protocol.models import Channel, Member, User
from asnity_server.protocol.responses import ChannelMembers, Members
from asnity_tui.client.sync.link import Link
from asnity_tui.client.sync.publisher import Publisher
from asnity_tui.client.sync.repair import Repair
from asnity_tui.client.sync.tasks import Tasks
from asnity_tui.client.transport.client import REQUEST_ERRORS
from asnity_tui.state.changes import Change, MembersChanged, NeedMembers, NeedPeople
from asnity_tui.state.community import MEMBERS_MAX
from asnity_tui.state.store import Store

from .paging import Pages

LOAD_AGAIN = 3
"""How often a list is loaded at most where people come and go meanwhile."""


class MembersApi:
    """Every method asks the server and raises as the client does. Loads again by itself what the store needs."""

    def __init__(self, link: Link, store: Store, publisher: Publisher, tasks: Tasks) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher
        self._tasks = tasks
        self._loading: set[str] = set()
        publisher.watch(self._watch, NeedMembers, NeedPeople)

    def _watch(self, change: Change) -> None:
        match change:
            case NeedMembers(community_id):
                self._load_again(community_id, self.load, self._drop_members)
            case NeedPeople(channel_id):
                self._load_again(channel_id, self.load_channel, self._drop_channel_members)

    def _load_again(self, key: str, load: Callable[[str], Awaitable[None]], drop: Callable[[str], None]) -> None:
        if self._tasks.is_open and key not in self._loading:
            self._loading.add(key)
            self._tasks.start(self._load_or_drop(key, load, drop))

    async def _load_or_drop(
        self, key: str, load: Callable[[str], Awaitable[None]], drop: Callable[[str], None]
    ) -> None:
        try:
            await load(key)
        except REQUEST_ERRORS:
            drop(key)  # whoever asks next gets it; a list that may be wrong is worse than none
        finally:
            self._loading.discard(key)

    def _drop_members(self, community_id: str) -> None:
        community = self._store.communities.get(community_id)
        if community is not None:
            community.members = None
            self._publisher.publish((MembersChanged(community_id),))

    def _drop_channel_members(self, channel_id: str) -> None:
        self._publisher.publish(self._store.set_people(channel_id, None))

    # Communities

    async def load(self, community_id: str) -> None:
        """Fill `CommunityState.members` with everyone; again, if somebody came or went meanwhile."""
        members: list[Member] = []
        for _ in range(LOAD_AGAIN):
            community = self._store.communities.get(community_id)
            if community is None:
                return
            asked_at = community.serial
            members = await self.pages(community_id).entries(lambda page: page.members, at_most=MEMBERS_MAX)
            if community.serial == asked_at:
                break
        self._publisher.publish(self._store.set_members(community_id, members))

    def pages(self, community_id: str) -> Pages[Members]:
        """The members of a community, by name."""

        async def fetch(cursor: str | None) -> Members:
            request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
            return await self._link.call(routes.MEMBERS, request)

        return Pages(fetch)

    # Channels

    async def load_channel(self, channel_id: str) -> None:
        """Fill `ChannelState.people` with everyone in a channel; again, if somebody came or went meanwhile."""
        community = self._store.communities.get(ids.community_of(channel_id))
        people: list[Member] = []
        for _ in range(LOAD_AGAIN):
            if community is None or self._store.channel(channel_id) is None:
                return
            asked_at = community.serial
            people = await self.channel_pages(channel_id).entries(lambda page: page.members, at_most=MEMBERS_MAX)
            if community.serial == asked_at:
                break
        self._publisher.publish(self._store.set_people(channel_id, people))

    def channel_pages(self, channel_id: str) -> Pages[ChannelMembers]:
        """The people in a channel, by name."""

        async def fetch(cursor: str | None) -> ChannelMembers:
            request = requests.OfChannelPage(channel_id=channel_id, limit=limits.PAGE_MAX, cursor=cursor)
            page = await self._link.call(routes.CHANNEL_MEMBERS, request)
            community = self._store.communities.get(ids.community_of(channel_id))
            users = {each.user.id: each.user for each in page.members}
            self._publisher.publish(self._store.learn_users(community, users))
            return page

        return Pages(fetch)

    async def add_to_channel(self, channel_id: str, user_ids: Sequence[str]) -> Sequence[tuple[User, str]]:
        """Put people of the community into a channel; answers who was refused, and why as a sentence."""
        request = requests.InviteUsers(channel_id=channel_id, users=tuple(user_ids))
        answer = await self._link.ask(ids.community_of(channel_id), routes.INVITE_USERS, request)
        return [(self._user(each.user_id), each.error.message) for each in answer.refused]

    def _user(self, user_id: str) -> User:
        unknown = User(id=user_id, username=user_id, display_name=self._store.name_of(user_id), status_text="")
        return self._store.users.get(user_id, unknown)

    async def remove_from_channel(self, channel_id: str, user_id: str) -> None:
        """Remove someone from a channel."""
        request = requests.OfChannelMember(channel_id=channel_id, user_id=user_id)
        await self._link.call(routes.REMOVE_CHANNEL_MEMBER, request)


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
