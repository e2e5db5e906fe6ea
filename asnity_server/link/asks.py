"""Asks of gateways: carried out by the API as those who were proven on the same link, and answered on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from asnity_server.backend import Backend
from asnity_server.bus import Outcome
from asnity_server.mend import MendAnswer, MendRequest
from asnity_server.protocol.errors import AsnityError, Unauthorized
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.models import Counters, Message
from asnity_server.protocol.responses import InviteAnswer, JoinAnswer

from . import frames
from .frames import Malformed
from .gateway_link import DeferredAsk, GatewayLink
from .interests import Interests
from .presence_relay import PresenceRelay

log = logging.getLogger(__name__)

DEFERRED = 20_000
"""Asks that wait for a proof at most; an honest gateway holds a thousand."""

_FOREIGN = Unauthorized("This session wasn't proven on this link.")


class Asks:
    """Carries out what gateways ask, in the order of each link."""

    def __init__(
        self,
        backend: Backend,
        interests: Interests,
        presence: PresenceRelay,
        *,
        add: Callable[[GatewayLink, frames.Answer], None],
    ) -> None:
        """`add` brings an answer on its way, at its place."""
        self._backend = backend
        self._interests = interests
        self._presence = presence
        self._add = add
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False
        self.message: Message | None = None
        """The last message among the changes of the piece of work at hand, if one is told."""
        self.foreign = 0
        """Asks for sessions that were not proven on their link."""

    def stop(self) -> None:
        """Carry out nothing more; what waits for a proof is left to whoever comes next."""
        self._stopped = True

    def take(self, link: GatewayLink, frame: frames.Up) -> None:
        """Take the next frame of a link."""
        if isinstance(frame, frames.AskBatch):
            self._take_requests(link, frame)
            return
        if isinstance(frame, frames.Mend):
            link.mending.update({each.community_id for each in frame.request.communities} - link.interest)
        match frame:
            case frames.Authorize() | frames.Mend() | frames.AskEnded() | frames.Here() if link.proving:
                if isinstance(frame, frames.Authorize):
                    self._presence.begin_interest(link, frame.community_id)
                self._defer(link, partial(self._carry_out, link, frame))
            case frames.Interest(more, fewer):
                for community_id in more:
                    self._presence.begin_interest(link, community_id)
                for community_id in fewer:
                    self._interests.end(link, community_id)
            case frames.SessionsLeft(sessions):
                for session_id in sessions:
                    link.sessions.remove(session_id)
            case frames.Dropped():
                pass
            case _:
                self._carry_out(link, frame)

    def _take_requests(self, link: GatewayLink, frame: frames.AskBatch) -> None:
        for ask in frame.asks:
            channel_id = getattr(ask.request, "channel_id", None)
            if channel_id is not None and community_of(channel_id) != ask.community_id:
                raise Malformed("a channel of another community")  # here, where it ends the link, and not once proven
            if link.proving:
                self._defer(link, partial(self._request, link, ask))
            else:
                self._request(link, ask)

    @staticmethod
    def _defer(link: GatewayLink, carry_out: Callable[[], None]) -> None:
        if len(link.deferred) >= DEFERRED:
            raise Malformed("too much is asked before it is proven who asks")
        link.deferred.append(DeferredAsk(link.received, carry_out))

    def _carry_out(self, link: GatewayLink, frame: frames.Up) -> None:
        match frame:
            case frames.Here():
                self._presence.report(link, frame)
            case frames.Authorize(number, token, community_id):
                self._presence.begin_interest(link, community_id)
                self._backend.authorize(token, community_id, partial(self._authorized, link, number))
            case frames.Prove(number, tokens):
                link.proving += 1
                self._backend.prove(tokens, partial(self._proven, link, number))
            case frames.Mend(number, request):
                known = request.limited_to(link.sessions.has_user)
                self._backend.mend(known, partial(self._mended, link, number, request))
            case frames.AskEnded(number, sessions):
                task = asyncio.get_running_loop().create_task(self._ended(link, number, sessions))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _request(self, link: GatewayLink, ask: frames.AnyAsk) -> None:
        user_id = link.sessions.owner(ask.session_id)
        if user_id is None:
            self.foreign += 1
            self._fail(link, ask.number, _FOREIGN)
            return
        request = ask.request
        try:
            self._backend.admit(user_id, request)
        except AsnityError as error:
            self._fail(link, ask.number, error)
            return
        self._backend.request(
            ask.session_id,
            ask.connection_id,
            ask.community_id,
            request,
            partial(self._answer, link, ask.number),
            present=ask.present,
        )

    async def _ended(self, link: GatewayLink, number: int, sessions: dict[str, str]) -> None:
        try:
            found = await self._backend.ended(sessions)
        except AsnityError as error:
            self._fail(link, number, error)
            return
        self._add(link, frames.EndedAnswer(number, found))

    # Answers

    def _authorized(self, link: GatewayLink, number: int, outcome: Outcome[Any]) -> None:
        if outcome.error is not None:
            self._fail(link, number, outcome.error)
            return
        caller = outcome.get()
        link.sessions.add(caller.session_id, caller.user_id)
        self._add(link, frames.AuthorizedAnswer(number, caller.user_id, caller.session_id))

    def _proven(self, link: GatewayLink, number: int, outcome: Outcome[Any]) -> None:
        link.proving -= 1
        if outcome.error is not None:
            self._fail(link, number, outcome.error)
        else:
            sessions = tuple(outcome.get())
            for each in sessions:
                if each is not None:
                    link.sessions.add(*each)
            self._add(link, frames.ProvenAnswer(number, sessions))
        while link.deferred and not link.proving and not self._stopped:
            link.deferred.popleft().carry_out()

    def _mended(self, link: GatewayLink, number: int, request: MendRequest, outcome: Outcome[Any]) -> None:
        """Answer; what is committed from here on is told, and before it nothing: the answer has that already.

        A gateway at which nobody of a community sits isn't told of it.
        """
        for asked in request.communities:
            link.mending.discard(asked.community_id)
        if outcome.error is None:
            for mended in outcome.get().communities:
                if mended.allowed:
                    self._presence.begin_interest(link, mended.community_id)
        self._answer(link, number, outcome)

    def _answer(self, link: GatewayLink, number: int, outcome: Outcome[Any]) -> None:
        if outcome.error is not None:
            self._fail(link, number, outcome.error)
            return
        value = outcome.get()
        if value is self.message and value is not None and link.changed:
            self._add(link, frames.StoredAnswer(number))
        else:
            self._add(link, _as_answer(number, value))

    def _fail(self, link: GatewayLink, number: int, error: AsnityError) -> None:
        self._add(link, frames.FailedAnswer(number, error.info))


_ANSWERS: dict[type, Callable[[int, Any], frames.Answer]] = {
    Message: frames.WrittenAnswer,
    Counters: frames.CountedAnswer,
    JoinAnswer: frames.JoinedAnswer,
    InviteAnswer: frames.InvitedAnswer,
    MendAnswer: frames.MendedAnswer,
}


def _as_answer(number: int, value: object) -> frames.Answer:
    if value is None:
        return frames.DoneAnswer(number)
    return _ANSWERS[type(value)](number, value)
