"""The people of the demo have accounts and connections of their own, and talk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from random import Random

from asnity_server.protocol import routes
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Community, Message, Wire
from asnity_server.protocol.requests import (
    CreateChannel,
    CreateCommunity,
    CreateInvite,
    DeleteMessage,
    EditMessage,
    Empty,
    Join,
    OfChannelMember,
    OfInvite,
    OfReaction,
    OpenDirect,
    PatchChannel,
    PostMessage,
    SignUp,
    Typing,
)
from asnity_tui.client.transport.client import REQUEST_ERRORS, ChatClient

from .script import BEFORE, DIRECT, NAMES, PLACES, SAID, STEPS, YOUR_NAME, ScriptLine

PASSWORD = "not a secret"

CALM = (5.0, 10.0)
"""Seconds between two things that somebody does."""

OnEvent = Callable[[str, Wire], None]


class Person:
    """An account that is online; talks by itself."""

    def __init__(self, name: str, client: ChatClient) -> None:
        self.name = name
        self.client = client
        self.user_id = ""
        self._last: Message | None = None

    async def arrive(self) -> None:
        """Make the account."""
        answer = await self.client.call(
            routes.SIGN_UP, SignUp(username=self.name, password=PASSWORD, display_name=NAMES.get(self.name, YOUR_NAME))
        )
        self.client.token, self.user_id = answer.token, answer.user.id

    async def go_online(self, communities: list[str], on_event: OnEvent | None = None) -> None:
        """Connect to communities by their ids; `on_event` is told what happens there."""
        await self.client.open(_Listener(on_event))
        for community_id in communities:
            await self.client.enter(community_id)
            if on_event is not None:
                await self.client.ask(community_id, routes.JOIN, Join())

    async def say(self, channel_id: str, text: str, *, reply_to: int | None = None) -> None:
        """Write a message."""
        request = PostMessage(channel_id=channel_id, content=text, reply_to=reply_to)
        self._last = await self.client.call(routes.POST_MESSAGE, request)

    async def type_and_say(self, community_id: str, channel_id: str, text: str, *, reply_to: int | None = None) -> None:
        """Write a message as a person does: it takes a moment, and others see it."""
        await self.client.ask(community_id, routes.TYPING, Typing(channel_id=channel_id))
        await asyncio.sleep(min(4.0, 1.0 + len(text) / 30))
        await self.say(channel_id, text, reply_to=reply_to)

    async def react(self, channel_id: str, message_id: int, emoji: str) -> None:
        """Put an emoji under a message."""
        request = OfReaction(channel_id=channel_id, chat_id=message_id, emoji=emoji)
        await self.client.call(routes.ADD_REACTION, request)

    async def think_again(self, forget: bool) -> None:
        """Change what was written last, or take it away."""
        last, self._last = self._last, None
        if last is None:
            return
        if forget:
            await self.client.call(routes.DELETE_MESSAGE, DeleteMessage(channel_id=last.channel_id, chat_id=last.id))
        else:
            text = f"{last.content} (I think)"
            await self.client.call(
                routes.EDIT_MESSAGE, EditMessage(channel_id=last.channel_id, chat_id=last.id, content=text)
            )


class DemoPeople:
    """Everybody and every place, once `build` is done."""

    def __init__(self, people: dict[str, Person], you: Person, travel: Callable[[ScriptLine], None]) -> None:
        """`travel` takes the server's clock to when a line of the past was said."""
        self.people = people
        self.you = you
        self.communities: dict[str, str] = {}
        self.channels: dict[tuple[str, str], str] = {}
        self.direct = ""
        """The direct channel of bob and you."""
        self._travel = travel
        self._random = Random()

    async def build(self) -> None:
        """Make accounts, communities and channels, and say what was said before, oldest first."""
        self._travel(ScriptLine("", "", "", "", days=9, at="08:00"))
        for person in (*self.people.values(), self.you):
            await person.arrive()
        owners = dict(zip(PLACES, ("alice", "bob", "minji"), strict=True))
        for name, channels in PLACES.items():
            await self._found(name, channels, self.people[owners[name]])
        await self._make_secret()
        request = OpenDirect(community_id=self.communities["Mandarin Lab"], user_ids=(self.you.user_id,))
        self.direct = (await self.people["bob"].client.call(routes.OPEN_DIRECT, request)).id
        steps = [ScriptLine("Mandarin Lab", "welcome", "guide", text, at="10") for text in STEPS]
        for line in sorted((*BEFORE, *DIRECT, *steps), key=_when):
            self._travel(line)
            channel_id = self.channels[line.community, line.channel] if line.channel else self.direct
            await self.people[line.who].say(channel_id, line.text)
        self._travel(ScriptLine("", "", "", ""))

    async def go_online(self, on_event: Mapping[str, OnEvent]) -> None:
        """Connect everybody; `on_event` says who listens, by name."""
        for person in self.people.values():
            await person.go_online(list(self.communities.values()), on_event.get(person.name))

    async def _found(self, name: str, channels: dict[str, str], owner: Person) -> None:
        community: Community = await owner.client.call(routes.CREATE_COMMUNITY, CreateCommunity(name=name))
        self.communities[name] = community.id
        invite = await owner.client.call(routes.CREATE_INVITE, CreateInvite(community_id=community.id))
        others = [each for each in (*self.people.values(), self.you) if each is not owner]
        for person in others:
            await person.client.call(routes.ACCEPT_INVITE, OfInvite(code=invite.code))
        overview = await owner.client.call(routes.OVERVIEW, Empty())
        mine = next(each for each in overview.communities if each.community.id == community.id)
        self.channels[name, "general"] = mine.channels[0].channel.id
        for channel, topic in channels.items():
            if channel == "general":
                patch = PatchChannel(channel_id=self.channels[name, channel], topic=topic)
                await owner.client.call(routes.PATCH_CHANNEL, patch)
                continue
            made = await owner.client.call(
                routes.CREATE_CHANNEL,
                CreateChannel(community_id=community.id, name=channel, kind="public", topic=topic),
            )
            self.channels[name, channel] = made.id
            for person in others:
                await person.client.call(routes.ADD_CHANNEL_MEMBER, OfChannelMember(channel_id=made.id, user_id="me"))

    async def _make_secret(self) -> None:
        """A private channel that you were let into."""
        alice, community_id = self.people["alice"], self.communities["Mandarin Lab"]
        secret = await alice.client.call(
            routes.CREATE_CHANNEL,
            CreateChannel(community_id=community_id, name="secret", kind="private", topic="Just the two of us"),
        )
        await alice.client.call(
            routes.ADD_CHANNEL_MEMBER, OfChannelMember(channel_id=secret.id, user_id=self.you.user_id)
        )
        await alice.say(secret.id, "Only you and I can read this.")

    async def live(self) -> None:
        """Say what is to be said, once; nobody repeats anything."""
        for turn, line in enumerate(SAID):
            await asyncio.sleep(self._random.uniform(*CALM) if turn > 1 else 2.0)
            try:
                person = self.people[line.who]
                place = self.channels[line.community, line.channel]
                await person.type_and_say(self.communities[line.community], place, line.text)
                if turn % 4 == 3:
                    await asyncio.sleep(self._random.uniform(2.0, 4.0))
                    await person.think_again(forget=turn % 8 == 7)
            except REQUEST_ERRORS:
                continue  # somebody was interrupted; the next one goes on


def _when(line: ScriptLine) -> tuple[int, int]:
    """Put lines in the order in which they were said."""
    hours, _, minutes = line.at.rpartition(":")
    return (-line.days, int(hours) * 60 + int(minutes) if hours else -int(minutes))


class _Listener:
    """People of the demo don't listen, but for the guide."""

    def __init__(self, on_event: OnEvent | None) -> None:
        self._on_event = on_event

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """Tell the guide."""
        if self._on_event is not None:
            self._on_event(name, payload)

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        """Nothing."""

    def connection_lost(self, reason: str) -> None:
        """Nothing."""
