"""The remote backend: the gateway's way to an API program, over a link."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Sequence as ListOf
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import islice
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from asnity_server import bus
from asnity_server.backend import OnDone
from asnity_server.bus import Change, Commit, CommittedWork, Outcome
from asnity_server.link import frames
from asnity_server.link.client import LinkClient
from asnity_server.mend import MendRequest
from asnity_server.protocol.errors import Unavailable, from_info
from asnity_server.protocol.events import EndReason
from asnity_server.protocol.requests import InviteUsers, Request
from asnity_server.protocol.routes import SOCKET_REQUESTS
from asnity_server.rate_limits import RateLimit, RateLimits

from .sequence import Recovery, Sequence

log = logging.getLogger(__name__)

T = TypeVar("T")

SESSIONS_LOOKED_AT = 30
"""Beats between two looks for sessions by which nobody sits here any more."""

INTEREST_KEPT = 30.0
"""Seconds for which a gateway is told of a community in which nobody sits: people come back."""


class LinkListener(Protocol):
    """Listens to a link, as the gateway that it moves."""

    def receive(self, commit: Commit) -> None:
        """Carry out one commit."""

    def sessions(self) -> Mapping[str, str]:
        """Return all sessions with a seat, and the user of each."""

    def communities(self) -> AbstractSet[str]:
        """Return the communities in which somebody has a seat."""

    def keep_only(self, communities: AbstractSet[str]) -> None:
        """Forget all other communities: the link tells of them no longer."""

    def linked(self, recovery: Recovery) -> None:
        """Begin with a new link, behind the proofs of all sessions."""

    def mend(self, since: int, done: Callable[[bool], None]) -> None:
        """Ask for what may be missing; `since` is the API's time when everything was told last.

        `done` is called with whether all of it was answered, unless it is begun once more before.
        """

    def here(self, here: frames.Here) -> None:
        """Take in who is present elsewhere."""

    def sessions_may_have_ended(self) -> None:
        """Ask which have."""


class RemoteBackend:
    """Implements `Backend` over a link, and hands what it tells to the gateway, in its order."""

    def __init__(self, link: Callable[[RemoteBackend], LinkClient]) -> None:
        """`link` makes the client that tells this what comes."""
        self._link = link(self)
        self._gateway: LinkListener
        self._limits: Mapping[type[Request], RateLimit] = {}
        self._tokens: dict[str, str] = {}
        """The token of each session that was authorized, to prove it on the next link."""
        self._interest: set[str] = set()
        """The communities that the API tells of."""
        self._beats = 0
        self._wanted_at: dict[str, float] = {}
        """When somebody last sat in each, or asked to."""
        self._clock = asyncio.get_running_loop().time
        self.sequence = Sequence()
        self._mending = False
        """Whether it is being asked what may be missing."""
        self._unproven = False
        """Whether sessions could not be proven on this link."""

    @property
    def held(self) -> tuple[str, int, int]:
        """See `LinkReceiver`."""
        return self.sequence.held

    @property
    def link(self) -> LinkClient:
        """The link."""
        return self._link

    def attach(self, gateway: LinkListener) -> None:
        """`gateway` is moved by the link from now on."""
        self._gateway = gateway

    # Backend

    def authorize(self, token: str | None, community_id: str | None, on_done: OnDone) -> None:
        """See `Backend.authorize`."""
        if community_id is not None:
            self._interest.add(community_id)
            self._wanted_at[community_id] = self._clock()

        def authorized(outcome: Outcome[Any]) -> None:
            if outcome.error is None and token is not None:
                self._tokens[outcome.get().session_id] = token
            on_done(outcome)

        self._link.ask(lambda number: frames.Authorize(number, token, community_id), authorized)

    def admit(self, user_id: str, request: Request) -> None:
        """See `Backend.admit`; the API counts again, over all gateways. Until it told its limits, all is held."""
        people = len(set(request.users)) if isinstance(request, InviteUsers) else 1
        limit = self._limits.get(type(request))
        if limit is not None:
            limit.take(user_id, times=people)

    def request(
        self,
        session_id: str,
        connection_id: str,
        community_id: str,
        request: Request,
        on_done: OnDone,
        *,
        present: Collection[str] = (),
    ) -> None:
        """See `Backend.request`."""
        kind, people = frames.ASKS[type(request)], tuple(present)
        self._link.ask(lambda number: kind(number, session_id, connection_id, community_id, people, request), on_done)

    async def ended(self, sessions: Mapping[str, str]) -> dict[str, EndReason]:
        """See `Backend.ended`."""
        found: dict[str, EndReason] = {}
        for part in _slices(sessions.items(), frames.SLICE):
            found |= await self._link.answer_of(partial(_ask_ended, dict(part)))
        return found

    def prove(self, tokens: ListOf[str], on_done: OnDone) -> None:
        """See `Backend.prove`."""
        self._link.ask_first(lambda number: frames.Prove(number, tuple(tokens)), on_done)

    def mend(self, request: MendRequest, on_done: OnDone) -> None:
        """See `Backend.mend`."""
        self._link.ask_first(lambda number: frames.Mend(number, request), on_done)

    # LinkReceiver

    def welcomed(self, welcome: frames.Welcome) -> None:
        """See `LinkReceiver`."""
        if welcome.resumed:
            if self._unproven:
                self._prove_all()
            return
        buckets = RateLimits(welcome.rates)
        self._limits = {
            each.request: limit for each in SOCKET_REQUESTS if (limit := buckets.of(each.limited)) is not None
        }
        recovery = self.sequence.begin(welcome)
        if recovery == "reset":
            self._tokens.clear()
            self._interest.clear()
        else:
            self._interest = set(self._gateway.communities())
            if recovery == "same":  # else the answers of mending are where it begins
                self._link.say(frames.Interest(tuple(self._interest), ()))
            self._prove_all()
        self._gateway.linked(recovery)
        if recovery == "mend":
            self._mend()

    def _mend(self) -> None:
        """Have everything asked that may be missing; asked again with the next beat where that can't be."""
        since = self.sequence.broken_since
        if since is not None:
            self._mending = True
            self._gateway.mend(since, self._mended)

    def _mended(self, whole: bool) -> None:
        self._mending = False
        if whole:
            self.sequence.mended()

    def _prove_all(self) -> None:
        """Prove every session that somebody has a seat by, so that what they ask is taken."""
        self._unproven = False
        seated = self._gateway.sessions()
        self._tokens = {session_id: token for session_id, token in self._tokens.items() if session_id in seated}
        for part in _slices(self._tokens.values(), frames.SLICE):
            self.prove(part, self._proved)

    def _proved(self, outcome: Outcome[Any]) -> None:
        if outcome.error is not None:
            self._unproven = True
            log.warning("sessions could not be proven: %s", outcome.error)
        elif None in outcome.get():
            self._gateway.sessions_may_have_ended()

    def told(self, told: frames.Told) -> None:
        """See `LinkReceiver`."""
        step = self.sequence.take(told)
        if step == "void":
            self._refuse(told)
            return
        self._gateway.receive(
            Commit(told.number, tuple(map(self._replayed if told.replayed else self._work, told.works)))
        )
        if step == "gap":
            self._mend()

    def _refuse(self, told: frames.Told) -> None:
        """Answer that it is unknown what became of what is answered here."""
        for work in told.works:
            on_done = None if work.answer is None else self._link.take(work.answer.number)
            if on_done is not None:
                on_done(Outcome(None, Unavailable("What became of it is unknown.", retry_after=1.0)))

    def _replayed(self, work: frames.Work) -> CommittedWork:
        """Return what was missed; who asked for it was answered that it is unknown."""
        return CommittedWork(tuple(map(_without_origin, work.changes)), _NOTHING, _nobody)

    def _work(self, work: frames.Work) -> CommittedWork:
        answer = work.answer
        if answer is None:
            return CommittedWork(work.changes, _NOTHING, _nobody)
        on_done = self._link.take(answer.number)
        if on_done is None:  # whoever asked was told that it is unknown, and hears of it as everybody does
            return CommittedWork(tuple(map(_without_origin, work.changes)), _NOTHING, _nobody)
        return CommittedWork(work.changes, _outcome(answer, work.changes), on_done)

    def beat(self, beat: frames.Beat) -> None:
        """See `LinkReceiver`."""
        if self.sequence.note(beat) or (self.sequence.broken_since is not None and not self._mending):
            self._mend()
        if self._unproven:
            self._prove_all()
        self._drop_interest()

    def _drop_interest(self) -> None:
        """Want to be told no longer of communities in which nobody has been for a while."""
        now, seated = self._clock(), self._gateway.communities()
        for community_id in self._interest & seated:
            self._wanted_at[community_id] = now
        late = [each for each in self._interest - seated if now - self._wanted_at.get(each, 0.0) > INTEREST_KEPT]
        self._beats += 1
        if self._beats % SESSIONS_LOOKED_AT == 0:
            self._forget_sessions()
        if late:
            self._interest.difference_update(late)
            for each in late:
                self._wanted_at.pop(each, None)
            self._link.say(frames.Interest((), tuple(late)))
            self._gateway.keep_only(self._interest)

    def _forget_sessions(self) -> None:
        """Forget the tokens of sessions by which nobody sits here; who comes in at this moment isn't among them yet."""
        seated = self._gateway.sessions()
        left = [session_id for session_id in self._tokens if session_id not in seated]
        for session_id in left:
            del self._tokens[session_id]
        for part in _slices(left, frames.SLICE):
            self._link.say(frames.SessionsLeft(part))

    def here(self, here: frames.Here) -> None:
        """See `LinkReceiver`."""
        self._gateway.here(here)

    def revalidate(self) -> None:
        """See `LinkReceiver`."""
        self._gateway.sessions_may_have_ended()


def _ask_ended(sessions: dict[str, str], number: int) -> frames.AskEnded:
    return frames.AskEnded(number, sessions)


_NOTHING: Outcome[Any] = Outcome(None)


def _nobody(outcome: Outcome[Any]) -> None:
    """Take an answer that nobody waits for."""


def _without_origin(change: Change) -> Change:
    return replace(change, origin=None) if getattr(change, "origin", None) is not None else change


def _outcome(answer: frames.Answer, changes: ListOf[Change]) -> Outcome[Any]:
    """Return the outcome of an ask, as the API itself gives it."""
    if isinstance(answer, frames.StoredAnswer):  # first, as it is nearly every one
        return Outcome(next(each.message for each in reversed(changes) if isinstance(each, _WITH_MESSAGE)))
    match answer:
        case frames.FailedAnswer(_, error):
            return Outcome(None, from_info(error))
        case frames.DoneAnswer():
            return _NOTHING
        case frames.AuthorizedAnswer():
            return Outcome(answer)
        case frames.ProvenAnswer(_, sessions) | frames.EndedAnswer(_, sessions):
            return Outcome(sessions)
        case _:
            return Outcome(answer.value)


_WITH_MESSAGE = (bus.MessagePosted, bus.MessageEdited, bus.MessageDeleted, bus.ReactionsChanged)


def _slices(items: Collection[T], size: int) -> Iterator[tuple[T, ...]]:
    remaining = iter(tuple(items))
    while part := tuple(islice(remaining, size)):
        yield part
