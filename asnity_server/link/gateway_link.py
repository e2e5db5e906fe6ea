"""A gateway's link at the API program: its sessions, what it wants to be told, and what it was told."""

from __future__ import annotations

import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from msgspec import Raw, Struct

from .frames import Answer, Frame, Told, encode
from .resumption import Unconfirmed
from .stream import Stream


class EncodedWork(Struct, array_like=True):
    """A `Work` whose changes are encoded, since they are the same for every gateway."""

    changes: list[Raw]
    answer: Answer | None = None


class DeferredAsk(NamedTuple):
    """An ask that can't be carried out yet."""

    frame: int
    """The number of its frame."""
    carry_out: Callable[[], None]


class ProvenSessions:
    """The sessions that a gateway proved, as whose owners it may act."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._owners)

    def __iter__(self) -> Iterator[str]:
        return iter(self._owners)

    def add(self, session_id: str, user_id: str) -> None:
        """Add a session."""
        if session_id not in self._owners:
            self._owners[session_id] = user_id
            self._counts[user_id] += 1

    def remove(self, session_id: str) -> None:
        """Remove a session, if it is one."""
        user_id = self._owners.pop(session_id, None)
        if user_id is not None:
            self._counts[user_id] -= 1
            if not self._counts[user_id]:
                del self._counts[user_id]

    def owner(self, session_id: str) -> str | None:
        """Return whose session it is; None for one that isn't proven."""
        return self._owners.get(session_id)

    def has_user(self, user_id: str) -> bool:
        """Return whether somebody has a session here."""
        return user_id in self._counts


class GatewayLink:
    """One gateway, from its first `hello` until it has been away for too long; its connections come and go."""

    def __init__(self, name: str, stream: Stream | None) -> None:
        self.name = name
        self.stream = stream
        self.secret = secrets.token_hex(16)
        self.received = 0
        """Counted frames that came from it."""
        self.missed_from: int | None = None
        """The number of the commit behind which it is told what it missed, once it says what it wants to hear."""
        self.told_number = 0
        """The number of the last commit that it was told of."""
        self.sessions = ProvenSessions()
        self.interest: set[str] = set()
        self.mending: set[str] = set()
        """Communities of which it is told once it knows what still holds there."""
        self.proving = 0
        """Proofs that aren't answered; whatever is asked behind them waits."""
        self.deferred: deque[DeferredAsk] = deque()
        self._sent = Unconfirmed()
        self._works: list[EncodedWork] = []
        self._work: EncodedWork | None = None

    @property
    def unconfirmed(self) -> int:
        """The number of frames that it hasn't confirmed."""
        return len(self._sent)

    @property
    def taken(self) -> int:
        """The number of frames that came and don't wait."""
        return self.deferred[0].frame - 1 if self.deferred else self.received

    @property
    def has_works(self) -> bool:
        """Whether something waits to be told."""
        return bool(self._works)

    def replay(self, epoch: int, now: int, commits: Iterable[tuple[int, list[Raw]]]) -> None:
        """Tell it commits that it missed."""
        for number, changes in commits:
            work = EncodedWork(changes)
            told = Told(epoch, number, self.told_number, now, (work,), True)  # type: ignore[arg-type]
            self.told_number = number
            self.send(told)
        self.missed_from = None

    # What a commit brings

    def add_change(self, change: Raw) -> bool:
        """Add a change to the piece of work at hand; returns whether it is the first."""
        if self._work is None:
            self._work = EncodedWork([change])
            self._works.append(self._work)
            return True
        self._work.changes.append(change)
        return False

    def add_answer(self, answer: Answer) -> None:
        """Add the answer of the piece of work at hand, behind its changes."""
        if self._work is None or self._work.answer is not None:
            self._works.append(EncodedWork([], answer))
        else:
            self._work.answer = answer

    def end_work(self) -> None:
        """End the piece of work at hand."""
        self._work = None

    @property
    def changed(self) -> bool:
        """Whether the piece of work at hand has changes that this gateway is told of."""
        return self._work is not None

    def send_works(self, *, epoch: int, number: int, now: int) -> None:
        """Tell it what was gathered, as one commit."""
        works, self._works, self._work = self._works, [], None
        told = Told(epoch, number, self.told_number, now, works)  # type: ignore[arg-type]  # encoded works are works
        self.told_number = number
        payload = encode(told)
        self._sent.add(payload)
        if self.stream is not None:
            self.stream.send_now(payload)

    # Frames

    def send(self, frame: Frame) -> None:
        """Send a counted frame, now or when it is back."""
        payload = encode(frame)
        self._sent.add(payload)
        if self.stream is not None:
            self.stream.send(payload)

    def confirm(self, received: int) -> bool:
        """Forget frames that it has; returns whether it can have so many."""
        return self._sent.confirm(received)

    def can_resume(self, received: int) -> bool:
        """Whether everything that it lacks is known."""
        return self._sent.beyond(received) is not None

    def resume(self, stream: Stream, received: int) -> None:
        """Go on over another connection, sending what it lacks."""
        self.stream = stream
        self._sent.confirm(received)
        for sent in self._sent.beyond(received) or ():
            stream.send(sent.payload)
