"""The reader pool: a few threads beside the writer, a fair queue for each caller, and a time limit for queries."""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from asnity_server.protocol.errors import AsnityError, RateLimited, Unavailable

from .connection import connect
from .errors import as_error
from .transaction import Parameters, ReadTx, Row

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class ReadLimits:
    """How much of one kind of queries there may be."""

    threads: int
    """Queries that run at the same time."""
    at_once: int
    """Of one person, of those."""
    each: int
    """Queries of one person that may wait; beyond it, more is refused as `rate-limited`."""
    waiting: int
    """Queries of everybody that may wait; beyond it, more is refused as `unavailable`."""
    late: float
    """Seconds after which a query that can is to end with what it has."""
    seconds: float
    """Seconds after which a query is ended, as `unavailable`."""


QUICK = ReadLimits(threads=4, at_once=2, each=100, waiting=2_000, late=2.0, seconds=5.0)
"""Limits of queries that take a moment as a rule."""
LONG = ReadLimits(threads=2, at_once=1, each=8, waiting=200, late=0.5, seconds=3.0)
"""Limits of queries that look through much, on threads of their own: nobody who opens a channel waits for them."""

_STOPPING = "The server is shutting down."
_TOO_LONG = "This takes too long at the moment. Ask for less of it, or try again later."


class _Job:
    """A query that waits, runs, or is over."""

    __slots__ = ("begun", "by", "future", "query", "stopped")

    def __init__(self, query: Callable[[ReadTx], Any], by: Hashable, future: asyncio.Future[Any]) -> None:
        self.query = query
        self.by = by
        self.future = future
        self.begun = 0.0
        self.stopped = ""
        """Why it isn't to go on: its time is over, or the server is."""


class _Stopped(Exception):
    """A query goes no further."""


class _BoundedReadTx(ReadTx):
    """A view that ends when it is told to: SQLite itself only interrupts statements while they run."""

    __slots__ = ("_job", "_late_at")

    def __init__(self, connection: sqlite3.Connection, now: int, job: _Job, late_at: float) -> None:
        super().__init__(connection, now)
        self._job = job
        self._late_at = late_at

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """See `ReadTx`."""
        if self._job.stopped:
            raise _Stopped
        return super().all(sql, parameters)

    def each(self, sql: str, parameters: Parameters = ()) -> Generator[Row, None, None]:
        """See `ReadTx`."""
        for row in super().each(sql, parameters):
            if self._job.stopped:
                raise _Stopped
            yield row

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """See `ReadTx`."""
        if self._job.stopped:
            raise _Stopped
        return super().one(sql, parameters)

    def is_late(self) -> bool:
        """See `ReadTx`."""
        return time.monotonic() >= self._late_at


class _Reader(threading.Thread):
    """A thread with a connection of its own, which does one query after the other."""

    def __init__(self, path: Path, clock: Callable[[], int], late: float, tell: Callable[..., None]) -> None:
        super().__init__(name="asnity-reader", daemon=True)  # one that hangs doesn't keep the program from ending
        self._path = path
        self._clock = clock
        self._late = late
        self._tell = tell
        self._connection: sqlite3.Connection | None = None
        self.jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()

    def run(self) -> None:
        """Work until there is no more."""
        while (job := self.jobs.get()) is not None:
            value: Any = None
            failure: Exception | None = None
            try:
                value = self._read(job)
            except Exception as error:
                failure = error
            self._tell(self, job, value, failure)
            del job, value, failure  # an answer is let go of before the next one is asked for
        if self._connection is not None:
            self._connection.close()

    def _read(self, job: _Job) -> Any:
        if self._connection is None:
            self._connection = connect(self._path, read_only=True)
        connection = self._connection
        connection.execute("BEGIN")
        try:
            return job.query(_BoundedReadTx(connection, self._clock(), job, job.begun + self._late))
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def interrupt(self) -> None:
        """End the statement that runs, if one does; a later one goes on undisturbed."""
        if self._connection is not None:
            self._connection.interrupt()


class _Queue:
    """The queries of one person."""

    __slots__ = ("jobs", "running")

    def __init__(self) -> None:
        self.jobs: deque[_Job] = deque()
        self.running = 0


class ReaderPool:
    """Threads that answer queries, each in a transaction of its own; everybody's next one in turn.

    All but the threads lives on the event loop. What a person has running and waiting is bounded, and so is how long
    a query runs; what is asked by nobody (`by` is None: the server itself, strangers) shares one queue, bounded as
    all of it is.
    """

    LOOK_EVERY = 0.1
    """Seconds between two looks at whether something runs for too long."""
    GRACE = 0.5
    """Seconds that queries have to end by themselves when the server does."""
    PATIENCE = 1.5
    """Seconds after which a thread that still hasn't ended is left alone."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], int],
        bounds: ReadLimits,
        *,
        as_error: Callable[[BaseException], AsnityError] = as_error,
    ) -> None:
        """`clock` tells milliseconds; `as_error`, from any thread, what whoever asked is told of a failure."""
        self._loop = asyncio.get_running_loop()
        self._bounds = bounds
        self._as_error = as_error
        self._queues: dict[Hashable, _Queue] = {}
        self._ready: dict[Hashable, None] = {}
        """The callers whose turn is next: they wait, and may have one more running."""
        self._waiting = 0
        self._running: dict[_Reader, _Job] = {}
        self._watch: asyncio.TimerHandle | None = None
        self._closing = False
        self._all_ended = asyncio.Event()
        self._all_ended.set()
        self._readers = [_Reader(path, clock, bounds.late, self._tell) for _ in range(bounds.threads)]
        self._idle = list(self._readers)
        for reader in self._readers:
            reader.start()

    def __len__(self) -> int:
        """Queries that run or wait."""
        return self._waiting + len(self._running)

    async def read(self, query: Callable[[ReadTx], T], *, by: Hashable = None) -> T:
        """Run `query` in turn; its result, or its error."""
        if self._closing:
            raise Unavailable(_STOPPING, retry_after=1.0)
        if self._waiting >= self._bounds.waiting:
            raise Unavailable("The server is too busy to read.", retry_after=1.0)
        queued = self._queues.get(by)
        if queued is None:
            queued = self._queues[by] = _Queue()
        elif by is not None and len(queued.jobs) >= self._bounds.each:
            raise RateLimited("You are asking for too much at once. Try again in 1 s.", retry_after=1.0)
        future: asyncio.Future[T] = self._loop.create_future()
        queued.jobs.append(_Job(query, by, future))
        self._waiting += 1
        self._call(by, queued)
        self._begin_some()
        return await future

    def _call(self, by: Hashable, queued: _Queue) -> None:
        """Put a person at the end of those whose turn comes, if they wait for anything that may run."""
        if queued.jobs and (by is None or queued.running < self._bounds.at_once):
            self._ready.setdefault(by)
        elif not queued.jobs and not queued.running:
            self._queues.pop(by, None)

    def _begin_some(self) -> None:
        while self._idle and self._ready:
            by = next(iter(self._ready))
            del self._ready[by]
            queued = self._queues[by]
            job = queued.jobs.popleft()
            self._waiting -= 1
            if not job.future.done():  # else whoever waited was cancelled
                reader = self._idle.pop()
                queued.running += 1
                job.begun = time.monotonic()
                self._running[reader] = job
                self._all_ended.clear()
                reader.jobs.put(job)
                if self._watch is None:
                    self._watch = self._loop.call_later(self.LOOK_EVERY, self._look)
            self._call(by, queued)

    def _tell(self, reader: _Reader, job: _Job, value: Any, failure: Exception | None) -> None:
        """Called by a thread."""
        error: AsnityError | None = None
        if failure is not None:
            error = Unavailable(job.stopped, retry_after=5.0) if job.stopped else self._as_error(failure)
        try:
            self._loop.call_soon_threadsafe(self._ended, reader, job, value, error)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            log.warning("the event loop closed before a query ended")

    def _ended(self, reader: _Reader, job: _Job, value: Any, error: AsnityError | None) -> None:
        del self._running[reader]
        self._idle.append(reader)
        queued = self._queues[job.by]
        queued.running -= 1
        self._call(job.by, queued)
        self._begin_some()
        if not self._running:
            self._all_ended.set()
        if job.future.done():
            return
        if error is not None:
            job.future.set_exception(error)
        else:
            job.future.set_result(value)

    def _look(self) -> None:
        """End what runs for too long. SQLite forgets an interrupt between two statements: it is said again."""
        now = time.monotonic()
        for reader, job in self._running.items():
            if now - job.begun >= self._bounds.seconds:
                if not job.stopped:
                    log.warning("a query was ended after %.1f s", now - job.begun)
                self._stop(reader, job, _TOO_LONG)
        running = bool(self._running) and not self._closing
        self._watch = self._loop.call_later(self.LOOK_EVERY, self._look) if running else None

    @staticmethod
    def _stop(reader: _Reader, job: _Job, why: str) -> None:
        job.stopped = job.stopped or why
        reader.interrupt()

    async def close(self) -> None:
        """Refuse what waits, end what runs, and let go of the file."""
        self._closing = True
        for queued in self._queues.values():
            for job in queued.jobs:
                if not job.future.done():
                    job.future.set_exception(Unavailable(_STOPPING, retry_after=1.0))
            queued.jobs.clear()
        self._ready.clear()
        self._waiting = 0
        begun = self._loop.time()
        while self._running and self._loop.time() - begun < self.PATIENCE:
            if self._loop.time() - begun >= self.GRACE:
                for reader, job in self._running.items():
                    self._stop(reader, job, _STOPPING)
            try:
                await asyncio.wait_for(self._all_ended.wait(), self.LOOK_EVERY)
            except TimeoutError:
                continue
        for job in self._running.values():
            log.warning("a query doesn't end")
            if not job.future.done():
                job.future.set_exception(Unavailable(_STOPPING, retry_after=1.0))
        if self._watch is not None:
            self._watch.cancel()
        for reader in self._readers:
            reader.jobs.put(None)
        await asyncio.to_thread(_join, [reader for reader in self._readers if reader not in self._running])


def _join(readers: list[_Reader]) -> None:
    for reader in readers:
        reader.join()
