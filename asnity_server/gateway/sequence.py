"""The sequence of commits as one gateway is told it: where it stands, and where something is missing."""

from __future__ import annotations

from typing import Literal, TypeAlias

from asnity_server.link.frames import Beat, Told, Welcome

Recovery: TypeAlias = Literal["same", "mend", "reset"]
"""What a new link is to those who sit here: nothing was missed; something may have been; it is another history."""
Step: TypeAlias = Literal["next", "gap", "void"]
"""What a commit that is told is: the next one; one before which something is missing; one that was told, or another
owner's."""


class Sequence:
    """Knows up to which commit everything was told, or since when that isn't so."""

    def __init__(self) -> None:
        self._generation = ""
        self._epoch = self._number = 0
        self._told = 0
        """The number of the last commit that was told on this link; what came after it doesn't concern this gateway."""
        self._now = 0
        """The API's time (milliseconds) of the last commit up to which everything was told."""
        self.broken_since: int | None = None
        """That time before the first commit that is missing; None while nothing is."""

    @property
    def position(self) -> tuple[int, int]:
        """The epoch, and the number of the last commit that was told or doesn't concern this gateway."""
        return self._epoch, self._number

    @property
    def held(self) -> tuple[str, int, int]:
        """The generation, the epoch and the number up to which everything was told; no generation where it isn't."""
        return self._generation if self.broken_since is None else "", self._epoch, self._number

    def begin(self, welcome: Welcome) -> Recovery:
        """Begin at where a new link begins."""
        recovery = self._judge(welcome)
        if recovery == "mend":
            self._break()
        elif recovery == "reset":
            self.broken_since = None
        if recovery == "same" and welcome.replays:  # all that is missing follows
            self._told = self._number
        else:
            self._number = self._told = welcome.number
            self._now = welcome.now
        self._generation, self._epoch = welcome.generation, welcome.epoch
        return recovery

    def _judge(self, welcome: Welcome) -> Recovery:
        if not self._generation:
            return "same"
        if welcome.generation != self._generation or (welcome.epoch, welcome.number) < (self._epoch, self._number):
            return "reset"
        if welcome.number < self._number:
            return "reset"
        return "same" if welcome.replays and self.broken_since is None else "mend"

    def take(self, told: Told) -> Step:
        """Take the next commit that is told."""
        known = told.previous < told.number <= self._told
        if told.epoch < self._epoch or told.number < self._number or known:
            return "void"
        gap = told.previous != self._told
        if gap:
            self._break()
        moved = told.number > self._number
        self._epoch, self._number, self._told = told.epoch, told.number, told.number
        if moved and not told.replayed:  # else others follow that are as old
            self._now = told.now
        return "gap" if gap else "next"

    def note(self, beat: Beat) -> bool:
        """Note where the shard stands; returns whether something that was told is missing."""
        if (beat.epoch, beat.number) < (self._epoch, self._number):
            return False
        gap = beat.told != self._told
        if gap:
            self._break()
        self._epoch, self._number, self._told, self._now = beat.epoch, beat.number, beat.told, beat.now
        return gap

    def mended(self) -> None:
        """Note that nothing is missing any more."""
        self.broken_since = None

    def _break(self) -> None:
        if self.broken_since is None:
            self.broken_since = self._now
