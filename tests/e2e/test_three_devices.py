"""Two people with three devices each, through all that people do together, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from asnity_server.config import ServerSettings, without_limits
from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import Conflict, Forbidden, NotFound, Unauthorized
from asnity_server.protocol.models import Message
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.address import normalise_address
from asnity_tui.client.transport.remote import RemoteClient
from asnity_tui.state.changes import CommunityLost
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.rows import Row, Sent
from tests.fakes.storage import InMemoryStorage
from tests.topology.deployment import Deployment, Topology

PATIENCE = 20_000
"""How often to look whether something holds."""

PASSWORD = "tangerine"


@dataclass
class Device:
    """One running client of somebody, without a screen."""

    client: RemoteClient
    session: Session

    def channel(self, channel_id: str) -> ChannelState | None:
        """A channel, where this device has it."""
        return self.session.store.channel(channel_id)

    def message(self, channel_id: str, message_id: int) -> Message | None:
        """A message as this device shows it."""
        channel = self.channel(channel_id)
        timeline = channel.timeline if channel is not None else None
        rows = [each for each in timeline.items() if isinstance(each, Row)] if timeline is not None else []
        return next((each.message for each in rows if each.message.id == message_id), None)

    async def says(self, channel_id: str, content: str, *, reply_to: int | None = None) -> int:
        """Write a message, and wait until the server has it."""
        nonce = await self.session.messages.send(channel_id, content, reply_to=reply_to)
        channel = self.channel(channel_id)
        assert channel is not None

        def sent() -> list[int]:
            rows = [each for each in channel.timeline.items() if isinstance(each, Row)] if channel.timeline else []
            return [each.message.id for each in rows if each.message.nonce == nonce and isinstance(each.delivery, Sent)]

        await until(sent, "it is sent")
        return sent()[0]


class Person:
    """Somebody with devices."""

    def __init__(self, server: Deployment, name: str) -> None:
        self._server = server
        self.name = name
        self.devices: list[Device] = []

    async def sign_up(self, invite: str | None = None) -> None:
        """A new account, and its first device."""
        client = RemoteClient(self._server.url)
        request = requests.SignUp(username=self.name, password=PASSWORD, invite=invite, device="desk")
        answer = await client.call(routes.SIGN_UP, request)
        self.id = answer.user.id
        self._start(client, answer.token)

    async def sign_in(self, device: str, password: str = PASSWORD) -> None:
        """One more device."""
        client = RemoteClient(self._server.url)
        request = requests.SignIn(username=self.name, password=password, device=device)
        self._start(client, (await client.call(routes.SIGN_IN, request)).token)

    def _start(self, client: RemoteClient, token: str) -> None:
        client.token = token
        session = Session(client, InMemoryStorage())
        session.restore()
        session.start()
        self.devices.append(Device(client, session))

    async def refused(self, token: str | None) -> None:
        """Make sure that a token is worth nothing any more."""
        client = RemoteClient(self._server.url)
        client.token = token
        with pytest.raises(Unauthorized):
            await client.call(routes.ME, requests.Empty())
        await client.close()

    async def everywhere(self, true: Callable[[Device], object], what: str) -> None:
        """Wait until something holds on all devices."""
        await everywhere(self.devices, true, f"{self.name}: {what}")

    def look_at(self, channel_id: str) -> None:
        """Open a channel on all devices."""
        for each in self.devices:
            each.session.open_channel(channel_id)


async def until(true: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    for _ in range(PATIENCE):
        if true():
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"it never came to hold that {what}")


async def everywhere(devices: Iterable[Device], true: Callable[[Device], object], what: str) -> None:
    """Wait until something holds on each device."""
    for each in devices:
        await until(lambda each=each: true(each), what)  # type: ignore[misc]


@pytest.fixture
async def server(tmp_path: Path, topology: Topology, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Deployment]:
    """A server that tells presence sooner."""
    monkeypatch.setattr("asnity_server.gateway.presence.EVERY", 0.05)
    async with topology(without_limits(ServerSettings(port=0, data=tmp_path, registration="open"))) as server:
        yield server


@pytest.fixture
async def people(server: Deployment) -> AsyncIterator[tuple[Person, Person]]:
    """Alice and Bob, who have no account yet."""
    pair = Person(server, "alice"), Person(server, "bob")
    yield pair
    for person in pair:
        for each in person.devices:
            await each.session.close()


async def test_all_that_people_do_together(server: Deployment, people: tuple[Person, Person]) -> None:
    story = Story(*people)
    await story.they_come_together()
    await story.they_talk()
    await story.they_mark()
    await story.each_reads_on_all_devices()
    await story.they_write_directly_and_search()
    await story.devices_are_signed_out()
    await story.order_is_kept()


class Story:
    """The events of the story, in order; `plans` is a private channel of both."""

    def __init__(self, alice: Person, bob: Person) -> None:
        self.alice = alice
        self.bob = bob

    async def they_come_together(self) -> None:
        """A community, and a link into it for one person: Bob signs up with it."""
        alice, bob = self.alice, self.bob
        await alice.sign_up()
        for device in ("laptop", "phone"):
            await alice.sign_in(device)
        hers = alice.devices[0].session
        await until(lambda: hers.connection.status == "online", "alice is online")
        self.lab = (await hers.communities.create("Lab")).id
        self.plans = (await hers.channels.create(self.lab, "plans", private=True)).id
        await alice.everywhere(lambda each: each.channel(self.plans), "the new channel is there")
        into = requests.CreateInvite(community_id=self.lab, channel_id=self.plans, max_uses=1, expires_in=3600)
        link = (await alice.devices[0].client.call(routes.CREATE_INVITE, into)).url
        await bob.sign_up(normalise_address(link).invite)
        for device in ("laptop", "phone"):
            await bob.sign_in(device)
        await bob.everywhere(lambda each: each.channel(self.plans), "the link led into the channel")
        with pytest.raises(NotFound):
            await bob.devices[0].session.invites.preview(link)  # it was good for one
        for person, other in ((alice, bob), (bob, alice)):
            await person.everywhere(
                lambda each, other=other: self._presence(each, other) == "online",  # type: ignore[misc]
                "the other is there",
            )
            person.look_at(self.plans)

    def _presence(self, device: Device, person: Person) -> str:
        community = device.session.store.communities.get(self.lab)
        return community.presence.get(person.id, "offline") if community is not None else "unknown"

    async def both(self, true: Callable[[Message], object], message_id: int, what: str) -> None:
        """Wait until a message is so on all six devices."""
        for person in (self.alice, self.bob):

            def is_so(device: Device) -> object:
                message = device.message(self.plans, message_id)
                return message is not None and true(message)

            await person.everywhere(is_so, what)

    async def they_talk(self) -> None:
        """Messages, answers, edits, deletions, mentions: the same on six screens."""
        alice, bob = self.alice.devices, self.bob.devices
        first = await bob[0].says(self.plans, "hello @alice")
        await self.both(lambda m: m.content == "hello @alice", first, "the message is there")
        await self.alice.everywhere(lambda each: self._counts(each) == (1, 1), "it is unread, and for her")
        answer = await alice[1].says(self.plans, "안녕하세요 bob", reply_to=first)
        await self.both(lambda m: m.reply_to == first, answer, "it is an answer")
        await bob[2].session.messages.edit(self.plans, first, "hello")
        await self.both(lambda m: m.content == "hello", first, "the edit is there")
        await self.alice.everywhere(lambda each: self._counts(each)[1] == 0, "the mention is gone")
        slip = await bob[1].says(self.plans, "oops")
        await alice[0].session.messages.delete(self.plans, slip)  # what the owner of a community may
        await self.both(lambda m: m.deleted_at is not None and m.content == "", slip, "it is deleted")
        self.first, self.answer = first, answer

    def _counts(self, device: Device) -> tuple[int, int]:
        channel = device.channel(self.plans)
        assert channel is not None
        return channel.counts

    async def they_mark(self) -> None:
        """Reactions and pins."""
        alice, bob = self.alice.devices, self.bob.devices
        alice[2].session.reactions.react(self.plans, self.first, "👍", True)
        bob[1].session.reactions.react(self.plans, self.first, "👍", True)
        await self.both(lambda m: "👍" in m.reactions and m.reactions["👍"].count == 2, self.first, "both reacted")
        bob[0].session.reactions.react(self.plans, self.first, "👍", False)
        await self.both(lambda m: m.reactions["👍"].users == (self.alice.id,), self.first, "one was taken back")
        await alice[1].session.pins.pin(self.plans, self.answer)
        await self.both(lambda m: m.pinned, self.answer, "it is pinned")
        pins = await bob[2].session.pins.of_channel(self.plans)
        assert [each.id for each in pins.messages] == [self.answer]
        with pytest.raises(Forbidden):
            await bob[2].session.pins.unpin(self.plans, self.answer)

    async def each_reads_on_all_devices(self) -> None:
        """Read markers, their way back, and muting follow the person and nobody else."""
        bob = self.bob.devices
        last = await self.alice.devices[0].says(self.plans, "and now")
        await self.bob.everywhere(lambda each: self._counts(each) == (2, 1), "two are unread, a reply among them")
        bob[0].session.read_markers.read_up_to(self.plans, last)
        await self.bob.everywhere(lambda each: self._counts(each) == (0, 0), "it is read")
        await bob[1].session.read_markers.mark_unread_from(self.plans, last)
        await self.bob.everywhere(lambda each: self._counts(each) == (1, 0), "it is unread again")
        await self.bob.everywhere(lambda each: self._state(each).marked_unread, "no device reads it by itself")
        await bob[2].session.channels.mute(self.plans, True)
        await self.bob.everywhere(lambda each: self._state(each).muted, "it is muted")
        assert not any(self._state(each).muted for each in self.alice.devices)
        await bob[0].session.channels.mute(self.plans, False)
        await self.bob.everywhere(lambda each: not self._state(each).muted, "it is not muted any more")

    def _state(self, device: Device) -> ChannelState:
        channel = device.channel(self.plans)
        assert channel is not None
        return channel

    async def they_write_directly_and_search(self) -> None:
        """One direct channel, whoever opens it; and what is found."""
        alice, bob = self.alice.devices, self.bob.devices
        self.direct = await alice[0].session.directs.open(self.lab, [self.bob.id])
        assert await bob[1].session.directs.open(self.lab, [self.alice.id]) == self.direct
        for person in (self.alice, self.bob):
            await person.everywhere(lambda each: each.channel(self.direct), "the direct channel is there")
        alice[0].session.open_channel(self.direct)
        secret = await alice[0].says(self.direct, "for you alone")

        def unread(device: Device) -> bool:
            channel = device.channel(self.direct)
            return channel is not None and channel.badge.mentions == 1

        await self.bob.everywhere(unread, "a direct message counts like a mention")
        for words, channel_id, message_id in (("하세", self.plans, self.answer), ("alone", self.direct, secret)):
            found = await bob[0].client.call(routes.SEARCH, requests.Search(q=words))
            assert [(each.channel.id, each.message.id) for each in found.results] == [(channel_id, message_id)]

    async def devices_are_signed_out(self) -> None:
        """One device by hand, the others by a new password: their sockets close; the one that asks goes on."""
        desk, laptop, phone = self.bob.devices
        listed = await desk.session.account.sessions()
        assert [each.device for each in listed] == ["phone", "laptop", "desk"]
        await desk.session.account.end_session(listed[0].id)
        await until(lambda: phone.session.connection.status == "signed-out", "the phone is signed out")
        with pytest.raises(Forbidden):
            await desk.session.account.change_password("wrong horse", "clementine")
        await desk.session.account.change_password(PASSWORD, "clementine")
        await until(lambda: laptop.session.connection.status == "signed-out", "the laptop is signed out")
        assert desk.session.connection.status == "online"
        for token in (laptop.client.token, phone.client.token):
            await self.bob.refused(token)
        missed = await self.alice.devices[1].says(self.plans, "while you were away")
        for each in (laptop, phone):
            await each.session.sign_in_again("clementine")
        await self.bob.everywhere(lambda each: each.message(self.plans, missed), "what they missed is there")
        await until(lambda: self._presence(self.alice.devices[0], self.bob) == "online", "he was there all the time")

    async def order_is_kept(self) -> None:
        """A mute, a kick, a ban and what lifts it, a new owner: told everywhere, refused everywhere, and noted."""
        alice, bob = self.alice.devices, self.bob.devices
        moderation = alice[0].session.moderation
        await moderation.mute(self.lab, self.bob.id, 60, reason="shouting")
        with pytest.raises(Forbidden, match="muted"):
            await bob[0].client.call(routes.POST_MESSAGE, requests.PostMessage(channel_id=self.plans, content="but"))
        await moderation.mute(self.lab, self.bob.id, 0)
        link = (await alice[0].session.invites.create(self.lab)).url
        lost: list[CommunityLost] = []
        for each in bob:
            each.session.publisher.subscribe(
                lambda facts: lost.extend(one for one in facts if isinstance(one, CommunityLost))
            )
        await moderation.kick(self.lab, self.bob.id, reason="no manners")
        await self.bob.everywhere(self._is_out, "he is out")
        await until(lambda: len(lost) == len(bob), "he is told on all devices")
        assert {(each.name, each.reason, each.why) for each in lost} == {("Lab", "kicked", "no manners")}
        await bob[1].session.invites.accept(link)
        await self.bob.everywhere(lambda each: each.channel(self.direct), "he finds the direct channel again")
        await moderation.ban(self.lab, self.bob.id, reason="still none")
        await self.bob.everywhere(self._is_out, "he is out")
        for each in bob:
            with pytest.raises(Forbidden, match="still none"):
                await each.session.invites.accept(link)
            with pytest.raises(NotFound):
                await each.client.call(routes.HISTORY, requests.History(channel_id=self.plans))
            assert (await each.client.call(routes.SEARCH, requests.Search(q="alone"))).results == ()
        await moderation.unban(self.lab, self.bob.id)
        await bob[2].session.invites.accept(link)
        await self.bob.everywhere(lambda each: each.channel(self.direct), "he is back")
        with pytest.raises(Conflict):
            await alice[0].session.communities.leave(self.lab)  # the last owner
        await moderation.hand_over(self.lab, self.bob.id)
        await self.bob.everywhere(lambda each: each.session.store.communities[self.lab].role == "owner", "he owns it")
        await alice[2].session.communities.leave(self.lab)
        await self.alice.everywhere(self._is_out, "she left")
        audit = await anext(bob[0].session.moderation.audit(self.lab))
        deeds = ["role-given", "role-given", "ban-lifted", "member-banned", "member-kicked", "member-unmuted"]
        assert [each.action for each in audit.entries][:6] == deeds
        assert audit.entries[3].detail == "still none"

    def _is_out(self, device: Device) -> bool:
        store = device.session.store
        return self.lab not in store.communities and store.channel(self.direct) is None
