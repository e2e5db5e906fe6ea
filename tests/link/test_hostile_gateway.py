"""Tests of a gateway that asks for what isn't its people's business."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest

from asnity_server.bus import Commit
from asnity_server.link import asks, frames
from asnity_server.link.frames import Down, Frame
from asnity_server.link.stream import Stream
from asnity_server.mend import MendRequest, SeatedCommunity
from asnity_server.protocol import requests
from tests.gateway.harness import Person

from .harness import LinkHarness

F = TypeVar("F", bound=Frame)


class RawGateway:
    """The gateway's end of a link that says what a test likes."""

    def __init__(self) -> None:
        self._came: asyncio.Queue[Down] = asyncio.Queue()
        self._answers: deque[frames.Answer] = deque()
        self._stream: Stream
        self.ended = asyncio.Event()
        """Set once the link is cut."""

    async def link(self, path: str) -> RawGateway:
        """Connect, and begin."""
        _, self._stream = await asyncio.get_running_loop().create_unix_connection(lambda: Stream(self), path)
        self.say(frames.Hello(frames.VERSION, "test", "g9", resume="", received=0, generation="", epoch=0, held=0))
        await self.next(frames.Welcome)
        return self

    def opened(self, stream: Stream) -> None:
        """See `StreamOwner`."""

    def frame(self, stream: Stream, payload: bytes) -> None:
        """See `StreamOwner`."""
        self._came.put_nowait(frames.decode_down(payload))

    def lost(self, stream: Stream, why: str) -> None:
        """See `StreamOwner`."""
        self.ended.set()

    def say(self, frame: Frame) -> None:
        """Send a frame."""
        self._stream.send(frames.encode(frame))

    async def next(self, kind: type[F]) -> F:
        """Return the next frame of a kind; others are skipped."""
        async with asyncio.timeout(20):
            while True:
                frame = await self._came.get()
                if isinstance(frame, kind):
                    return frame

    async def answer(self) -> frames.Answer:
        """Return the next answer."""
        while not self._answers:
            told = await self.next(frames.Told)
            self._answers.extend(work.answer for work in told.works if work.answer is not None)
        return self._answers.popleft()

    def close(self) -> None:
        """Go away."""
        self._stream.close("the test ends")


async def _lab(harness: LinkHarness, owner: Person, *others: Person) -> tuple[str, str]:
    """Make a community; its id, and that of the channel that everyone is in."""
    lab = await harness.community(owner, *others)
    return lab, await harness.general(lab)


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[LinkHarness]:
    """An API without any other gateway."""
    harness = LinkHarness(tmp_path / "asnity.db", gateways=0)
    await harness.open_api()
    await harness.listen()
    yield harness
    await harness.close()


@pytest.fixture
async def gateway(harness: LinkHarness) -> AsyncIterator[RawGateway]:
    """A linked gateway."""
    gateway = await RawGateway().link(harness.socket)
    yield gateway
    gateway.close()


async def test_it_learns_nothing_about_people_whose_sessions_it_did_not_prove(
    harness: LinkHarness, gateway: RawGateway
) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab, general = await _lab(harness, alice, bob)
    second, _ = await _lab(harness, carol)
    gateway.say(frames.Prove(1, (bob.token,)))
    asked = tuple(SeatedCommunity(each, 0, (alice.id, bob.id, carol.id), {general: 0}) for each in (lab, second))
    gateway.say(frames.Mend(2, MendRequest(0, asked, (alice.id, bob.id, carol.id))))
    assert isinstance(await gateway.answer(), frames.ProvenAnswer)
    answer = await gateway.answer()
    assert isinstance(answer, frames.MendedAnswer)
    mended, other = answer.value.communities
    assert set(mended.allowed) == {bob.id}
    assert (other.rev, other.allowed, other.expelled) == (-1, {}, {bob.id: "deleted"})
    assert {user_id for user_id, _ in answer.value.gained} == {bob.id}


async def test_asking_about_a_community_of_others_does_not_let_it_hear_of_that(
    harness: LinkHarness, gateway: RawGateway
) -> None:
    alice, bob = [await harness.person(name) for name in ("alice", "bob")]
    lab, general = await _lab(harness, alice)
    second, other = await _lab(harness, bob)
    gateway.say(frames.Prove(1, (bob.token,)))
    gateway.say(frames.Mend(2, MendRequest(0, (SeatedCommunity(lab, 0, (alice.id, bob.id), {}),))))
    gateway.say(frames.Mend(3, MendRequest(0, (SeatedCommunity(second, 0, (bob.id,), {}),))))
    for _ in range(3):
        await gateway.answer()
    await harness.post(alice, general, "not for it")
    await harness.post(bob, other, "for it")
    told = await gateway.next(frames.Told)
    assert [change.message.content for work in told.works for change in work.changes] == ["for it"]  # type: ignore[union-attr]


async def test_it_is_told_the_time_of_the_last_commit_and_never_a_later_one(
    harness: LinkHarness, gateway: RawGateway
) -> None:
    harness.links.receive(Commit(number=1_000, works=(), now=77))
    while (beat := await gateway.next(frames.Beat)).number < 1_000:
        pass
    assert beat.now == 77, "what is committed at this moment began before it is told"


async def _session(gateway: RawGateway, person: Person) -> str:
    """Prove somebody's session; its id."""
    gateway.say(frames.Prove(1, (person.token,)))
    answer = await gateway.answer()
    assert isinstance(answer, frames.ProvenAnswer)
    assert answer.sessions[0] is not None
    return answer.sessions[0][0]


def _write(number: int, session_id: str, community_id: str, channel_id: str) -> frames.AskNewChat:
    request = requests.NewChat(channel_id=channel_id, content="by whom?")
    return frames.AskNewChat(number, session_id, "connection", community_id, (), request)


async def test_it_acts_for_nobody_whose_session_was_proven_on_another_link(
    harness: LinkHarness, gateway: RawGateway
) -> None:
    alice = await harness.person("alice")
    lab, general = await _lab(harness, alice)
    honest = await RawGateway().link(harness.socket)
    session_id = await _session(honest, alice)
    for foreign in (session_id, "no session"):
        gateway.say(frames.AskBatch((_write(2, foreign, lab, general),)))
        answer = await gateway.answer()
        assert isinstance(answer, frames.FailedAnswer)
        assert answer.error.code == "unauthorized"
    assert harness.links.foreign_asks == 2
    honest.say(frames.AskBatch((_write(2, session_id, lab, general),)))
    answer = await honest.answer()
    assert isinstance(answer, frames.WrittenAnswer)
    assert answer.value.id == 1, "nothing was written before"
    honest.say(frames.SessionsLeft((session_id,)))
    honest.say(frames.AskBatch((_write(3, session_id, lab, general),)))
    assert isinstance(await honest.answer(), frames.FailedAnswer)
    honest.close()


async def test_it_tells_nobody_that_strangers_are_present(harness: LinkHarness, gateway: RawGateway) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab, _ = await _lab(harness, alice, bob)
    other = await RawGateway().link(harness.socket)
    other.say(frames.Interest((lab,), ()))
    await other.next(frames.Beat)
    await _session(gateway, bob)
    gateway.say(frames.Here(lab, {alice.id: "online"}, False))
    gateway.say(frames.Here(lab, {alice.id: "online", bob.id: "away"}, True))
    assert (await other.next(frames.Here)).people == {bob.id: "away"}
    other.close()


@pytest.mark.parametrize("proving", [False, True])
async def test_it_is_cut_off_where_a_channel_is_of_another_community_than_it_says(
    harness: LinkHarness, gateway: RawGateway, proving: bool
) -> None:
    alice = await harness.person("alice")
    lab, _ = await _lab(harness, alice)
    second, elsewhere = await _lab(harness, alice)
    session_id = await _session(gateway, alice)
    if proving:
        gateway.say(frames.Prove(2, (alice.token,)))
    gateway.say(frames.AskBatch((_write(3, session_id, lab, elsewhere),)))
    async with asyncio.timeout(20):
        await gateway.ended.wait()
    honest = await RawGateway().link(harness.socket)
    session_id = await _session(honest, alice)
    honest.say(frames.AskBatch((_write(4, session_id, second, elsewhere),)))
    answer = await honest.answer()
    assert isinstance(answer, frames.WrittenAnswer)
    assert answer.value.id == 1
    honest.close()


async def test_it_is_cut_off_where_it_asks_without_end_before_it_is_proven_who_asks(
    harness: LinkHarness, gateway: RawGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asks, "DEFERRED", 20)
    alice = await harness.person("alice")
    lab, general = await _lab(harness, alice)
    session_id = await _session(gateway, alice)
    gateway.say(frames.Prove(2, (alice.token,)))
    for number in range(3, 24):
        gateway.say(frames.AskBatch((_write(number, session_id, lab, general),)))
    async with asyncio.timeout(20):
        await gateway.ended.wait()
