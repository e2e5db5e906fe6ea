"""Tests of mending: everything that people at a gateway missed shows in its answer, and nothing that isn't theirs."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from asnity_server import bus
from asnity_server.api import (
    channels,
    communities,
    direct_channels,
    members,
    moderation,
    overview,
    pins,
    reactions,
    socket_requests,
)
from asnity_server.api.accounts import sessions, users
from asnity_server.api.accounts.users import disable_account
from asnity_server.api.mending import mend, prove
from asnity_server.api.socket_backend import LocalBackend
from asnity_server.backend import SessionOwner
from asnity_server.bus import Change, Outcome
from asnity_server.db.transaction import WriteTx
from asnity_server.mend import PEOPLE, ROOMS, SLICE, USERS, MendAnswer, MendedCommunity, MendRequest, SeatedCommunity
from asnity_server.protocol import requests
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.models import Community
from tests.api.harness import ApiHarness, Person

MINUTE = 60_000


class Seats:
    """People at a gateway that was told everything up to some moment."""

    def __init__(self, harness: ApiHarness, *people: Person) -> None:
        self._harness = harness
        self._people = people
        self._request = MendRequest(0)

    async def sit(self, *labs: Community) -> None:
        """Note what is the case, as the gateway was told it; afterwards a minute passes in which it is told nothing."""
        names = tuple(person.id for person in self._people)
        rows = await self._harness.sql(
            "SELECT DISTINCT c.id, c.rev FROM channels c JOIN channel_members m ON m.channel_id = c.id"
        )
        revs = dict(await self._harness.sql("SELECT id, rev FROM communities"))
        seated = tuple(
            SeatedCommunity(lab.id, revs[lab.id], names, {key: rev for key, rev in rows if community_of(key) == lab.id})
            for lab in labs
        )
        self._request = MendRequest(self._harness.clock.now, seated, names)
        self._harness.clock.forward(MINUTE)
        self._harness.forget()

    async def ask(self) -> MendAnswer:
        """Ask what still holds."""
        request = self._request
        return await self._harness.database.write(lambda tx: mend(tx, request))

    @property
    def request(self) -> MendRequest:
        """The request that was noted."""
        return self._request


async def answer_for(harness: ApiHarness, request: MendRequest) -> MendAnswer:
    """Ask for anything."""
    return await harness.database.write(lambda tx: mend(tx, request))


def shows(change: Change, request: MendRequest, answer: MendAnswer) -> bool:
    """Whether an answer tells those who missed `change` to compare, or carries it out."""
    community_id = bus.community_of_change(change)
    seated = next((each for each in request.communities if each.community_id == community_id), None)
    mended = next((each for each in answer.communities if each.community_id == community_id), None)
    match change:
        case bus.CommunityEntered(user_id, community):
            return (user_id, community) in answer.gained
        case bus.CommunityExited(user_id, community_id, reason):
            expelled = next(each for each in answer.communities if each.community_id == community_id).expelled
            return reason == "deleted" == expelled[user_id] or (user_id, community_id, reason) in answer.lost
    assert seated is not None
    assert mended is not None
    if mended.rev == -1:
        return True  # everyone leaves
    match change:
        case (
            bus.MessagePosted(message)
            | bus.MessageEdited(message)
            | bus.MessageDeleted(message)
            | bus.ReactionsChanged(message)
        ):
            return mended.moved[message.channel_id] == message.rev
        case bus.ReadMarkerMoved(channel_id, user_id) | bus.ChannelMuted(channel_id, user_id):
            return (user_id, channel_id) in {each[:2] for each in mended.marked}
        case bus.ChannelEntered(user_id, channel):
            return channel.id in mended.allowed_to(user_id)
        case bus.ChannelExited(user_id, channel_id):
            return channel_id not in mended.allowed_to(user_id)
        case bus.ChannelMemberUpdated(channel_id):
            never = channel_id not in mended.channels or channel_id not in seated.channels
            return never or channel_id in mended.moved
        case bus.ChannelStored(channel, None):
            return channel in mended.changed
        case bus.ChannelDeleted(channel_id, None):
            return channel_id not in mended.channels
    return mended.rev > seated.rev


class World:
    """A community in which everything can happen."""

    def __init__(self, harness: ApiHarness) -> None:
        self.harness = harness

    async def fill(self) -> World:
        """Let people and things in."""
        harness = self.harness
        self.alice, self.bob, self.carol, self.dave = await harness.people("alice", "bob", "carol", "dave")
        self.lab = await harness.community(self.alice, self.bob, self.carol)
        self.general = await harness.general(self.lab)
        self.secret = (await harness.channel(self.alice, self.lab, "secret", self.bob, kind="private")).id
        self.public = (await harness.channel(self.alice, self.lab, "public", self.bob)).id
        opened = requests.OpenDirect(community_id=self.lab.id, user_ids=(self.bob.id, self.carol.id))
        self.direct = (await harness.do(self.alice, direct_channels.open_direct, opened)).id
        await harness.post(self.alice, self.direct, "hello")
        self.message = await harness.post(self.alice, self.general, "first")
        return self

    async def happens(self, what: str) -> None:
        """Let one thing happen."""
        harness, alice, bob, carol, lab = self.harness, self.alice, self.bob, self.carol, self.lab
        of_message = {"channel_id": self.message.channel_id, "chat_id": self.message.id}
        match what:
            case "a message is posted":
                await harness.post(bob, self.secret, "new")
            case "a message is edited":
                await harness.edit(alice, self.message, "other")
            case "a message is deleted":
                await harness.delete(alice, self.message)
            case "a message is pinned":
                await harness.do(alice, pins.pin, requests.OfMessage(**of_message))
            case "somebody reacts":
                await harness.do(bob, reactions.react, requests.React(**of_message, emoji="👍", on=True))
            case "a read marker moves":
                await harness.read(bob, self.general, 1)
            case "a read marker is set back":
                await harness.read(alice, self.general, 0, set_back=True)
            case "a channel is muted":
                request = requests.PatchChannelMe(channel_id=self.general, muted=True)
                await harness.do(bob, overview.patch_channel_me, request)
            case "a direct channel is closed":
                request = requests.PatchChannelMe(channel_id=self.direct, closed=True)
                await harness.do(bob, overview.patch_channel_me, request)
            case "a direct channel is left":
                request = requests.OfChannelMember(channel_id=self.direct, user_id="me")
                await harness.do(carol, channels.remove_member, request)
            case "a private channel is renamed":
                request = requests.PatchChannel(channel_id=self.secret, name="other")
                await harness.do(alice, channels.patch_channel, request)
            case "a public channel is archived":
                request = requests.PatchChannel(channel_id=self.public, archived=True)
                await harness.do(alice, channels.patch_channel, request)
            case "a private channel is deleted":
                await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=self.secret))
            case "a public channel is deleted":
                await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=self.public))
            case "a channel is made":
                await harness.channel(alice, lab, "new", bob)
            case "somebody is invited into a private channel":
                request = requests.InviteUsers(channel_id=self.secret, users=(carol.id,))
                await harness.do(
                    alice, lambda tx, caller, asked: socket_requests.invite_users(tx, caller, lab.id, asked), request
                )
            case "somebody is removed from a private channel":
                request = requests.OfChannelMember(channel_id=self.secret, user_id=bob.id)
                await harness.do(alice, channels.remove_member, request)
            case "somebody leaves a public channel":
                request = requests.OfChannelMember(channel_id=self.public, user_id="me")
                await harness.do(bob, channels.remove_member, request)
            case "somebody comes":
                await harness.enter(lab.id, self.dave)
            case "somebody is kicked":
                await harness.kick(alice, lab, bob)
            case "somebody is banned":
                request = requests.RemoveMember(community_id=lab.id, user_id=bob.id, ban=True)
                await harness.do(alice, members.remove_member, request)
            case "somebody leaves":
                request = requests.RemoveMember(community_id=lab.id, user_id="me")
                await harness.do(bob, members.remove_member, request)
            case "somebody is muted":
                request = requests.PatchMember(community_id=lab.id, user_id=bob.id, muted_for=60, reason="Hush")
                await harness.do(alice, moderation.patch_member, request)
            case "somebody gets a role":
                request = requests.PatchMember(community_id=lab.id, user_id=bob.id, role="admin")
                await harness.do(alice, moderation.patch_member, request)
            case "somebody has another name":
                await harness.do(bob, users.patch_me, requests.PatchMe(display_name="Robert"))
            case "the community is renamed":
                request = requests.PatchCommunity(community_id=lab.id, name="Other")
                await harness.do(alice, communities.patch_community, request)
            case "the community is deleted":
                await harness.do(alice, communities.delete_community, requests.OfCommunity(community_id=lab.id))
            case "a community is made":
                await harness.do(bob, communities.create_community, requests.CreateCommunity(name="Second"))


HAPPENINGS = (
    "a message is posted",
    "a message is edited",
    "a message is deleted",
    "a message is pinned",
    "somebody reacts",
    "a read marker moves",
    "a read marker is set back",
    "a channel is muted",
    "a direct channel is closed",
    "a direct channel is left",
    "a private channel is renamed",
    "a public channel is archived",
    "a private channel is deleted",
    "a public channel is deleted",
    "a channel is made",
    "somebody is invited into a private channel",
    "somebody is removed from a private channel",
    "somebody leaves a public channel",
    "somebody comes",
    "somebody is kicked",
    "somebody is banned",
    "somebody leaves",
    "somebody is muted",
    "somebody gets a role",
    "somebody has another name",
    "the community is renamed",
    "the community is deleted",
    "a community is made",
)


async def _happened(harness: ApiHarness, what: str) -> tuple[Seats, list[Any]]:
    """Let something happen while nobody at a gateway is told."""
    world = await World(harness).fill()
    seats = Seats(harness, world.alice, world.bob, world.carol, world.dave)
    await seats.sit(world.lab)
    await world.happens(what)
    return seats, harness.changes


@pytest.mark.parametrize("what", HAPPENINGS)
async def test_all_that_was_missed_shows(harness: ApiHarness, what: str) -> None:
    seats, changes = await _happened(harness, what)
    assert changes, "something was told"
    answer = await seats.ask()
    here = [
        change
        for change in changes
        if isinstance(change, (bus.CommunityEntered, bus.CommunityExited))
        or bus.community_of_change(change) in {each.community_id for each in seats.request.communities}
    ]
    assert here
    missed = [change for change in here if not shows(change, seats.request, answer)]
    assert not missed


async def test_every_kind_of_change_is_among_them_and_survives_a_link(harness: ApiHarness) -> None:
    world = await World(harness).fill()
    for what in HAPPENINGS[:-2]:
        if what in ("a message is deleted", "a private channel is deleted", "a public channel is deleted"):
            continue
        if what in ("somebody is banned", "somebody leaves", "somebody is muted", "somebody gets a role"):
            await harness.enter(world.lab.id, world.bob)
        await world.happens(what)
        if what == "somebody is banned":
            lifted = requests.OfMember(community_id=world.lab.id, user_id=world.bob.id)
            await harness.do(world.alice, moderation.lift_ban, lifted)
    await world.happens("a message is deleted")
    await world.happens("a private channel is deleted")
    kinds = {type(change) for change in harness.changes}
    assert [msgspec.msgpack.decode(msgspec.msgpack.encode(each), type=Change) for each in harness.changes] == (
        harness.changes
    )
    assert set(get_args(Change)) - kinds == {bus.MemberTyping, bus.SessionsEnded}, "these need no mending"
    for_all = {type(change) for change in harness.changes if bus.community_of_change(change) is None}
    assert for_all == {bus.CommunityEntered, bus.CommunityExited}, "all others are for those of one community"
    assert bus.community_of_change(bus.MemberTyping(world.general, world.bob.id)) == world.lab.id
    assert bus.community_of_change(bus.SessionsEnded((), "ended")) is None


async def test_where_nothing_happened_nobody_is_told_anything(harness: ApiHarness) -> None:
    world = await World(harness).fill()
    seats = Seats(harness, world.alice, world.bob, world.carol)
    harness.clock.forward(MINUTE)
    await seats.sit(world.lab)
    answer = await seats.ask()
    (lab,) = answer.communities
    assert (answer.gained, answer.lost) == ((), ())
    assert (lab.expelled, lab.moved, lab.marked, lab.changed) == ({}, {}, (), ())
    assert lab.rev == seats.request.communities[0].rev
    assert {user_id: lab.allowed_to(user_id) for user_id in lab.allowed} == {
        world.alice.id: {world.general, world.secret, world.public, world.direct},
        world.bob.id: {world.general, world.secret, world.public, world.direct},
        world.carol.id: {world.general, world.direct},
    }


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("somebody is kicked", "kicked"),
        ("somebody is banned", "banned"),
        ("somebody leaves", "left"),
        ("the community is deleted", "deleted"),
    ],
)
async def test_who_is_no_member_any_more_is_told_why(harness: ApiHarness, what: str, reason: str) -> None:
    world = await World(harness).fill()
    seats = Seats(harness, world.bob)
    await seats.sit(world.lab)
    await world.happens(what)
    (lab,) = (await seats.ask()).communities
    assert lab == MendedCommunity(world.lab.id, -1, {world.bob.id: reason}, (), {}, {}, ())  # type: ignore[dict-item]


async def test_who_left_and_came_again_sits_where_they_are_now(harness: ApiHarness) -> None:
    world = await World(harness).fill()
    seats = Seats(harness, world.bob)
    await seats.sit(world.lab)
    await world.happens("somebody is kicked")
    await harness.enter(world.lab.id, world.bob)
    answer = await seats.ask()
    (lab,) = answer.communities
    assert lab.expelled == {}
    assert world.general in lab.allowed_to(world.bob.id)
    assert world.secret not in lab.allowed_to(world.bob.id)
    assert [each for each, _ in answer.gained] == [world.bob.id]
    assert answer.lost == ()


async def test_what_happened_long_before_the_break_is_not_told_again(harness: ApiHarness) -> None:
    world = await World(harness).fill()
    for what in ("a read marker moves", "a private channel is renamed", "somebody comes", "a community is made"):
        await world.happens(what)
    harness.clock.forward(MINUTE)
    seats = Seats(harness, world.alice, world.bob, world.dave)
    await seats.sit(world.lab)
    answer = await seats.ask()
    (lab,) = answer.communities
    assert (answer.gained, answer.lost, lab.moved, lab.marked, lab.changed) == ((), (), {}, (), ())


# Nobody learns anything by asking


async def test_what_does_not_exist_and_what_is_not_ones_own_are_answered_alike(harness: ApiHarness) -> None:
    world = await World(harness).fill()
    stranger = world.dave
    foreign = SeatedCommunity(world.lab.id, 0, (stranger.id,), {world.general: 0, world.secret: 0})
    nowhere_id = "0" * len(world.lab.id)
    nowhere = SeatedCommunity(nowhere_id, 0, (stranger.id,), {f"{nowhere_id}-0": 0})
    answer = await answer_for(harness, MendRequest(0, (foreign, nowhere), (stranger.id, "nobody")))
    first, second = answer.communities
    assert first == MendedCommunity(world.lab.id, -1, {stranger.id: "deleted"}, (), {}, {}, ())
    assert second == MendedCommunity(nowhere_id, -1, {stranger.id: "deleted"}, (), {}, {}, ())
    assert (answer.gained, answer.lost) == ((), ())


async def test_a_member_learns_nothing_of_channels_that_they_are_not_in(harness: ApiHarness) -> None:
    world = await World(harness).fill()
    asked = {world.secret: 0, world.public: 0, world.direct: 0, f"{world.lab.id}-nothing": 0}
    seated = SeatedCommunity(world.lab.id, 0, (world.carol.id,), asked)
    (lab,) = (await answer_for(harness, MendRequest(harness.clock.now, (seated,)))).communities
    assert set(lab.moved) == {world.direct}
    assert lab.allowed_to(world.carol.id) == {world.general, world.direct}
    assert {channel_id for _, channel_id, _ in lab.marked} <= {world.general, world.direct}


async def test_a_channel_of_another_community_is_answered_in_its_own_alone(harness: ApiHarness) -> None:
    world = await World(harness).fill()
    second = await harness.community(world.alice)
    seated = SeatedCommunity(second.id, 0, (world.alice.id,), {world.general: 0})
    (lab,) = (await answer_for(harness, MendRequest(0, (seated,)))).communities
    assert lab.moved == {}


async def test_a_request_is_limited_to_those_who_proved_who_they_are(harness: ApiHarness) -> None:
    world = await World(harness).fill()
    seats = Seats(harness, world.alice, world.bob)
    await seats.sit(world.lab)
    await world.happens("somebody comes")
    limited = seats.request.limited_to({world.bob.id}.__contains__)
    assert [each.users for each in limited.communities] == [(world.bob.id,)]
    assert limited.people == (world.bob.id,)
    (lab,) = (await answer_for(harness, limited)).communities
    assert set(lab.allowed) == {world.bob.id}
    nobody = seats.request.limited_to(lambda _: False)
    (lab,) = (await answer_for(harness, nobody)).communities
    assert lab == MendedCommunity(world.lab.id, -1, {}, (), {}, {}, ())


# Sizes


def _many(count: int) -> tuple[str, ...]:
    return tuple(f"{number:020}" for number in range(count))


def _seated(*, users: int = 0, rooms: int = 0) -> SeatedCommunity:
    return SeatedCommunity("a" * 12, 0, _many(users), dict.fromkeys(_many(rooms), 0))


@pytest.mark.parametrize(
    "request_",
    [
        lambda more: MendRequest(0, tuple(_seated() for _ in range(SLICE + more))),
        lambda more: MendRequest(0, (_seated(users=USERS // 2), _seated(users=USERS - USERS // 2 + more))),
        lambda more: MendRequest(0, (_seated(rooms=ROOMS // 2), _seated(rooms=ROOMS - ROOMS // 2 + more))),
        lambda more: MendRequest(0, (), _many(PEOPLE + more)),
    ],
    ids=["communities", "people in them", "channels", "people"],
)
def test_one_request_asks_for_so_much_and_no_more(request_: Any) -> None:
    fits = request_(0)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(fits), type=MendRequest) == fits
    with pytest.raises((msgspec.ValidationError, ValueError)):
        msgspec.msgpack.decode(msgspec.msgpack.encode(request_(1)), type=MendRequest)


async def test_answers_survive_the_way(harness: ApiHarness) -> None:
    seats, _ = await _happened(harness, "somebody is kicked")
    answer = await seats.ask()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(answer), type=MendAnswer) == answer
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(seats.request), type=MendRequest) == seats.request


# Its place in the order, and who may be proven


async def test_the_answer_has_its_place_among_the_commits(harness: ApiHarness) -> None:
    world = await World(harness).fill()
    seats = Seats(harness, world.bob)
    await seats.sit(world.lab)
    backend, outcomes = LocalBackend(harness.api), list[Outcome[Any]]()

    def write(content: str) -> None:
        asked = requests.NewChat(channel_id=world.general, content=content, nonce=content)
        session_id = owner.session_id
        backend.request(session_id, "c", world.lab.id, asked, lambda _: None)

    (found,) = await harness.database.write(lambda tx: prove(tx, [world.bob.token]))
    assert found is not None
    owner = found
    write("before")
    backend.mend(seats.request, outcomes.append)
    write("after")
    await harness.database.write(lambda tx: None)
    (lab,) = outcomes[0].get().communities
    before, after = harness.told(bus.MessagePosted)
    assert lab.moved[world.general] == before.message.rev == after.message.rev - 1


async def test_tokens_are_proven_until_their_sessions_end(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    backend, outcomes = LocalBackend(harness.api), list[Outcome[Any]]()

    async def owners() -> list[str | None]:
        backend.prove([alice.token, "nonsense", "", bob.token, carol.token], outcomes.append)
        await harness.database.write(lambda tx: None)
        found: tuple[SessionOwner | None, ...] = outcomes[-1].get()
        return [None if each is None else each.user_id for each in found]

    assert await owners() == [alice.id, None, None, bob.id, carol.id]

    def end(tx: WriteTx) -> None:
        sessions.end_sessions_of(tx, bob.id, "signed-out")
        disable_account(tx, carol.id)

    await harness.database.write(end)
    assert await owners() == [alice.id, None, None, None, None]
