"""The state of one of my communities: its channels, its members and their presence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from asnity_server.protocol.models import Channel, Community, Counters, Member, Presence, Role, Wire
from asnity_server.protocol.text import name_key

from .changes import NOTHING, Changes, MembersChanged, NeedPeople, PeopleChanged
from .channel import ChannelState
from .unread import Badge, whole_badge

PresenceStatus: TypeAlias = Presence | Literal["unknown"]
"""How present somebody is, as far as it is known: without a connection nobody's presence is."""


MEMBERS_MAX = 10_000
"""Members that a list holds at most."""

PRESENT_MAX = 20_000
"""People whose presence is known; others show as offline."""

APPEARED_MAX = 500
"""New channels that are counted until somebody looks."""

HELD_EVENTS_MAX = 10_000
"""Events that are held back while a `join` is unanswered; beyond it they are missed, and asked for afterwards."""


class CommunityState:
    """One of my communities. Widgets read; only the store changes it."""

    def __init__(self, community: Community, role: Role, *, me: str) -> None:
        self.community = community
        self.role = role
        self.muted_until = 0
        """Until when I may read here but not write (milliseconds since 1970); it may lie in the past."""
        self.channels: dict[str, ChannelState] = {}
        """By id; public and private ones by name, then direct ones."""
        self.presence: dict[str, Presence] = {}
        """By user id; who isn't in it is offline, as long as the community is `joined`. Ask `presence_of`."""
        self.members: dict[str, Member] | None = None
        """By user id; None until somebody asked for the list (`session.members.load`)."""
        self.appeared: set[str] = set()
        """Ids of public channels that were made since somebody here last looked at the list of them."""
        self.former: set[str] = set()
        """Ids of people that are named here and have left."""
        self.joined = False
        """Its namespace is connected and its counters are compared: what it shows is live."""
        self.compared = False
        """Its counters were compared since the program began: before that, what is held may be of any age."""
        self.serial = 0
        """Steps with every event about what is in it: an answer that was asked for before isn't believed."""
        self.held_back: list[tuple[str, Wire]] | None = None
        """Events that came while a `join` is unanswered."""
        self.missed = False
        """There were more of them than are held back."""
        self._me = me
        self._in_order = True
        self._orders: dict[str, tuple[bool, str, str]] = {}
        """Where each channel stands among the others, by id."""

    def hold_back(self, name: str, payload: Wire) -> None:
        """An event came while a `join` is unanswered."""
        if self.held_back is None or len(self.held_back) >= HELD_EVENTS_MAX:
            self.missed = True
        else:
            self.held_back.append((name, payload))

    def update_presence(self, present: Mapping[str, Presence]) -> None:
        """So present are these people from here on."""
        for user_id, presence in present.items():
            if presence == "offline":
                self.presence.pop(user_id, None)
            elif user_id in self.presence or len(self.presence) < PRESENT_MAX:
                self.presence[user_id] = presence

    def named(self) -> Iterator[str]:
        """Ids of everybody whom something names that is loaded."""
        yield from self.members or ()
        yield from self.presence
        for channel in self.channels.values():
            yield from channel.named()

    def note_appeared(self, channel_id: str) -> None:
        """A public channel was made."""
        if len(self.appeared) < APPEARED_MAX:
            self.appeared.add(channel_id)

    @property
    def id(self) -> str:
        """The community's id."""
        return self.community.id

    @property
    def badge(self) -> Badge:
        """The badge of its place in the rail: mentions and direct messages as a count, other unread as a dot."""
        return whole_badge(each.badge for each in self.channels.values())

    def presence_of(self, user_id: str) -> PresenceStatus:
        """How present somebody is here."""
        return self.presence.get(user_id, "offline") if self.joined else "unknown"

    def put(self, channel: Channel, *, muted: bool, counters: Counters) -> ChannelState:
        """I am in this channel; one that is known already only gets its new name and the like. `sort` must follow."""
        state = self.channels.get(channel.id)
        if state is None or state.channel.name != channel.name:
            self._orders[channel.id] = channel.kind == "direct", name_key(channel.name), channel.id
            self._in_order = False
        if state is None:
            state = ChannelState(channel, me=self._me, muted=muted, counters=counters)
            self.channels[channel.id] = state
        state.channel = channel
        state.muted = muted
        self.appeared.discard(channel.id)
        return state

    def update_member(self, user_id: str, member: Member | None) -> Changes:
        """Somebody is a member as told, or (None) is none any more: the lists that are loaded follow."""
        changes: Changes = NOTHING
        if self.members is not None:
            _put(self.members, user_id, member)
            changes += (MembersChanged(self.id),)
        for channel in self.channels.values():
            if channel.people is not None and user_id in channel.people:
                _put(channel.people, user_id, member)
                changes += (PeopleChanged(channel.id),)
        return changes

    def update_person(self, channel: ChannelState, user_id: str, member: Member | None) -> Changes:
        """Somebody is in a channel from here on, or (None) no longer."""
        if channel.people is None:
            return NOTHING
        _put(channel.people, user_id, member)
        return (PeopleChanged(channel.id),)

    def people_to_ask(self) -> Changes:
        """The questions for who is in those channels where that is loaded."""
        return tuple(NeedPeople(each.id) for each in self.channels.values() if each.people is not None)

    def sort(self) -> None:
        """Bring the channels into order, after some were put or renamed."""
        if not self._in_order:
            self._in_order = True
            orders = self._orders
            in_order = sorted(self.channels.values(), key=lambda each: orders[each.id])
            self.channels = {each.id: each for each in in_order}
            self._orders = {each.id: orders[each.id] for each in in_order}


def _put(people: dict[str, Member], user_id: str, member: Member | None) -> None:
    if member is None:
        people.pop(user_id, None)
    elif user_id in people or len(people) < MEMBERS_MAX:
        people[user_id] = member
