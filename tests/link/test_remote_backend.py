"""Tests of what a gateway makes of what its link tells, where something is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from asnity_server.backend import OnDone
from asnity_server.bus import Commit, MemberTyping, Outcome
from asnity_server.gateway.remote_backend import RemoteBackend
from asnity_server.gateway.sequence import Recovery
from asnity_server.link import frames
from asnity_server.link.client import LinkClient
from asnity_server.rate_limits import Rates


class Link:
    """A link by which nothing goes."""

    def __init__(self) -> None:
        self.said: list[frames.Frame] = []
        self.asked: list[frames.Frame] = []
        self.waiting: dict[int, OnDone] = {}

    def ask(self, make: Callable[[int], frames.Frame], on_done: OnDone) -> None:
        """Remember it."""
        number = len(self.asked) + 1
        self.asked.append(make(number))
        self.waiting[number] = on_done

    ask_first = ask

    def say(self, frame: frames.Frame) -> None:
        """Remember it."""
        self.said.append(frame)

    def take(self, number: int) -> OnDone | None:
        """See `LinkClient.take`."""
        return self.waiting.pop(number, None)


class Listener:
    """A gateway that remembers what it was told."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self.recoveries: list[Recovery] = []
        self.mends: list[tuple[int, Callable[[bool], None]]] = []

    def receive(self, commit: Commit) -> None:
        """Remember it, and release its answers as the dispatcher does."""
        self.commits.append(commit)
        for work in commit.works:
            work.release()

    def sessions(self) -> Mapping[str, str]:
        """See `LinkListener`."""
        return {"s": "u"}

    def communities(self) -> set[str]:
        """See `LinkListener`."""
        return {"c"}

    def keep_only(self, communities: object) -> None:
        """See `LinkListener`."""

    def linked(self, recovery: Recovery) -> None:
        """Remember it."""
        self.recoveries.append(recovery)

    def mend(self, since: int, done: Callable[[bool], None]) -> None:
        """Remember it."""
        self.mends.append((since, done))

    def here(self, here: frames.Here) -> None:
        """See `LinkListener`."""

    def sessions_may_have_ended(self) -> None:
        """See `LinkListener`."""


def _welcome(*, epoch: int = 1, number: int = 0, replays: bool = False, resumed: bool = False, now: int = 0) -> Any:
    return frames.Welcome(frames.VERSION, "", "", resumed, replays, 0, "generation", epoch, number, now, Rates())


async def _linked() -> tuple[RemoteBackend, Link, Listener]:
    link, listener = Link(), Listener()
    backend = RemoteBackend(lambda backend: cast(LinkClient, link))
    backend.attach(listener)
    backend.welcomed(_welcome(epoch=2, number=7, now=700))
    return backend, link, listener


async def test_an_answer_of_an_owner_before_is_void_and_whoever_waits_is_told_that_it_is_unknown() -> None:
    backend, _, listener = await _linked()
    outcomes: list[Outcome[Any]] = []
    backend.authorize("token", "c", outcomes.append)
    work = frames.Work((MemberTyping("channel", "u"),), frames.AuthorizedAnswer(1, "u", "s"))
    backend.told(frames.Told(1, 8, 7, 800, (work,)))
    assert [each.error and each.error.code for each in outcomes] == ["unavailable"]
    assert listener.commits == []
    backend.told(frames.Told(2, 8, 7, 800, (work,)))
    assert len(outcomes) == 1
    assert len(listener.commits) == 1, "its change is told, and nobody waits for its answer"
    assert backend.sequence.position == (2, 8)


async def test_what_may_be_missing_is_asked_for_until_it_is_answered() -> None:
    backend, _, listener = await _linked()
    backend.told(frames.Told(2, 9, 8, 900, ()))
    [(since, done)] = listener.mends
    assert since == 700
    backend.beat(frames.Beat(2, 9, 9, 900, 0))
    assert len(listener.mends) == 1, "it is being asked"
    done(False)
    assert backend.held[0] == "", "whatever was told after that, something is missing"
    backend.beat(frames.Beat(2, 9, 9, 900, 0))
    since, done = listener.mends[1]
    assert since == 700
    backend.welcomed(_welcome(epoch=3, number=9, now=950))
    assert [since for since, _ in listener.mends] == [700, 700, 700]
    assert listener.recoveries == ["same", "mend"]
    listener.mends[-1][1](True)
    assert backend.held == ("generation", 3, 9)
    backend.beat(frames.Beat(3, 9, 9, 950, 0))
    assert len(listener.mends) == 3


async def test_sessions_are_proven_again_where_that_failed() -> None:
    backend, link, _ = await _linked()
    backend.authorize("token", "c", lambda outcome: None)
    link.waiting.pop(1)(Outcome(frames.AuthorizedAnswer(1, "u", "s")))
    backend.welcomed(_welcome(epoch=3, number=7))
    assert link.asked[1] == frames.Prove(2, ("token",))
    link.waiting.pop(2)(Outcome(None, frames.Malformed("gone")))
    backend.welcomed(_welcome(epoch=3, number=7, resumed=True))
    assert link.asked[2] == frames.Prove(3, ("token",))
    link.waiting.pop(3)(Outcome(((("s", "u")),)))
    backend.beat(frames.Beat(3, 7, 7, 0, 0))
    assert len(link.asked) == 3
