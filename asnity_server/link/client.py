"""The link client: a gateway's end of its link, which asks in order, waits for answers, and goes on after a cut."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from asnity_server import __version__
from asnity_server.backend import OnDone
from asnity_server.bus import Outcome
from asnity_server.protocol.errors import AsnityError, Unavailable

from . import frames
from .frames import Malformed
from .problem import LinkProblem
from .resumption import Unconfirmed
from .stream import Stream

log = logging.getLogger(__name__)

SILENCE = 5.0
"""Seconds after which an API program that says nothing is taken for gone; it beats each second."""
HELD = 1_000
"""Asks that are held while there is no link."""
PATIENCE = 5.0
"""Seconds for which an ask waits for a link, or for its answer once the link is gone."""
PAUSES = (0.05, 0.5)
"""Seconds between two attempts to link: the first, and the longest."""

MakeAsk: TypeAlias = Callable[[int], "frames.AnyAsk | frames.Frame"]
"""Makes an ask with its number: a request, which shares a frame with those of the same turn, or a frame of its own."""
Connect: TypeAlias = Callable[[Callable[[], Stream]], Awaitable[Stream]]
"""Opens a connection to an API program. Raises `OSError`."""


class LinkReceiver(Protocol):
    """Receives what an API program tells a gateway, in its order."""

    @property
    def held(self) -> tuple[str, int, int]:
        """The generation, the epoch, and the number of the commit up to which everything was told."""

    def welcomed(self, welcome: frames.Welcome) -> None:
        """A link begins, or goes on. What is asked in here goes before all that is held."""

    def told(self, told: frames.Told) -> None:
        """Carry out one commit."""

    def beat(self, beat: frames.Beat) -> None:
        """Note where the shard stands."""

    def here(self, here: frames.Here) -> None:
        """Take in who is present in a community."""

    def revalidate(self) -> None:
        """Ask which sessions have ended."""


@dataclass(slots=True)
class HeldAsk:
    """An ask that waits for a link."""

    make: MakeAsk
    on_done: OnDone
    until: float


@dataclass(slots=True)
class SentAsk:
    """An ask that waits for its answer."""

    make: MakeAsk
    on_done: OnDone
    count: int
    """The number of its frame."""
    at: float
    """When it was sent."""


class LinkClient:
    """One gateway's link to the API, by whichever of its addresses answers."""

    def __init__(self, addresses: Sequence[Connect], receiver: LinkReceiver, *, name: str) -> None:
        """`addresses` are tried in turn."""
        self._addresses = addresses
        self._receiver = receiver
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._stream: Stream | None = None
        self._linked = False
        self._ended = asyncio.Event()
        self._number = 0
        self._sent = Unconfirmed()
        self._received = 0
        self._resume = ""
        self._taken: int | None = None
        """The frames that the other end took before it said goodbye; None where it didn't."""
        self._waiting: dict[int, SentAsk] = {}
        self._held: deque[HeldAsk] = deque()
        self._gathered: list[frames.AnyAsk] = []
        """What was asked in this turn."""
        self._give_up: asyncio.TimerHandle | None = None
        self._expire: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._refused = False
        """Whether the other end said in words that it wants no link."""
        self.problem = LinkProblem()
        self.round_trip = 0.0
        """Seconds that the last answer took."""
        self.breaks = 0
        """Links that ended."""
        self.sent_bytes = self.received_bytes = 0
        """Bytes of connections that have ended."""

    # What others see

    @property
    def is_linked(self) -> bool:
        """Whether asks go out at once."""
        return self._linked

    @property
    def held(self) -> int:
        """The number of asks that wait for a link."""
        return len(self._held)

    @property
    def unanswered(self) -> int:
        """The number of asks that were sent and wait for an answer."""
        return len(self._waiting)

    @property
    def traffic(self) -> tuple[int, int]:
        """Bytes sent and received so far."""
        stream = self._stream
        now = (stream.sent_bytes, stream.received_bytes) if stream is not None else (0, 0)
        return self.sent_bytes + now[0], self.received_bytes + now[1]

    def start(self) -> None:
        """Begin to link, and to link again whenever it ends."""
        self._task = self._loop.create_task(self._keep_linked(), name="asnity-link")

    async def close(self) -> None:
        """End the link; what isn't answered is answered `unavailable`."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._stream is not None:
            self._stream.close("the gateway ends", politely=True)
        for timer in (self._give_up, self._expire):
            if timer is not None:
                timer.cancel()
        self._fail_waiting()
        self._fail_held(all_of_them=True)

    # Asking

    def ask(self, make: MakeAsk, on_done: OnDone) -> None:
        """Ask; `on_done` hears of the outcome. Asks are carried out in the order in which they are made."""
        if self._linked and not self._held:
            self.ask_first(make, on_done)
        elif len(self._held) >= HELD or self._closing:
            self._loop.call_soon(on_done, Outcome(None, _unavailable()))
        else:
            self._held.append(HeldAsk(make, on_done, self._loop.time() + PATIENCE))
            if self._expire is None:
                self._expire = self._loop.call_later(PATIENCE, self._fail_held)

    async def answer_of(self, make: MakeAsk) -> Any:
        """Ask, and wait for the answer. Raises its error."""
        future: asyncio.Future[Outcome[Any]] = self._loop.create_future()
        self.ask(make, lambda outcome: None if future.done() else future.set_result(outcome))
        return (await future).get()

    def ask_first(self, make: MakeAsk, on_done: OnDone) -> None:
        """Ask before everything that is held; while a link is there or being welcomed."""
        self._number = number = self._number + 1
        ask = make(number)
        if isinstance(ask, frames.Frame):
            self._send_gathered()
            self._waiting[number] = SentAsk(make, on_done, self._sent.count + 1, self._loop.time())
            self._send(frames.encode(ask), number)
            return
        self._waiting[number] = SentAsk(make, on_done, self._sent.count + 1, self._loop.time())
        gathered = self._gathered
        if not gathered:
            self._loop.call_soon(self._send_gathered)
        gathered.append(ask)
        if len(gathered) == frames.GATHERED:
            self._send_gathered()

    def _send_gathered(self) -> None:
        """Send what was asked in this turn, at its end; or before any other counted frame."""
        if self._gathered:
            gathered, self._gathered = self._gathered, []
            payload = frames.encode(frames.AskBatch(tuple(gathered)))
            self._sent.add(payload, gathered[0].number)
            if self._stream is not None and self._linked:
                self._stream.send_now(payload)

    def say(self, frame: frames.Frame) -> None:
        """Send a counted frame that isn't answered, now or when the link goes on; a new one begins without it."""
        if self._resume:
            self._send_gathered()
            self._send(frames.encode(frame))

    def _send(self, payload: bytes, ask: int | None = None) -> None:
        self._sent.add(payload, ask)
        if self._stream is not None and self._linked:  # else it is sent with all that the other end lacks
            self._stream.send(payload)

    def take(self, number: int) -> OnDone | None:
        """Take whoever waits for an answer; None where it was given up."""
        sent = self._waiting.pop(number, None)
        if sent is None:
            return None
        self.round_trip = self._loop.time() - sent.at
        return sent.on_done

    # Streams

    def opened(self, stream: Stream) -> None:
        """See `StreamOwner`."""
        self._stream, self._refused = stream, False
        held = self._receiver.held
        hello = frames.Hello(frames.VERSION, __version__, self._name, self._resume, self._received, *held)
        stream.send(frames.encode(hello))

    def frame(self, stream: Stream, payload: bytes) -> None:
        """See `StreamOwner`."""
        if stream is not self._stream:
            return
        frame = frames.decode_down(payload)
        if not self._linked:
            self._greeted(stream, frame)
            return
        if isinstance(frame, frames.COUNTED_DOWN):
            self._received += 1
        match frame:
            case frames.Told():
                self._receiver.told(frame)
            case frames.Beat():
                if not self._sent.confirm(frame.received):
                    raise Malformed("it confirms what it wasn't sent")
                stream.send(frames.encode(frames.Pong(self._received)))
                self._receiver.beat(frame)
            case frames.Here():
                self._receiver.here(frame)
            case frames.Revalidate():
                self._receiver.revalidate()
            case frames.Bye():
                self._taken = frame.received
            case _:
                raise Malformed("a link is welcomed once")

    def _greeted(self, stream: Stream, frame: frames.Down) -> None:
        if isinstance(frame, frames.LinkRefused):
            self._refused = True
            self.problem.report(frame.why)
            stream.close(frame.why)
            return
        if not isinstance(frame, frames.Welcome):
            raise Malformed("a link begins with a welcome")
        if frame.version[0] != frames.VERSION[0]:
            raise Malformed(f"version {frame.version[0]} of the link")
        if self._give_up is not None:
            self._give_up.cancel()
            self._give_up = None
        self._linked = True
        self.problem.clear()
        self._resume = frame.resume
        if frame.resumed:
            self._send_again(stream, frame.received)
        else:
            self._begin_anew()
        log.info("linked to the API (%s)%s", frame.program, ", going on" if frame.resumed else "")
        self._receiver.welcomed(frame)
        self._send_held()

    def _send_again(self, stream: Stream, received: int) -> None:
        """Send what the other side lacks; what was given up meanwhile leaves its place in the count."""
        lacking = self._sent.beyond(received)
        if lacking is None:
            self._resume = ""
            raise Malformed("it lacks frames that are gone")
        self._sent.confirm(received)
        dropped = frames.encode(frames.Dropped())
        for each in lacking:  # what is asked in one frame is given up together
            stream.send(each.payload if each.ask is None or each.ask in self._waiting else dropped)

    def _begin_anew(self) -> None:
        """Start counting; what was asked before a goodbye and not taken is asked again, and the rest is unanswered."""
        taken, self._taken = self._taken, None
        self._sent, self._received = Unconfirmed(), 0
        waiting, self._waiting = self._waiting, {}
        again = [each for each in waiting.values() if taken is not None and each.count > taken]
        until = self._loop.time() + PATIENCE
        self._held.extendleft(HeldAsk(each.make, each.on_done, until) for each in reversed(again))
        for each in waiting.values():
            if taken is None or each.count <= taken:
                each.on_done(Outcome(None, _unavailable()))

    def _send_held(self) -> None:
        held, self._held = self._held, deque()
        for each in held:
            self.ask_first(each.make, each.on_done)

    def lost(self, stream: Stream, why: str) -> None:
        """See `StreamOwner`."""
        if stream is not self._stream:
            return
        self._send_gathered()
        self.sent_bytes += stream.sent_bytes
        self.received_bytes += stream.received_bytes
        self._stream = None
        if self._linked:
            self._linked = False
            self.breaks += 1
            self.problem.report(f"The link was lost: {why}.")
            self._give_up = self._loop.call_later(PATIENCE, self._fail_waiting)
        elif not self._refused:
            self.problem.report(f"The API program ended the connection before the link began: {why}.")
        self._ended.set()

    # Giving up

    def _fail_waiting(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for each in waiting.values():
            each.on_done(Outcome(None, _unavailable()))

    def _fail_held(self, *, all_of_them: bool = False) -> None:
        self._expire = None
        now = self._loop.time()
        while self._held and (all_of_them or self._held[0].until <= now):
            self._held.popleft().on_done(Outcome(None, _unavailable()))
        if self._held:
            self._expire = self._loop.call_at(self._held[0].until, self._fail_held)

    # Linking

    async def _keep_linked(self) -> None:
        pause = PAUSES[0]
        turn = 0
        while True:
            connect = self._addresses[turn % len(self._addresses)]
            turn += 1
            was = self.breaks
            try:
                await self._link(connect)
            except OSError as error:
                if self._stream is not None:
                    self._stream.close("it took too long")
                self.problem.unreachable(error)
            if self.breaks != was:
                pause = PAUSES[0]
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, PAUSES[1])

    async def _link(self, connect: Connect) -> None:
        """Hold one connection until it ends. Raises `OSError` where there is none."""
        self._ended.clear()
        async with asyncio.timeout(SILENCE):
            stream = await connect(lambda: Stream(self))
        while not self._ended.is_set():
            silent = self._loop.time() - stream.heard_at
            if silent >= SILENCE:
                stream.close(f"nothing came for {SILENCE:.0f} s")
            try:
                async with asyncio.timeout(max(0.01, SILENCE - silent)):
                    await self._ended.wait()
            except TimeoutError:
                continue


def _unavailable() -> AsnityError:
    return Unavailable("The server can't be reached by its gateway at the moment.", retry_after=1.0)
