"""The store of one account: people, communities, channels and the outbox, and the steps that change several of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from asnity_server.protocol import ids, times
from asnity_server.protocol.errors import AsnityError, ErrorInfo
from asnity_server.protocol.events import RemovalReason
from asnity_server.protocol.invisible import is_blank
from asnity_server.protocol.models import Channel, Community, Counters, Member, Message, Role, User

from .changes import (
    NOTHING,
    Change,
    Changes,
    ChannelLost,
    CommunitiesChanged,
    CommunityChanged,
    CommunityLost,
    EntryFailed,
    EntrySettled,
    MembersChanged,
    NeedMembers,
    NeedUsers,
    Notice,
    OutboxChanged,
    PeopleChanged,
    Restored,
    UsersChanged,
    describe_removal,
)
from .channel import ChannelState
from .community import CommunityState
from .outbox import Outbox
from .outbox_entry import OutboxEntry

_NOT_DELETED = (
    "The server was restored from a backup from before you deleted a message. Check whether the message is back."
)

USERS_MAX = 50_000
"""People who are known at the same time; beyond it, those whom nothing that is loaded names are forgotten."""

UNKNOWN_PERSON = "…"
"""Stands for a name until it is known."""


class Store:
    """People, communities and channels of an account, and its outbox. Widgets read; only the session changes it.

    Everything that applies something to it returns what changed, and what is to be requested because of it.
    """

    def __init__(self, outbox: Outbox | None = None) -> None:
        self.me: User | None = None
        """None before the first answer or cached sidebar."""
        self.users: dict[str, User] = {}
        """Everyone who is named anywhere, by id."""
        self.communities: dict[str, CommunityState] = {}
        """By id, in the order in which I joined them."""
        self.outbox = outbox if outbox is not None else Outbox()
        self.generation = ""
        """The server's line of history that ids and revs are of; empty before it was told."""
        self.serial = 0
        """Steps with every event that adds or removes a community."""

    # Looking

    @property
    def my_id(self) -> str:
        """My user id; empty before it is known."""
        return self.me.id if self.me is not None else ""

    def channel(self, channel_id: str) -> ChannelState | None:
        """One of my channels, in whichever community."""
        community = self.communities.get(ids.community_of(channel_id))
        return None if community is None else community.channels.get(channel_id)

    def is_live(self, channel_id: str) -> bool:
        """Whether what is written to a channel can go now."""
        community = self.communities.get(ids.community_of(channel_id))
        return community is not None and community.joined

    def name_of(self, user_id: str) -> str:
        """The display name of a person, or a placeholder while it isn't known."""
        user = self.users.get(user_id)
        return UNKNOWN_PERSON if user is None else shown_name(user)

    def title_of(self, channel: ChannelState) -> str:
        """A channel's name; for a direct channel the names of the others in it."""
        return self.title(channel.channel)

    def title(self, channel: Channel) -> str:
        """The same for a channel that isn't mine."""
        if channel.kind != "direct" or not channel.members:
            return channel.name
        others = [each for each in channel.members if each != self.my_id] or [self.my_id]
        return ", ".join(self.name_of(each) for each in others)

    # People

    def learn_users(self, community: CommunityState | None, users: Mapping[str, User]) -> Changes:
        """Take in people as a community (None: no single one) names them."""
        changed = False
        for user in users.values():
            if community is not None and user.former != (user.id in community.former):
                changed = True
                (community.former.add if user.former else community.former.discard)(user.id)
            # whether somebody has left is said of one community, a name holds in all of them
            known = replace(user, former=False) if user.former else user
            if self.users.get(user.id) != known:
                changed = True
                self.users[user.id] = known
        if self.me is not None and changed:
            self.me = self.users.get(self.me.id, self.me)
        if len(self.users) > USERS_MAX:
            self._forget_strangers(users)
        return (UsersChanged(),) if changed else NOTHING

    def _forget_strangers(self, just_told: Mapping[str, User]) -> None:
        """Forget whom nothing names that is loaded; who is named again is told, or asked for, again."""
        named = {self.my_id, *just_told}
        for community in self.communities.values():
            named.update(community.named())
        known = [each for each in self.users if each in named][-USERS_MAX:]
        self.users = {each: self.users[each] for each in known}
        for community in self.communities.values():
            community.former &= self.users.keys()

    def ask_for_people(self, community_id: str, user_ids: Iterable[str]) -> Changes:
        """The question for those of these people who aren't known, if there are any."""
        unknown = sorted({each for each in user_ids if each not in self.users})
        return (NeedUsers(community_id, tuple(unknown)),) if unknown else NOTHING

    def set_members(self, community_id: str, members: Iterable[Member]) -> Changes:
        """All members of a community, as asked for."""
        community = self.communities.get(community_id)
        if community is None:
            return NOTHING
        community.members = {each.user.id: each for each in members}
        people = {each.user.id: each.user for each in community.members.values()}
        return (*self.learn_users(community, people), MembersChanged(community_id))

    def set_people(self, channel_id: str, people: Iterable[Member] | None) -> Changes:
        """Everybody in a channel, as asked for; None: nobody knows any more."""
        channel = self.channel(channel_id)
        if channel is None:
            return NOTHING
        channel.people = None if people is None else {each.user.id: each for each in people}
        users = {each.user.id: each.user for each in (channel.people or {}).values()}
        community = self.communities[channel.channel.community_id]
        return (*self.learn_users(community, users), PeopleChanged(channel_id))

    # Communities and channels

    def add_community(self, community: Community, role: Role) -> CommunityState:
        """I am in a community, perhaps since now."""
        state = self.communities.get(community.id)
        if state is None:
            state = self.communities[community.id] = CommunityState(community, role, me=self.my_id)
        state.community = community
        state.role = role
        return state

    def lose_community(self, community_id: str, reason: RemovalReason | None, why: str = "") -> Changes:
        """I am no longer in a community: it goes with all its channels."""
        community = self.communities.get(community_id)
        if community is None:
            return NOTHING
        changes: list[Change] = []
        for channel_id in list(community.channels):
            changes += self.lose_channel(community, channel_id, reason)
        del self.communities[community_id]
        return (*changes, CommunityLost(community_id, community.community.name, reason, why), CommunitiesChanged())

    def add_channel(
        self, community: CommunityState, channel: Channel, *, muted: bool, counters: Counters
    ) -> ChannelState:
        """I am in a channel, perhaps since now; counters only count for one that is new."""
        state = community.put(channel, muted=muted, counters=counters)
        community.sort()
        return state

    def lose_channel(self, community: CommunityState, channel_id: str, reason: RemovalReason | None) -> Changes:
        """I am no longer in a channel: what was still to go there failed, and says so."""
        state = community.channels.pop(channel_id, None)
        if state is None:
            return NOTHING
        title = self.title(state.channel)
        place = title if state.channel.kind == "direct" else f"#{title}"
        error = ErrorInfo(code="not-found", message=f"{describe_removal(place, reason)}.")
        failed = self.outbox.fail_channel(channel_id, error, place)
        return (
            ChannelLost(community.id, channel_id, title, reason, place),
            CommunityChanged(community.id),
            *_failed(failed),
        )

    # The server's history

    def enter_generation(self, told: str) -> Changes:
        """The server tells its generation. If it was restored, all people are asked for anew; nothing if it wasn't.

        Channels start over by the overview that told it.
        """
        known, self.generation = self.generation, told or self.generation
        if not known or known == self.generation:
            return NOTHING
        self.users = {}
        needs: list[Change] = [NeedMembers(each.id) for each in self.communities.values() if each.members is not None]
        for community in self.communities.values():
            needs += community.people_to_ask()
            community.members = None
            for channel in community.channels.values():
                channel.people = None
            community.former.clear()
        return (Restored(), UsersChanged(), *needs)

    # The outbox

    def fail_strays(self) -> Changes:
        """Fail entries for channels that I am not in; to be called when it is known which those are."""
        error = ErrorInfo(code="not-found", message="You are no longer in this channel.")
        strays = {each.channel_id for each in self.outbox.entries() if self.channel(each.channel_id) is None}
        failed = [each for channel_id in sorted(strays) for each in self.outbox.fail_channel(channel_id, error)]
        return _failed(failed)

    def fail_restored(self) -> Changes:
        """Fail edits and replies whose message may be another one by now, and say so."""
        if not self.generation:
            return NOTHING
        failed, dropped = self.outbox.fail_restored(self.generation)
        told = (Notice(_NOT_DELETED, "warning"),) if dropped else NOTHING
        return (*told, *(EntryFailed(each.nonce) for each in failed), *self.show(*failed, *dropped))

    def settle(self, nonce: str) -> Changes:
        """The server has what this nonce stands for."""
        entry = self.outbox.settle(nonce)
        return NOTHING if entry is None else (EntrySettled(nonce), *self.show(entry))

    def settle_new(self, channel: ChannelState, message: Message) -> Changes:
        """A copy of a message came by: if it is what an unsent new one of mine became, that is settled.

        Called after whatever the channel does with the copy; where that holds it back, it stays on the screen.
        """
        if message.nonce is None or message.sender_id != self.my_id:
            return NOTHING
        entry = self.outbox.get(message.nonce)
        if entry is None or entry.kind != "new" or entry.channel_id != message.channel_id:
            return NOTHING
        return channel.keep_own(message) + self.settle(entry.nonce)

    def show(self, *entries: OutboxEntry) -> Changes:
        """These entries changed: the rows of their channels follow the outbox."""
        changes: dict[Change, None] = {OutboxChanged(): None} if entries else {}
        for channel_id in dict.fromkeys(each.channel_id for each in entries):
            channel = self.channel(channel_id)
            if channel is not None:
                changes.update(dict.fromkeys(channel.show(self.outbox.of_channel(channel_id))))
        return tuple(changes)


def shown_name(user: User) -> str:
    """Return a person's display name, or the username where that shows nothing."""
    return user.username if is_blank(user.display_name) else user.display_name


def _failed(entries: Sequence[OutboxEntry]) -> Changes:
    return (*(EntryFailed(each.nonce) for each in entries), *((OutboxChanged(),) if entries else ()))


def time_of(told: str | UnsetType) -> int:
    """A time of the wire in milliseconds since 1970; 0 where none was told, or none that makes sense."""
    if told is UNSET:
        return 0
    try:
        return times.from_wire(told)
    except AsnityError:
        return 0
