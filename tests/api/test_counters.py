"""Counters equal a naive model's under random histories, on every device and by every way of asking."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from asnity_server.api import channels, overview, socket_requests
from asnity_server.bus import ReadMarkerMoved
from asnity_server.protocol import requests
from asnity_server.protocol.models import Channel, Community, Counters, Message
from tests.api.harness import ApiHarness, Person

NAMES = ("alice", "bob", "carol")
TEXTS = ["hi", "hello", "@bob", "@channel", "@alice @carol", "@bob @Everyone", "`@bob`", "@bob @bob @nobody", "@here"]
WHO, NUMBER = st.integers(0, 2), st.integers(0, 6)
STEPS = st.lists(
    st.tuples(st.just("post"), WHO, st.sampled_from(TEXTS))
    | st.tuples(st.just("reply"), WHO, st.tuples(st.sampled_from(TEXTS), NUMBER))
    | st.tuples(st.just("edit"), NUMBER, st.sampled_from(TEXTS))
    | st.tuples(st.just("delete"), NUMBER, st.just(""))
    | st.tuples(st.sampled_from(["read", "set back"]), WHO, NUMBER)
    | st.tuples(st.sampled_from(["mute", "unmute", "leave", "join"]), WHO, st.just("")),
    min_size=8,
    max_size=25,
)


@dataclass
class Said:
    """A message of the model."""

    author: int
    text: str
    to: set[int]
    """Whom it mentions."""
    deleted: bool = False
    answers: int | None = None
    """Who wrote the message that it answers."""


@dataclass
class Model:
    """One channel: what was said, and where everyone stands."""

    said: list[Said] = field(default_factory=list)
    read: list[int] = field(default_factory=lambda: [0, 0, 0])
    inside: set[int] = field(default_factory=lambda: {0, 1, 2})
    muted: set[int] = field(default_factory=set)
    rev: int = 0

    def named(self, author: int, text: str, answers: int | None = None) -> set[int]:
        """Whom a message calls besides its author, and who can read it."""
        answered = {answers} & self.inside
        if text.startswith("`"):
            return answered - {author}
        everyone = any(each in text for each in ("@channel", "@Everyone", "@here"))
        found = {who for who in range(3) if everyone or (f"@{NAMES[who]}" in text and who in self.inside)}
        return (found | answered) - {author}

    def counters(self, who: int) -> Counters:
        """Counted one by one."""
        unread = [each for each in self.said[self.read[who] :] if each.author != who and not each.deleted]
        return Counters(
            last_id=len(self.said),
            rev=self.rev,
            read_id=self.read[who],
            unread=len(unread),
            mentions=sum(who in each.to for each in unread),
        )


class History:
    """Does in a harness, and in the model, what the steps say; three people with two devices each."""

    def __init__(
        self, harness: ApiHarness, devices: list[tuple[Person, Person]], lab: Community, channel: Channel
    ) -> None:
        self._harness = harness
        self._devices = devices
        self._lab = lab
        self._channel = channel
        self._messages: list[Message] = []
        self.model = Model()

    async def step(self, number: int, step: str, index: int, more: object) -> None:
        """One step; what is told of it to all devices is what the model says."""
        self._harness.forget()
        if step in ("edit", "delete"):
            await self._change(step, index, str(more))
        elif step == "join":
            await self._join(index)
        elif index in self.model.inside:
            await self._do(self._devices[index][number % 2], step, index, more)
        for told in self._harness.told(ReadMarkerMoved):
            who = next(who for who, (person, _) in enumerate(self._devices) if person.id == told.user_id)
            assert told.counters == self.model.counters(who)

    async def _do(self, person: Person, step: str, who: int, more: object) -> None:
        model, harness, where = self.model, self._harness, self._channel.id
        if step in ("post", "reply"):
            text, at = more if isinstance(more, tuple) else (str(more), 0)
            to = at % len(model.said) if model.said and step == "reply" else None
            self._messages.append(await harness.post(person, where, text, reply_to=None if to is None else to + 1))
            all_read = model.counters(who).unread == 0
            author = None if to is None else model.said[to].author
            model.said.append(Said(who, text, model.named(who, text, author), answers=author))
            model.rev += 1
            if all_read:
                model.read[who] = len(model.said)
        elif step in ("read", "set back"):
            assert isinstance(more, int)
            wanted = min(more, len(model.said))
            model.read[who] = wanted if step == "set back" else max(wanted, model.read[who])
            counters = await harness.read(person, where, more, set_back=step == "set back")
            assert counters == model.counters(who)
        elif step == "leave":
            await harness.do(person, channels.remove_member, self._myself())
            model.inside.discard(who)
            model.muted.discard(who)
        else:
            model.muted = model.muted | {who} if step == "mute" else model.muted - {who}
            request = requests.PatchChannelMe(channel_id=where, muted=step == "mute")
            assert (await harness.do(person, overview.patch_channel_me, request)).counters == model.counters(who)

    async def _change(self, step: str, index: int, text: str) -> None:
        if not self._messages:
            return
        at = index % len(self._messages)
        said, message, model = self.model.said[at], self._messages[at], self.model
        if said.deleted or said.author not in model.inside:
            return
        author = self._devices[said.author][index % 2]
        if step == "delete":
            await self._harness.delete(author, message)
            said.deleted = True
            model.rev += 1
            return
        await self._harness.edit(author, message, text)
        if said.text != text:
            said.text, said.to = text, model.named(said.author, text, said.answers)
            model.rev += 1

    async def _join(self, who: int) -> None:
        await self._harness.do(self._devices[who][0], channels.add_member, self._myself())
        if who not in self.model.inside:
            self.model.inside.add(who)
            self.model.read[who] = len(self.model.said)

    def _myself(self) -> requests.OfChannelMember:
        return requests.OfChannelMember(channel_id=self._channel.id, user_id="me")

    async def compare(self) -> None:
        """Every device gets the same by every way of asking."""
        harness, where = self._harness, self._channel.id
        for who, devices in enumerate(self._devices):
            expected = self.model.counters(who) if who in self.model.inside else None
            for person in devices:
                joined = await harness.do(
                    person,
                    lambda tx, caller, asked: socket_requests.join(tx, caller, self._lab.id, asked),
                    requests.Join(),
                )
                here = [asdict(each) for each in joined.joined if each.channel_id == where]
                assert here == ([] if expected is None else [{"channel_id": where, **asdict(expected)}])
                whole = await harness.ask(person, overview.get_overview, requests.Empty())
                part = await harness.ask(
                    person, overview.get_community_overview, requests.OfCommunity(community_id=self._lab.id)
                )
                assert next(e.channels for e in whole.communities if e.community.id == self._lab.id) == part.channels
                entries = [each for each in part.channels if each.channel.id == where]
                if expected is None:
                    assert entries == []
                else:
                    assert [(each.counters, each.muted) for each in entries] == [(expected, who in self.model.muted)]
                    assert await harness.counters(person, where) == expected


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_counters_equal_the_naive_count(harness: ApiHarness, steps: list[tuple[str, int, object]]) -> None:
    devices = [await _devices(harness, name) for name in NAMES]
    people = [first for first, _ in devices]
    lab = await harness.community(*people)
    history = History(harness, devices, lab, await harness.channel(people[0], lab, "plans", *people[1:]))
    for number, (step, index, more) in enumerate(steps):
        await history.step(number, step, index, more)
    await history.compare()


async def _devices(harness: ApiHarness, name: str) -> tuple[Person, Person]:
    """A person on two devices; the same in all examples."""
    rows = await harness.sql("SELECT id FROM users WHERE username = ?", (name,))
    first = await harness.device(Person(name, rows[0][0], "")) if rows else await harness.person(name)
    return first, await harness.device(first)
