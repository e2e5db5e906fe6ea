"""Frames of a link: what a gateway asks of an API program, and what it is told, as msgpack.

A frame is an array that begins with its name. Those of `COUNTED_UP` and `COUNTED_DOWN` are counted by both sides, so
that what a cut swallowed can be sent again; the others belong to one connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from asnity_server.bus import Change
from asnity_server.mend import MendAnswer, MendRequest
from asnity_server.protocol import limits, requests
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.events import EndReason
from asnity_server.protocol.models import Counters, Message, Presence
from asnity_server.protocol.responses import InviteAnswer, JoinAnswer
from asnity_server.rate_limits import Rates

VERSION: Final = (1, 0)
"""Of the frames. Programs with another first number refuse each other; a higher second one only adds what may be
ignored."""

LONGEST: Final = 32 * 1024 * 1024
"""Bytes of a frame at most: an answer to `join` of thousands of channels fits many times."""

COMMUNITIES: Final = 100_000
"""Communities of which one gateway is told at most."""

SLICE: Final = 500
"""Sessions or tokens in one frame at most."""

GATHERED = 64
"""Asks in one frame at most: as many of the longest requests are far from a frame's limit."""
Name = Annotated[str, Meta(max_length=64)]
Id = Annotated[str, Meta(max_length=64)]
Token = Annotated[str, Meta(max_length=256)]
Number = Annotated[int, Meta(ge=0)]


class Malformed(Exception):
    """Raised for bytes that are no frame; the link ends with it."""


class Frame(Struct, frozen=True, array_like=True, tag=True):
    """A frame of a link."""


# From a gateway


class Hello(Frame, frozen=True):
    """Begins a link; `resume` is the secret of an earlier one, of which `received` frames came.

    Where that can't be resumed: everything up to the commit `held` of this `generation` was told, and of its owner of
    this `epoch`. Where that isn't known there is no generation.
    """

    version: tuple[int, int]
    program: Name
    """The gateway's version of Asnity."""
    name: Name
    resume: Name
    received: Number
    generation: Name
    epoch: Number
    held: Number


class Authorize(Frame, frozen=True):
    """Asks who owns a token, and whether they may enter a community (None: their own namespace)."""

    number: Number
    token: Token | None
    community_id: Id | None


class Prove(Frame, frozen=True):
    """Asks which of some tokens still are of sessions, so that their owners' requests are taken on this link."""

    number: Number
    tokens: Annotated[tuple[Token, ...], Meta(max_length=SLICE)]


class Ask(Struct, frozen=True, array_like=True, tag=True):
    """Asks to carry out a request as the owner of a session that was proven on this link. Each request has its own."""

    number: Number
    session_id: Id
    connection_id: Id
    community_id: Id
    present: Annotated[tuple[Id, ...], Meta(max_length=limits.IDS)]


class AskNewChat(Ask, frozen=True):
    """See `Ask`."""

    request: requests.NewChat


class AskModifyChat(Ask, frozen=True):
    """See `Ask`."""

    request: requests.ModifyChat


class AskDeleteChat(Ask, frozen=True):
    """See `Ask`."""

    request: requests.DeleteChat


class AskReact(Ask, frozen=True):
    """See `Ask`."""

    request: requests.React


class AskMoveReadMarker(Ask, frozen=True):
    """See `Ask`."""

    request: requests.MoveReadMarker


class AskTyping(Ask, frozen=True):
    """See `Ask`."""

    request: requests.Typing


class AskJoin(Ask, frozen=True):
    """See `Ask`."""

    request: requests.Join


class AskInviteUsers(Ask, frozen=True):
    """See `Ask`."""

    request: requests.InviteUsers


AnyAsk: TypeAlias = (
    AskNewChat | AskModifyChat | AskDeleteChat | AskReact | AskMoveReadMarker | AskTyping | AskJoin | AskInviteUsers
)
ASKS: dict[type[requests.Request], Callable[[int, str, str, str, tuple[str, ...], Any], AnyAsk]] = {
    requests.NewChat: AskNewChat,
    requests.ModifyChat: AskModifyChat,
    requests.DeleteChat: AskDeleteChat,
    requests.React: AskReact,
    requests.MoveReadMarker: AskMoveReadMarker,
    requests.Typing: AskTyping,
    requests.Join: AskJoin,
    requests.InviteUsers: AskInviteUsers,
}
"""The ask of each request."""


class AskBatch(Frame, frozen=True):
    """Carries what was asked in one turn of a gateway's loop, in its order: it is read in one call."""

    asks: Annotated[tuple[AnyAsk, ...], Meta(max_length=GATHERED)]


class Mend(Frame, frozen=True):
    """Asks what still holds for those who sit at this gateway."""

    number: Number
    request: MendRequest


class AskEnded(Frame, frozen=True):
    """Asks which of some sessions (session id to user id) have ended."""

    number: Number
    sessions: Annotated[dict[Id, Id], Meta(max_length=SLICE)]


class Dropped(Frame, frozen=True):
    """Stands in the place of an ask that was given up before it was sent again."""


class Interest(Frame, frozen=True):
    """Says of which communities a gateway wants to be told from here on, and no longer."""

    more: Annotated[tuple[Id, ...], Meta(max_length=COMMUNITIES)]
    fewer: Annotated[tuple[Id, ...], Meta(max_length=COMMUNITIES)]


class SessionsLeft(Frame, frozen=True):
    """Says by which sessions nobody has a seat at a gateway any more."""

    sessions: Annotated[tuple[Id, ...], Meta(max_length=SLICE)]


class Here(Frame, frozen=True):
    """Says who of a community is present: at a gateway (up), or at any (down); `complete`: and nobody else."""

    community_id: Id
    people: dict[Id, Presence]
    complete: bool


class Pong(Frame, frozen=True):
    """Answers a beat, with the number of counted frames that came."""

    received: Number


Up: TypeAlias = Hello | Authorize | Prove | AskBatch | Mend | AskEnded | Dropped | Interest | SessionsLeft | Here | Pong
COUNTED_UP = (AskBatch, Authorize, Prove, Mend, AskEnded, Dropped, Interest, SessionsLeft, Here)


# From an API program


class Welcome(Frame, frozen=True):
    """Answers `hello`: where the stream stands. `resumed`: and goes on from where it was cut."""

    version: tuple[int, int]
    program: Name
    resume: Name
    """The secret by which a gateway goes on after a cut."""
    resumed: bool
    replays: bool
    """Whether everything that the gateway missed is told, behind its first `interest`."""
    received: Number
    generation: Name
    """Of the database; see `db.generation`."""
    epoch: Number
    number: Number
    now: Number
    rates: Rates


class LinkRefused(Frame, frozen=True):
    """Refuses a gateway, in one sentence for whoever hosts it."""

    why: Annotated[str, Meta(max_length=1_000)]


class FailedAnswer(Frame, frozen=True):
    """The answer of an ask that was refused."""

    number: Number
    error: ErrorInfo


class StoredAnswer(Frame, frozen=True):
    """The answer that is the message of the last change before it, which is not sent twice."""

    number: Number


class WrittenAnswer(Frame, frozen=True):
    """The answer that is a message."""

    number: Number
    value: Message


class CountedAnswer(Frame, frozen=True):
    """The answer that is counters."""

    number: Number
    value: Counters


class JoinedAnswer(Frame, frozen=True):
    """The answer of `join`."""

    number: Number
    value: JoinAnswer


class InvitedAnswer(Frame, frozen=True):
    """The answer of `invite-users-to-channel`."""

    number: Number
    value: InviteAnswer


class AuthorizedAnswer(Frame, frozen=True):
    """The answer of `authorize`."""

    number: Number
    user_id: Id
    session_id: Id


class ProvenAnswer(Frame, frozen=True):
    """The answer of `prove`: (session id, user id) for each token in turn, None for one that holds no longer."""

    number: Number
    sessions: tuple[tuple[Id, Id] | None, ...]


class MendedAnswer(Frame, frozen=True):
    """The answer of `mend`."""

    number: Number
    value: MendAnswer


class EndedAnswer(Frame, frozen=True):
    """The answer of `ask-ended`."""

    number: Number
    sessions: dict[Id, EndReason]


class DoneAnswer(Frame, frozen=True):
    """The answer of a request that has nothing to tell."""

    number: Number


Answer: TypeAlias = (
    FailedAnswer
    | StoredAnswer
    | WrittenAnswer
    | CountedAnswer
    | JoinedAnswer
    | InvitedAnswer
    | AuthorizedAnswer
    | ProvenAnswer
    | MendedAnswer
    | EndedAnswer
    | DoneAnswer
)


class Work(Struct, frozen=True, array_like=True):
    """One piece of work of a commit, as far as it concerns a gateway: what changed, and then the answer."""

    changes: tuple[Change, ...]
    answer: Answer | None = None


class Told(Frame, frozen=True):
    """One commit of the shard, in its order. `previous` is the number last told on this link."""

    epoch: Number
    number: Number
    previous: Number
    now: Number
    works: tuple[Work, ...]
    replayed: bool = False
    """Whether it is told late, to a gateway that wasn't linked when it was committed."""


class Beat(Frame, frozen=True):
    """Comes each second: where the shard stands, and what was told on this link; confirms counted frames."""

    epoch: Number
    number: Number
    told: Number
    now: Number
    received: Number


class Revalidate(Frame, frozen=True):
    """Says that another program wrote to the database: sessions may have ended."""


class Bye(Frame, frozen=True):
    """Ends a link in order, behind a beat: of the counted frames `received` were taken."""

    received: Number


Down: TypeAlias = Welcome | LinkRefused | Told | Beat | Here | Revalidate | Bye
COUNTED_DOWN = (Told, Here, Revalidate)

encode = msgspec.msgpack.Encoder().encode
_UP: msgspec.msgpack.Decoder[Up] = msgspec.msgpack.Decoder(Up)
_DOWN: msgspec.msgpack.Decoder[Down] = msgspec.msgpack.Decoder(Down)

F = TypeVar("F")


def decode_up(payload: bytes) -> Up:
    """Read a frame from a gateway. Raises `Malformed`."""
    return _decode(_UP, payload)


def decode_down(payload: bytes) -> Down:
    """Read a frame from an API program. Raises `Malformed`."""
    return _decode(_DOWN, payload)


def _decode(decoder: msgspec.msgpack.Decoder[F], payload: bytes) -> F:
    try:
        return decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        raise Malformed(str(error)[:200]) from None
