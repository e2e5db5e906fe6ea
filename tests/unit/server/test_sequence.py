"""Tests of where a gateway stands in the stream of commits, whatever is lost, doubled, restarted or restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from asnity_server.gateway.sequence import Sequence
from asnity_server.link.frames import VERSION, Beat, Told, Welcome
from asnity_server.rate_limits import Rates


@dataclass(frozen=True)
class Stored:
    """A commit of the API, which may concern the gateway."""

    number: int
    at: int
    concerns: bool


@dataclass(frozen=True)
class Mended:
    """The answer of a mend, at its place: all up to `number` is as it should be."""

    round: int
    number: int
    failed: bool


class TellsOneGateway(RuleBasedStateMachine):
    """An API that tells one gateway, over a stream on which anything may happen to a commit."""

    def __init__(self) -> None:
        super().__init__()
        self.generation, self.epoch, self.number, self.clock = 1, 1, 0, 0
        self.commits: list[Stored] = []
        self.floor = 0
        self.stream: list[Told | Beat | Mended] = []
        self.told = 0
        self.interest = False
        self.sequence = Sequence()
        self.taken: list[int] = []
        self.covered = 0
        self.before = (0, 0)
        self.rounds = 0
        self.asked: int | None = None
        """The round of mending that the API hasn't carried out."""
        self.waits: int | None = None
        """The one that the gateway waits for."""
        self.link()

    # The API

    @rule(concerns=st.booleans())
    def commit(self, concerns: bool) -> None:
        """Store something."""
        self.number += 1
        self.clock += 1
        self.commits.append(Stored(self.number, self.clock, concerns))
        if concerns and self.interest:
            self.tell()

    @rule()
    def answer(self) -> None:
        """Tell something that wasn't stored."""
        self.tell()

    def tell(self, number: int | None = None) -> None:
        """Tell a commit, or what comes behind the last."""
        number = self.number if number is None else number
        self.stream.append(Told(self.epoch, number, self.told, self.clock, (), number < self.number))
        self.told = number

    @rule()
    def beat(self) -> None:
        """Say where it stands."""
        self.stream.append(Beat(self.epoch, self.number, self.told, self.clock, 0))

    @precondition(lambda self: self.asked is not None)
    @rule(failed=st.booleans())
    def mend(self, failed: bool) -> None:
        """Carry out what the gateway asks."""
        assert self.asked is not None
        self.stream.append(Mended(self.asked, self.number, failed))
        self.interest = self.interest or not failed
        self.asked = None

    # What happens

    def _written(self) -> list[int]:
        return [at for at, each in enumerate(self.stream) if isinstance(each, Told) and each.number != each.previous]

    @precondition(lambda self: self._written())
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """Lose a commit on the way."""
        del self.stream[data.draw(st.sampled_from(self._written()))]

    @precondition(lambda self: self._written())
    @rule(data=st.data())
    def double(self, data: st.DataObject) -> None:
        """Tell a commit twice, the second time later."""
        at = data.draw(st.sampled_from(self._written()))
        self.stream.insert(data.draw(st.integers(at + 1, len(self.stream))), self.stream[at])

    @rule(forgets=st.booleans())
    def link(self, forgets: bool = False) -> None:
        """Cut the link and begin another; the API may have forgotten what was told lately."""
        self.stream.clear()
        self.asked = self.waits = None
        self.floor = self.number if forgets else self.floor
        generation, epoch, held = self.sequence.held
        known = generation == str(self.generation) and epoch <= self.epoch and self.floor <= held <= self.number
        now = (self.epoch, self.number)
        welcome = Welcome(VERSION, "", "", False, known, 0, str(self.generation), *now, self.clock, Rates())
        lower = self.number < self.sequence.position[1]
        recovery = self.sequence.begin(welcome)
        assert recovery == "reset" or not lower
        if recovery == "reset":
            self.taken.clear()
            self.covered, self.before = self.number, (0, 0)
        if recovery == "same" and not known:
            self.covered = self.number  # nobody sat here before
        self.told = held if known else self.number
        self.interest = recovery != "mend"
        if known:
            for each in self.commits:
                if each.number > held and each.concerns:
                    self.tell(each.number)
        if recovery == "mend":
            self.ask()

    @rule()
    def restart(self) -> None:
        """Let another owner begin where this one ended, in order."""
        self.beat()
        while self.stream:
            self.take()
        self.epoch += 1
        self.link(forgets=True)

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """Go back to what was once: those who sit here begin again."""
        self.number = data.draw(st.integers(0, self.number))
        self.commits = [each for each in self.commits if each.number <= self.number]
        self.generation += 1
        self.link(forgets=True)

    # The gateway

    def ask(self) -> None:
        """Ask what is missing: all of it came after the time that is named."""
        since = self.sequence.broken_since
        assert since is not None
        assert all(each.at > since for each in self.missing())
        self.rounds += 1
        self.asked = self.waits = self.rounds

    def missing(self) -> list[Stored]:
        """Return what the gateway should have been told."""
        return [
            each
            for each in self.commits
            if each.concerns and each.number > self.covered and each.number not in self.taken
        ]

    @precondition(lambda self: self.stream)
    @rule()
    def take(self) -> None:
        """Take what comes next."""
        frame: Any = self.stream.pop(0)
        if isinstance(frame, Mended):
            if frame.round == self.waits:
                self.waits = None
                if not frame.failed:
                    self.covered = max(self.covered, frame.number)
                    self.sequence.mended()
        elif isinstance(frame, Beat):
            gap = self.sequence.note(frame)
            if gap or (self.sequence.broken_since is not None and self.waits is None):
                self.ask()
        else:
            step = self.sequence.take(frame)
            if step != "void" and frame.number != frame.previous:
                assert frame.number not in self.taken
                self.taken.append(frame.number)
            if step == "gap":
                self.ask()

    @invariant()
    def never_goes_back(self) -> None:
        """The position rises, or stays."""
        assert self.sequence.position >= self.before
        self.before = self.sequence.position

    @invariant()
    def knows_what_is_missing(self) -> None:
        """Unless something is known to be missing, everything up to the position was told."""
        if self.sequence.broken_since is None:
            held = self.sequence.position[1]
            assert not [each for each in self.missing() if each.number <= held]

    def teardown(self) -> None:
        """Let the stream flow again; then nothing is missing, whatever happened."""
        for _ in range(3):
            self.beat()
            while self.stream:
                self.take()
            if self.asked is not None:
                self.mend(failed=False)
        while self.stream:
            self.take()
        assert self.sequence.broken_since is None
        assert not self.missing()


TestSequence = TellsOneGateway.TestCase
