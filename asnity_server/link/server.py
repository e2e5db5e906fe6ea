"""The link server: takes the asks of gateways, and tells each the commits that concern it, in their order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Raw

from asnity_server import __version__
from asnity_server.backend import Backend
from asnity_server.bus import Commit, SessionsEnded, community_of_change
from asnity_server.rate_limits import Rates

from . import frames
from .asks import Asks
from .frames import Malformed
from .gateway_link import GatewayLink
from .interests import Interests
from .presence_relay import PresenceRelay
from .recent_commits import EncodedChange, RecentCommits
from .stream import Stream

log = logging.getLogger(__name__)

BEAT = 1.0
"""Seconds between two beats."""
SILENCE = 10.0
"""Seconds after which a gateway that says nothing is cut off; it pongs each beat."""
AWAY = 10.0
"""Seconds for which a gateway may be away and go on as if nothing was; then its people are offline."""
GREETING = 5.0
"""Seconds in which a connection must say who it is."""


class LinkServer:
    """The API's end of all links: commits cross them in their order, and answers at their place."""

    def __init__(
        self,
        backend: Backend,
        *,
        generation: str,
        epoch: int,
        number: int,
        rates: Rates,
        clock: Callable[[], int],
    ) -> None:
        """`epoch` and `number` say where the shard stands; `clock` tells its milliseconds since 1970."""
        self._generation = generation
        self._epoch = epoch
        self._number = number
        self._rates = rates
        self._now = clock()
        """The time of the last commit that came: later ones have a later one, however long they take to come."""
        self._loop = asyncio.get_running_loop()
        self._links: dict[str, GatewayLink] = {}
        """By secret, those away included."""
        self._by_stream: dict[Stream, GatewayLink] = {}
        self._interests = Interests()
        self._presence = PresenceRelay(self._interests)
        self._asks = Asks(backend, self._interests, self._presence, add=self._add_answer)
        self._greeting: dict[Stream, asyncio.TimerHandle] = {}
        self._recent = RecentCommits(number)
        self._in_commit = False
        self._flushing = False
        self._closing = False
        self._beat = self._loop.call_later(BEAT, self._beats)

    @property
    def foreign_asks(self) -> int:
        """The number of asks for sessions that were not proven on their link."""
        return self._asks.foreign

    @property
    def position(self) -> tuple[int, int]:
        """The epoch of the shard, and the number of its last commit."""
        return self._epoch, self._number

    @property
    def linked(self) -> int:
        """The number of gateways that are linked at the moment."""
        return len(self._by_stream)

    def session_ids(self) -> tuple[str, ...]:
        """Return the sessions that gateways proved."""
        return tuple(session_id for link in self._links.values() for session_id in link.sessions)

    @property
    def links(self) -> tuple[GatewayLink, ...]:
        """The links of all gateways, those away for a moment included."""
        return tuple(self._links.values())

    def accept(self) -> Stream:
        """Make the end of one more connection; for `loop.create_server`."""
        return Stream(self)

    # Streams

    def opened(self, stream: Stream) -> None:
        """See `StreamOwner`."""
        if self._closing:
            stream.close("shutting down")
            return
        self._greeting[stream] = self._loop.call_later(GREETING, stream.close, "it didn't say who it is")

    def lost(self, stream: Stream, why: str) -> None:
        """See `StreamOwner`."""
        timer = self._greeting.pop(stream, None)
        if timer is not None:
            timer.cancel()
        link = self._by_stream.pop(stream, None)
        if link is None:
            log.info("a connection for a link ended: %s", why)
        elif link.stream is stream:
            log.info("the link of gateway %s ended: %s", link.name, why)
            link.stream = None
            self._loop.call_later(AWAY, self._forget_absent, link, link.received)

    def _forget_absent(self, link: GatewayLink, received: int) -> None:
        if link.stream is None and link.received == received:
            self._forget(link)

    def _forget(self, link: GatewayLink) -> None:
        self._links.pop(link.secret, None)
        self._interests.end_all(link)
        self._presence.lost(link)
        link.deferred.clear()

    def frame(self, stream: Stream, payload: bytes) -> None:
        """See `StreamOwner`."""
        if self._closing:
            return  # neither taken nor counted: the gateway asks again where it is linked next
        frame = frames.decode_up(payload)
        link = self._by_stream.get(stream)
        if link is None:
            if not isinstance(frame, frames.Hello):
                raise Malformed("a link begins with hello")
            self._greet(stream, frame)
        elif isinstance(frame, frames.Pong):
            if not link.confirm(frame.received):
                raise Malformed("it confirms what it wasn't sent")
        elif isinstance(frame, frames.COUNTED_UP):
            link.received += 1
            self._asks.take(link, frame)
            if isinstance(frame, frames.Interest):
                self._replay(link)
        else:
            raise Malformed("hello comes once")

    def _greet(self, stream: Stream, hello: frames.Hello) -> None:
        self._greeting.pop(stream).cancel()
        if hello.version[0] != frames.VERSION[0]:
            ours, theirs = (".".join(map(str, each)) for each in (frames.VERSION, hello.version))
            why = (
                f"This API program ({__version__}) speaks version {ours} of the link, gateway {hello.name}"
                f" ({hello.program}) version {theirs}. Run the same release of both."
            )
            log.warning("%s", why)
            stream.send(frames.encode(frames.LinkRefused(why)))
            stream.close("another version", politely=True)
            return
        link = self._links.get(hello.resume)
        if link is not None and link.can_resume(hello.received):
            if link.stream is not None:
                self._by_stream.pop(link.stream, None)
                link.stream.close("the gateway came again")
            self._by_stream[stream] = link
            self._welcome(stream, link, resumed=True)
            link.resume(stream, hello.received)
            log.info("gateway %s goes on", link.name)
            return
        if link is not None:
            self._forget(link)
        link = GatewayLink(hello.name, stream)
        replays = self._can_replay(hello)
        link.told_number = hello.held if replays else self._number
        link.missed_from = hello.held if replays else None
        self._links[link.secret] = self._by_stream[stream] = link
        self._welcome(stream, link, replays=replays)
        log.info("gateway %s (%s) is linked", link.name, hello.program)

    def _can_replay(self, hello: frames.Hello) -> bool:
        known = hello.generation == self._generation and hello.epoch <= self._epoch
        return known and hello.held <= self._number and self._recent.covers(hello.held)

    def _replay(self, link: GatewayLink) -> None:
        """Tell a gateway what it missed of the communities that it wants to hear of, or that it is too much."""
        if link.missed_from is None:
            return
        if self._recent.covers(link.missed_from):
            link.replay(self._epoch, self._now, self._recent.beyond(link.missed_from, link.interest))
            return
        link.missed_from, link.told_number = None, self._number
        if link.stream is not None:  # else it comes again, and is told then
            self._send_beat(link.stream, link)

    def _welcome(self, stream: Stream, link: GatewayLink, *, resumed: bool = False, replays: bool = False) -> None:
        stream.send(
            frames.encode(
                frames.Welcome(
                    version=frames.VERSION,
                    program=__version__,
                    resume=link.secret,
                    resumed=resumed,
                    replays=replays,
                    received=link.received,
                    generation=self._generation,
                    epoch=self._epoch,
                    number=self._number,
                    now=self._now,
                    rates=self._rates,
                )
            )
        )

    def _beats(self) -> None:
        self._beat = self._loop.call_later(BEAT, self._beats)
        for stream, link in list(self._by_stream.items()):
            if self._loop.time() - stream.heard_at > SILENCE:
                stream.close("it says nothing any more")
                continue
            self._send_beat(stream, link)

    def _send_beat(self, stream: Stream, link: GatewayLink) -> None:
        if link.missed_from is None:  # else it isn't where the stream is before it said what it wants to hear
            beat = frames.Beat(self._epoch, self._number, link.told_number, self._now, link.received)
            stream.send(frames.encode(beat))

    # Commits

    def _add_answer(self, link: GatewayLink, answer: frames.Answer) -> None:
        link.add_answer(answer)
        if not self._in_commit and not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def receive(self, commit: Commit) -> None:
        """Tell the gateways one commit, and release its answers."""
        moved = commit.number > self._number
        self._number = max(self._number, commit.number)
        self._now = commit.now or self._now
        self._in_commit = True
        encoded: list[EncodedChange] = []
        for work in commit.works:
            told = self._add_changes(work.changes, encoded)
            try:
                work.release()
            except Exception:
                log.exception("an answer could not be released")
            for link in told:
                link.end_work()
        self._in_commit = False
        if moved:
            self._recent.add(commit.number, tuple(encoded))
        self._flush()

    def _add_changes(self, changes: Iterable[Any], encoded: list[EncodedChange]) -> list[GatewayLink]:
        """Add the changes of a piece of work for all whom they concern, who are returned."""
        told: list[GatewayLink] = []
        self._asks.message = None
        for change in changes:
            community_id = community_of_change(change)
            links: Iterable[GatewayLink] = (
                self._told_of_all() if community_id is None else self._interests.of(community_id)
            )
            if isinstance(change, SessionsEnded):
                self._forget_sessions(change.session_ids)
            try:
                raw = Raw(frames.encode(change))
            except Exception:  # a defect: it must keep nobody from their answer, and those whom it concerns compare
                log.exception("%s can't be told", type(change).__name__)
                self._recent = RecentCommits(self._number)  # nor replayed
                for link in links:
                    link.told_number = self._number
                continue
            encoded.append(EncodedChange(community_id, raw))
            for link in links:
                if link.add_change(raw):
                    told.append(link)
            self._asks.message = getattr(change, "message", self._asks.message)
        return told

    def _told_of_all(self) -> Iterator[GatewayLink]:
        """Go through the gateways, but those that are told late of what they missed, this included."""
        return (link for link in self._links.values() if link.missed_from is None)

    def _forget_sessions(self, session_ids: Iterable[str]) -> None:
        for link in self._links.values():
            for session_id in session_ids:
                link.sessions.remove(session_id)

    def _flush(self) -> None:
        self._flushing = False
        for link in self._links.values():
            if link.has_works:
                # an answer doesn't carry who is still to be told what was missed beyond that
                number = self._number if link.missed_from is None else link.missed_from
                link.send_works(epoch=self._epoch, number=number, now=self._now)

    def revalidate(self) -> None:
        """Let the gateways ask which sessions have ended, as another program wrote to the database."""
        for link in self._links.values():
            link.send(frames.Revalidate())

    # The end

    def stop_taking(self) -> None:
        """Take no more frames; what was asked and proven before is still answered."""
        self._closing = True
        self._asks.stop()

    def close(self) -> None:
        """Say goodbye on all links, once everything that was taken is told."""
        self._beat.cancel()
        self._presence.close()
        self._flush()
        for stream, link in list(self._by_stream.items()):
            self._send_beat(stream, link)
            stream.send(frames.encode(frames.Bye(link.taken)))
            stream.close("shutting down", politely=True)
        for stream in list(self._greeting):
            stream.close("shutting down")
