"""One writer thread with group commit, and a small pool of readers, over one SQLite file."""

from __future__ import annotations

import asyncio
import logging
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from asnity_server.protocol.errors import AsnityError, Internal, Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

Row = tuple[Any, ...]
Parameters = Sequence[object]


class View:
    """Reading in one transaction: every query of a piece of work sees the same moment."""

    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        self._connection = connection
        self.now = now
        """Milliseconds since 1970 when this transaction's work began."""

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows."""
        return self._connection.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, if any."""
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, parameters)
        return None if row is None else row[0]


class Tx(View):
    """One piece of work inside the writer's transaction.

    Work may run twice (when a full disk voids a batch), so it touches nothing but this transaction.
    `executescript` would commit behind the writer's back: it isn't offered.
    """

    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        super().__init__(connection, now)
        self.changes: list[object] = []
        self.scrubs = False

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Execute a statement that returns no rows; the number of rows it changed."""
        return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """Execute a statement once for each row of parameters."""
        self._connection.executemany(sql, rows)

    def publish(self, change: object) -> None:
        """Tell the world `change`, in this order, once the transaction is committed."""
        self.changes.append(change)

    def scrub(self) -> None:
        """Something secret was erased: leave no copy of it in the write-ahead log either."""
        self.scrubs = True


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What became of a piece of work: a value that is on disk, or an error and no trace."""

    value: T | None
    error: AsnityError | None = None

    def get(self) -> T:
        """The value, or the error raised."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # None is a value where T allows it


Settle = Callable[[Outcome[Any]], None]
"""Tells the one who asked; called on the event loop, behind the broadcast of the same work."""


@dataclass(frozen=True)
class Entry:
    """One piece of work of a commit, as the dispatcher gets it."""

    changes: tuple[object, ...]
    outcome: Outcome[Any]
    settle: Settle

    def release(self) -> None:
        """Tell the one who asked."""
        self.settle(self.outcome)


@dataclass(frozen=True)
class Commit:
    """Everything that one transaction brought, in the order in which it took effect."""

    number: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class _Job:
    work: Callable[[Tx], Any]
    settle: Settle


class _Void(Exception):
    """SQLite rolled the whole transaction back by itself (sqlite.org/lang_transaction.html, section 3)."""

    def __init__(self, job: _Job, cause: BaseException) -> None:
        super().__init__()
        self.job = job
        self.cause = cause


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with our settings; an acknowledged commit survives a power cut, a deleted text is gone."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute("PRAGMA foreign_keys=ON")
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    else:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")
    return connection


def wall_clock() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Database:
    """The server's one SQLite file. Created on the event loop that `deliver` runs on; `close` it there too."""

    BATCH = 512
    """Pieces of work in one commit at most."""
    WAITING = 20_000
    """Pieces of work that may wait; beyond it, more is refused as `unavailable`."""
    READING = 2_000
    """Queries that may wait; beyond it, more is refused as `unavailable`."""
    IDLE = 0.5
    """Seconds between two looks at the file while there is nothing to write."""

    def __init__(
        self,
        path: Path,
        *,
        deliver: Callable[[Commit], None],
        foreign_change: Callable[[], None] = lambda: None,
        clock: Callable[[], int] = wall_clock,
        readers: int = 4,
    ) -> None:
        """`deliver` gets every commit, in order; `foreign_change` is told when another process wrote to the file."""
        self._path = path
        self._deliver = deliver
        self._foreign_change = foreign_change
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = False
        self._number = 0
        self._scrub = False
        self._writer = connect(path)
        self._data_version = self._read_data_version()
        self._thread = threading.Thread(target=self._run, name="asnity-writer", daemon=True)
        self._thread.start()
        self._reading = 0
        self._local = threading.local()
        self._open_readers: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(max_workers=readers, thread_name_prefix="asnity-reader")

    # Writing

    def submit(self, work: Callable[[Tx], Any], settle: Settle) -> None:
        """Queue `work`; `settle` hears of its outcome. Works are done in the order in which they are submitted."""
        if self._closing or self._queue.qsize() >= self.WAITING:
            why = "The server is shutting down." if self._closing else "The server has too much to write."
            outcome: Outcome[Any] = Outcome(None, Unavailable(why, retry_after=1.0))
            self._deliver(Commit(self._number, (Entry((), outcome, settle),)))
            return
        self._queue.put(_Job(work, settle))

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in the writer's transaction; its result once it is on disk, or its error."""
        future: asyncio.Future[T] = self._loop.create_future()

        def settle(outcome: Outcome[T]) -> None:
            if future.done():  # whoever waited was cancelled; the work is done all the same
                return
            if outcome.error is not None:
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome.get())

        self.submit(work, settle)
        return await future

    def _run(self) -> None:
        stop = False
        while not stop:
            batch: list[_Job] = []
            try:
                job = self._queue.get(timeout=self.IDLE)
            except queue.Empty:
                self._look_around()
                continue
            while job is not None:
                batch.append(job)
                if len(batch) == self.BATCH or self._queue.empty():
                    break
                job = self._queue.get()
            stop = job is None
            if batch:
                self._write(batch)
        self._look_around()
        self._writer.close()

    def _write(self, batch: list[_Job]) -> None:
        try:
            entries = self._transaction(batch)
        except _Void as void:
            log.warning("a transaction was voided: %s", void.cause)
            entries = []
            for job in batch:
                entries += self._refuse([job], void.cause) if job is void.job else self._alone(job)
        self._number += 1
        self._on_loop(self._deliver, Commit(self._number, tuple(entries)))

    def _alone(self, job: _Job) -> list[Entry]:
        try:
            return self._transaction([job])
        except _Void as void:
            return self._refuse([job], void.cause)

    def _refuse(self, batch: list[_Job], cause: BaseException) -> list[Entry]:
        """Nobody in `batch` got anything written. An answer is owed even where the cause is a defect."""
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")
        outcome: Outcome[Any] = Outcome(None, _as_error(cause))
        return [Entry((), outcome, job.settle) for job in batch]

    def _transaction(self, batch: list[_Job]) -> list[Entry]:
        connection = self._writer
        scrubs = False
        entries: list[Entry] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in batch:
                tx = Tx(connection, self._clock())
                connection.execute("SAVEPOINT work")
                try:
                    value = job.work(tx)
                except Exception as error:
                    if not connection.in_transaction:
                        raise _Void(job, error) from error
                    connection.execute("ROLLBACK TO work")
                    entries.append(Entry((), Outcome(None, _as_error(error)), job.settle))
                else:
                    entries.append(Entry(tuple(tx.changes), Outcome(value), job.settle))
                    scrubs |= tx.scrubs
                connection.execute("RELEASE work")
            connection.execute("COMMIT")
        except _Void:
            raise
        except Exception as error:
            log.error("a transaction of %d failed: %s", len(batch), error)
            return self._refuse(batch, error)
        self._scrub |= scrubs
        return entries

    def _on_loop(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            log.warning("the event loop closed before the database")

    def _look_around(self) -> None:
        """What is done while nobody waits: empty the log of erased text, notice other writers."""
        try:
            if self._scrub:
                busy = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                self._scrub = bool(busy)
            version = self._read_data_version()
        except sqlite3.Error as error:
            log.warning("the database could not be looked at: %s", error)
            return
        if version != self._data_version:
            self._data_version = version
            self._on_loop(self._foreign_change)

    def _read_data_version(self) -> int:
        version: int = self._writer.execute("PRAGMA data_version").fetchone()[0]
        return version

    # Reading

    async def read(self, query: Callable[[View], T]) -> T:
        """Run `query` in a read transaction of its own, beside the writer; its result, or its error."""
        if self._closing:
            raise Unavailable("The server is shutting down.", retry_after=1.0)
        if self._reading >= self.READING:
            raise Unavailable("The server has too much to read.", retry_after=1.0)
        self._reading += 1
        try:
            return await self._loop.run_in_executor(self._readers, self._read, query)
        finally:
            self._reading -= 1

    def _read(self, query: Callable[[View], T]) -> T:
        try:
            connection = self._reader()
            connection.execute("BEGIN")
            try:
                return query(View(connection, self._clock()))
            finally:
                connection.execute("COMMIT")
        except AsnityError:
            raise
        except Exception as error:
            raise _as_error(error) from None

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self._path, read_only=True)
            self._open_readers.append(connection)
        return connection

    # The end

    async def close(self) -> None:
        """Commit and deliver what waits, refuse what comes, and let go of the file."""
        self._closing = True
        self._queue.put(None)
        await self._loop.run_in_executor(None, self._thread.join)
        await self._loop.run_in_executor(None, self._readers.shutdown)
        for connection in self._open_readers:
            connection.close()
        await asyncio.sleep(0)  # let the last delivery run before the caller goes on


def _as_error(error: BaseException) -> AsnityError:
    """What the one who asked is told; a defect of ours is logged under the incident id that they get."""
    if isinstance(error, AsnityError):
        return error
    if isinstance(error, (sqlite3.OperationalError, MemoryError)):
        log.error("the database refused: %s", error)
        return Unavailable("The server can't write at the moment.", retry_after=5.0)
    incident = secrets.token_hex(4)
    log.error("incident %s", incident, exc_info=error)
    return Internal(f"The server made a mistake (incident {incident}).")
