"""The database: one writer thread with group commit, and pools of readers, over one SQLite file."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from asnity_server.protocol.errors import Unavailable

from . import generation
from .clock import wall_clock
from .connection import TURN, begin, connect, reserve
from .health import Health, Load, one_for
from .readers import LONG, QUICK, ReaderPool, ReadLimits
from .shard import Shard, note_unnumbered
from .transaction import Commit, CommittedWork, OnDone, Outcome, ReadTx, WriteTx
from .write_buffer import CACHED, BufferInvalid, WriteBuffer

log = logging.getLogger(__name__)

T = TypeVar("T")


class _Job(NamedTuple):
    work: Callable[[WriteTx], Any]
    on_done: OnDone


class _Void(Exception):
    """SQLite rolled the whole transaction back by itself (sqlite.org/lang_transaction.html, section 3)."""

    def __init__(self, job: _Job | None, cause: BaseException) -> None:
        """`job` is the one to blame, if one is."""
        super().__init__()
        self.job = job
        self.cause = cause


class Database:
    """The server's one SQLite file, opened and closed on the event loop that `deliver` runs on."""

    BATCH = 512
    """Pieces of work in one commit, at which no more are taken."""
    WAITING = 20_000
    """Pieces of work that may wait; beyond it, more is refused as `unavailable`."""
    LOOK_EVERY = 0.5
    """Seconds between two looks at the file: for erased text in its log, and for changes by other programs."""
    WITNESS_EVERY = 600.0
    """Seconds between two notes of how far the database has come, so that an older copy in its place is noticed."""
    GRACE, PATIENCE = 1.5, 2.5
    """Seconds that the last works wait for another program's transaction, and for which the end waits for the works."""

    def __init__(
        self,
        path: Path,
        writer: sqlite3.Connection,
        lock: int,
        generation: str,
        health: Health,
        *,
        deliver: Callable[[Commit], None],
        foreign_change: Callable[[], None],
        clock: Callable[[], int],
        readers: tuple[ReadLimits, ReadLimits],
        shard: Shard | None,
    ) -> None:
        """See `open`."""
        self.generation = generation
        """Which line of history this is; see `generation`."""
        self.health = health
        self._path = path
        self._deliver = deliver
        self._foreign_change = foreign_change
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._gathered: list[_Job] = []
        self._submitted = self._taken = 0
        self._closing = False
        self._stop_at = math.inf
        """When the writer waits for other programs no more, by the monotonic clock."""
        self._shard = shard
        self._commits = self._works = 0
        self._scrub = self._scrubs_now = False
        self._now = 0
        self._writer = writer
        self._buffer = WriteBuffer(writer)
        self._written_by = -1
        self._lock = lock
        self._data_version = -1
        self._next_look = 0.0
        self._next_witness = time.monotonic() + self.WITNESS_EVERY
        self._thread = threading.Thread(target=self._serve, name="asnity-writer", daemon=True)
        self._thread.start()
        self._quick, self._long = (ReaderPool(path, clock, each, as_error=health.as_error) for each in readers)
        self._checking: ReaderPool | None = None

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        deliver: Callable[[Commit], None],
        foreign_change: Callable[[], None] = lambda: None,
        clock: Callable[[], int] = wall_clock,
        readers: tuple[ReadLimits, ReadLimits] = (QUICK, LONG),
        numbered: bool = False,
    ) -> Database:
        """The migrated file at `path`. Raises `sqlite3.Error` where it can't be opened, or another server has it.

        `deliver` gets every commit, in order; `foreign_change` is told when another program wrote to the file.
        `numbered`: the number of each commit that is told is stored with it, for those who are told elsewhere.
        """
        lock = await asyncio.to_thread(reserve, path)
        try:
            writer = await asyncio.to_thread(connect, path)
            line = await asyncio.to_thread(generation.establish, writer, path)
            shard = await asyncio.to_thread(Shard if numbered else note_unnumbered, writer)
            health = await asyncio.to_thread(Health, path)
        except BaseException:
            os.close(lock)
            raise
        return cls(
            path, writer, lock, line, health,
            deliver=deliver, foreign_change=foreign_change, clock=clock, readers=readers, shard=shard,
        )  # fmt: skip

    def load(self) -> Load:
        """How much it has done and has to do."""
        return Load(self._commits, self._works, self._submitted - self._taken, len(self._quick), len(self._long))

    @property
    def position(self) -> tuple[int, int]:
        """The epoch and the number of the last commit; (0, the number of commits) where they aren't stored.

        `deliver` may not have got that commit yet.
        """
        return (0, self._commits) if self._shard is None else (self._shard.epoch, self._shard.number)

    # Writing

    def submit(self, work: Callable[[WriteTx], Any], on_done: OnDone) -> None:
        """Queue `work`; `on_done` hears of its outcome. Works are done in the order in which they are submitted."""
        if self._closing or self.health.gone or self._submitted - self._taken >= self.WAITING:
            busy = self.health.problem if self.health.gone else "The server is too busy to write."
            why = "The server is shutting down." if self._closing else busy
            outcome: Outcome[Any] = Outcome(None, Unavailable(why, retry_after=1.0))
            self._loop.call_soon(self._deliver, Commit(0, (CommittedWork((), outcome, on_done),)))
            return
        self._submitted += 1
        if not self._gathered:  # what comes in one turn of the loop belongs into one commit: wake the writer behind it
            self._loop.call_soon(self._hand_over)
        self._gathered.append(_Job(work, on_done))

    def _hand_over(self) -> None:
        if self._gathered:
            gathered, self._gathered = self._gathered, []
            self._queue.put(gathered)

    async def write(self, work: Callable[[WriteTx], T]) -> T:
        """Run `work` in the writer's transaction; its result once it is on disk, or its error."""
        future: asyncio.Future[T] = self._loop.create_future()

        def on_done(outcome: Outcome[T]) -> None:
            if future.done():  # whoever waited was cancelled; the work is done all the same
                return
            if outcome.error is not None:
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome.get())

        self.submit(work, on_done)
        return await future

    def _serve(self) -> None:
        stop = False
        self._writer.execute(f"PRAGMA busy_timeout={TURN}")
        while not stop:
            batch, stop = self._take()
            if batch:
                self._taken += len(batch)
                self._write(batch)
            if stop or time.monotonic() >= self._next_look:
                self._look_around()
                self._next_look = time.monotonic() + self.LOOK_EVERY
            if stop or time.monotonic() >= self._next_witness:
                self._note_progress()
                self._next_witness = time.monotonic() + self.WITNESS_EVERY
        self._writer.close()

    def _take(self) -> tuple[list[_Job], bool]:
        """Everything that waits (nothing, if nothing comes for a while), and whether it is the last."""
        batch: list[_Job] = []
        try:
            jobs = self._queue.get(timeout=self.LOOK_EVERY)
            while jobs is not None:
                batch += jobs
                if len(batch) >= self.BATCH:
                    break
                jobs = self._queue.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, jobs is None

    def _write(self, batch: list[_Job]) -> None:
        try:
            works = self._transaction(batch)
        except _Void as void:
            log.warning("a transaction was voided: %s", void.cause)
            works = []
            for job in batch:
                works += self._refuse([job], void.cause) if job is void.job else self._alone(job)
        self._commits += 1
        self._works += len(batch)
        number = self._commits if self._shard is None else self._shard.number
        self._on_loop(self._deliver, Commit(number, tuple(works), self._now))

    def _alone(self, job: _Job) -> list[CommittedWork]:
        try:
            return self._transaction([job])
        except _Void as void:
            return self._refuse([job], void.cause)

    def _refuse(self, batch: list[_Job], cause: BaseException) -> list[CommittedWork]:
        """Nobody in `batch` got anything written. An answer is owed even where the cause is a defect."""
        if self._writer.in_transaction:
            try:
                self._writer.execute("ROLLBACK")
            except sqlite3.Error as error:
                log.error("a transaction could not be rolled back: %s", error)
        outcome: Outcome[Any] = Outcome(None, self.health.as_error(cause))
        return [CommittedWork((), outcome, job.on_done) for job in batch]

    def _transaction(self, batch: list[_Job]) -> list[CommittedWork]:
        """All of `batch` in one commit, but those that fail, each of which leaves no trace.

        At first in hope: a work that is refused has written nothing yet as a rule, and there is nothing to roll back;
        a nonce is new as a rule. Savepoints, and rows written one by one, are for a second run where it turns out
        that they were needed.
        """
        try:
            return self._run_batch(batch, careful=False)
        except BufferInvalid:
            self._writer.execute("ROLLBACK")
            return self._run_batch(batch, careful=True)

    def _run_batch(self, batch: list[_Job], *, careful: bool) -> list[CommittedWork]:
        connection, buffer = self._writer, self._buffer
        self._scrubs_now = False
        buffer.careful = careful
        committed = False
        written = connection.total_changes
        try:
            begin(connection, lambda: self._stop_at)
            self._notice_others()
            self._now = self._clock()
            works = [self._run(job) if not careful else self._run_with_care(job) for job in batch]
            if buffer.waiting:
                try:
                    buffer.flush()
                except sqlite3.Error as error:
                    raise _Void(None, error) from error
            number = None
            if self._shard is not None and connection.total_changes != written and any(each.changes for each in works):
                number = self._shard.step(connection)
            connection.execute("COMMIT")
            committed = True
            if self._shard is not None and number is not None:
                self._shard.number = number
        except (_Void, BufferInvalid):
            raise
        except Exception as error:
            log.error("a transaction of %d failed: %s", len(batch), error)
            return self._refuse(batch, error)
        finally:
            if not committed:
                buffer.forget()
        self._scrub |= self._scrubs_now
        return works

    def _notice_others(self) -> None:
        """Forget all cached where another program wrote, which `data_version` tells, and where they are too many."""
        version: int = self._writer.execute("PRAGMA data_version").fetchone()[0]
        if version != self._written_by or len(self._buffer.cached) > CACHED:
            self._buffer.forget()
            self._written_by = version

    def _run(self, job: _Job) -> CommittedWork:
        connection, buffer = self._writer, self._buffer
        tx = WriteTx(connection, self._now, buffer)
        before, buffered = connection.total_changes - buffer.written, buffer.changes
        try:
            outcome: Outcome[Any] = Outcome(job.work(tx))
        except BufferInvalid:
            raise
        except Exception as error:
            if not connection.in_transaction:
                raise _Void(job, error) from error
            if connection.total_changes - buffer.written != before or buffer.changes != buffered:
                raise BufferInvalid from error
            return CommittedWork((), Outcome(None, self.health.as_error(error)), job.on_done)
        if not tx.cache_holds and connection.total_changes - buffer.written != before:
            buffer.cached.clear()
        self._scrubs_now |= tx.scrubs
        return CommittedWork(tuple(tx.changes), outcome, job.on_done)

    def _run_with_care(self, job: _Job) -> CommittedWork:
        connection = self._writer
        connection.execute("SAVEPOINT work")
        try:
            done = self._run(job)
        except BufferInvalid as invalid:
            connection.execute("ROLLBACK TO work")
            self._buffer.forget()
            done = CommittedWork((), Outcome(None, self.health.as_error(invalid.__cause__ or invalid)), job.on_done)
        connection.execute("RELEASE work")
        return done

    def _on_loop(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            log.warning("the event loop closed before the database")

    def _look_around(self) -> None:
        """Empty the log of erased text and notice other writers, from time to time."""
        self.health.look()
        try:
            if self._scrub:
                # readers of an older state hold the log back: rather try again later than let everyone wait for them
                self._writer.execute("PRAGMA busy_timeout=50")
                busy = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                self._writer.execute(f"PRAGMA busy_timeout={TURN}")
                self._scrub = bool(busy)
            # it moves with commits of other connections only (sqlite.org/pragma.html#pragma_data_version)
            version: int = self._writer.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            log.warning("the database could not be looked at: %s", error)
            return
        if version != self._data_version:
            if self._data_version >= 0 and not self._closing:
                self._on_loop(self._foreign_change)
            self._data_version = version

    def _note_progress(self) -> None:
        """Note how far the database has come, in it and beside it."""
        if self.health.gone:
            return
        try:
            begin(self._writer, lambda: self._stop_at)
            self._writer.execute("UPDATE generation SET beat = beat + 1")
            self._writer.execute("COMMIT")
            generation.write_witness(self._writer, self._path)
        except (sqlite3.Error, OSError) as error:
            log.warning("how far the database has come could not be noted: %s", error)
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")

    # Reading

    async def read(self, query: Callable[[ReadTx], T], *, by: Hashable = None, long: bool = False) -> T:
        """Run `query` in a read transaction of its own, beside the writer; its result, or its error.

        `by` is who asks: everybody's queries have their turn. One that may take `long` has threads of its kind.
        """
        return await (self._long if long else self._quick).read(query, by=by)

    async def check(self, *, seconds: float) -> None:
        """Look for damaged pages beside everything else, for so long at most; `health` knows what was found."""
        self._checking = ReaderPool(self._path, self._clock, one_for(seconds), as_error=self.health.as_error)
        await self.health.look_through(self._checking)
        await self._checking.close()

    # The end

    async def close(self) -> None:
        """Commit and deliver what waits, refuse what comes, and let go of the file."""
        self._closing = True
        self._stop_at = time.monotonic() + self.GRACE
        self._hand_over()
        self._queue.put(None)
        await asyncio.gather(
            asyncio.to_thread(self._thread.join, self.PATIENCE),
            *(each.close() for each in (self._quick, self._long, self._checking) if each is not None),
        )
        if self._thread.is_alive():
            log.error("the writer doesn't end; what it hasn't acknowledged may be lost")
            return
        os.close(self._lock)
        await asyncio.sleep(0)  # let the last delivery run before the caller goes on
