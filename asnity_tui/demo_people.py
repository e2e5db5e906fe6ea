"""The people of the demo: each with an account and a connection of their own, and something to say."""

from __future__ import annotations

import asyncio
from random import Random

from asnity_server.protocol import routes
from asnity_server.protocol.errors import AsnityError, ErrorInfo
from asnity_server.protocol.models import Community, Message, Wire
from asnity_server.protocol.requests import (
    CreateChannel,
    CreateCommunity,
    CreateInvite,
    DeleteMessage,
    EditMessage,
    Empty,
    OfChannelMember,
    OfInvite,
    PostMessage,
    SignUp,
    Typing,
)

from .client.contract import ChatClient, NoAnswer, Unreachable

PASSWORD = "not a secret"

CALM = (5.0, 10.0)
"""Seconds between two things that somebody does."""

PLACES: dict[str, dict[str, str]] = {
    "Mandarin Lab": {
        "general": "Where we say hello",
        "random": "Anything goes",
        "release": "What is about to go out",
        "flaky": "Every third answer is lost for a while, every fifth message is refused: write some here",
    },
    "Open Source": {"general": "Small tools, well kept", "reviews": "Somebody has to look at it"},
    "귤 농장": {"general": "제주에서 인사드립니다", "사진": "오늘 찍은 것"},
}
"""Communities with the topics of their channels."""

NAMES = {"alice": "alice", "bob": "bob", "minji": "민지", "dana": "dana"}
YOUR_NAME = "Sam"

BEFORE: tuple[tuple[str, str, str, str], ...] = (
    ("Mandarin Lab", "general", "alice", "Good morning! Did anyone try the new build?"),
    ("Mandarin Lab", "general", "alice", "It is on the usual host: https://example.org/builds/latest"),
    ("Mandarin Lab", "general", "bob", "Works here. The doctor says everything is green."),
    ("Mandarin Lab", "general", "minji", "귤 먹으러 올 사람? 🍊"),
    ("Mandarin Lab", "general", "dana", "Me! Give me ten minutes."),
    ("Mandarin Lab", "random", "bob", "The cat has learned to close the laptop."),
    ("Mandarin Lab", "random", "minji", "우리 집 고양이도 👩‍💻 일을 방해해요"),
    (
        "Mandarin Lab",
        "release",
        "alice",
        "Notes for 0.1 are ready.\n\n- messages never get lost\n- nor doubled",
    ),
    ("Mandarin Lab", "flaky", "alice", "Write five or six messages here and watch them: … is waiting, ! was refused."),
    ("Open Source", "general", "bob", "Welcome! Everything here is MIT."),
    ("Open Source", "reviews", "dana", "The parser is ready to be looked at: https://example.org/pull/7"),
    ("귤 농장", "general", "minji", "안녕하세요! 올해 귤이 정말 달아요."),
    ("귤 농장", "사진", "minji", "아침 햇살이 좋았어요 🌅"),
)
"""What was said before you came: community, channel, who, what."""

SAID: tuple[tuple[str, str, str, str], ...] = (
    ("Mandarin Lab", "general", "dana", "Hello @you! Have a look around: ctrl+k leads anywhere, F1 shows all keys."),
    ("Open Source", "reviews", "bob", "@you could you look at the tests of the parser?"),
    ("Mandarin Lab", "random", "minji", "점심 뭐 먹을까요?"),
    ("Mandarin Lab", "general", "bob", "The build server is a bit slow today."),
    ("귤 농장", "general", "minji", "@you 귤 한 상자 보내드릴까요?"),
    ("Mandarin Lab", "release", "alice", "Going out this afternoon unless somebody objects."),
    ("Mandarin Lab", "general", "alice", "Found it: the cache was cold. ./build --warm takes 4 s now."),
    ("Open Source", "general", "dana", "Who wants to write the changelog?"),
    ("Mandarin Lab", "random", "bob", "The cat has opened it again."),
    ("Mandarin Lab", "general", "minji", "좋아요 👍🏽 고마워요!"),
    ("귤 농장", "사진", "minji", "바다가 보여요 🌊"),
    ("Mandarin Lab", "general", "dana", "I'll be away until three."),
)
"""What is said while you are here, again and again."""


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

    async def go_online(self, communities: list[str]) -> None:
        """Connect to communities by their ids."""
        await self.client.open(_Deaf())
        for community_id in communities:
            await self.client.enter(community_id)

    async def say(self, channel_id: str, text: str) -> None:
        """Write a message."""
        self._last = await self.client.call(routes.POST_MESSAGE, PostMessage(channel_id=channel_id, content=text))

    async def type_and_say(self, community_id: str, channel_id: str, text: str) -> None:
        """Write a message as a person does: it takes a moment, and others see it."""
        await self.client.ask(community_id, routes.TYPING, Typing(channel_id=channel_id))
        await asyncio.sleep(min(4.0, 1.0 + len(text) / 30))
        await self.say(channel_id, text)

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


class Village:
    """Everybody and every place, once `build` is done."""

    def __init__(self, people: dict[str, Person], you: Person) -> None:
        self.people = people
        self.you = you
        self.communities: dict[str, str] = {}
        self.channels: dict[tuple[str, str], str] = {}
        self._random = Random()

    async def build(self) -> None:
        """Make accounts, communities and channels, and say what was said before."""
        for person in (*self.people.values(), self.you):
            await person.arrive()
        owners = dict(zip(PLACES, ("alice", "bob", "minji"), strict=True))
        for name, channels in PLACES.items():
            await self._found(name, channels, self.people[owners[name]])
        await self._make_secret()
        for community, channel, who, text in BEFORE:
            await self.people[who].say(self.channels[community, channel], text)
        for person in self.people.values():
            await person.go_online(list(self.communities.values()))

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
        """Go on talking until cancelled."""
        turn = 0
        while True:
            community, channel, who, text = SAID[turn % len(SAID)]
            turn += 1
            await asyncio.sleep(self._random.uniform(*CALM) if turn > 2 else 2.0)
            try:
                person = self.people[who]
                await person.type_and_say(self.communities[community], self.channels[community, channel], text)
                if turn % 4 == 0:
                    await asyncio.sleep(self._random.uniform(2.0, 4.0))
                    await person.think_again(forget=turn % 8 == 0)
            except (AsnityError, NoAnswer, Unreachable):
                continue  # somebody was interrupted; the next one goes on


class _Deaf:
    """People of the demo don't listen."""

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """Nothing."""

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        """Nothing."""

    def connection_lost(self, reason: str) -> None:
        """Nothing."""
