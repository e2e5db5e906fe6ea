"""Transactions as a piece of work sees them (`ReadTx`, `WriteTx`), and its outcome."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from asnity_server.protocol.errors import AsnityError

from .write_buffer import WriteBuffer

T = TypeVar("T")

Row = tuple[Any, ...]
Parameters = Sequence[object]


class ReadTx:
    """A read transaction: every query of a piece of work sees the same moment."""

    __slots__ = ("_connection", "now")

    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        self._connection = connection
        self.now = now
        """Milliseconds since 1970 when this transaction's work began."""

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return all rows."""
        return self._connection.execute(sql, parameters).fetchall()

    def each(self, sql: str, parameters: Parameters = ()) -> Generator[Row, None, None]:
        """Yield the rows one by one, as far as somebody wants to see them."""
        cursor = self._connection.execute(sql, parameters)
        try:
            yield from cursor
        finally:
            cursor.close()

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row, if any."""
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """Return the first column of the first row, or None."""
        row = self.one(sql, parameters)
        return None if row is None else row[0]

    def is_late(self) -> bool:
        """Return whether a query that looks through much should end with what it has."""
        return False


class WriteTx(ReadTx):
    """One piece of work inside the writer's transaction.

    Work may run twice (when a full disk voids a batch), so it touches nothing but this transaction.
    `executescript` would commit behind the writer's back: it isn't offered.
    """

    __slots__ = ("_kept", "buffer", "changes", "scrubs")

    def __init__(self, connection: sqlite3.Connection, now: int, buffer: WriteBuffer | None = None) -> None:
        """Without a buffer that somebody flushes, everything is written at once."""
        self._connection = connection
        self.now = now
        self.buffer = buffer or WriteBuffer(connection, careful=True)
        self.changes: list[object] = []
        self.scrubs = False
        self._kept = -1

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """See `ReadTx`; here and below, buffered rows are written first."""
        if self.buffer.waiting:
            self.buffer.flush()
        return self._connection.execute(sql, parameters).fetchall()

    def each(self, sql: str, parameters: Parameters = ()) -> Generator[Row, None, None]:
        """See `ReadTx`."""
        if self.buffer.waiting:
            self.buffer.flush()
        return super().each(sql, parameters)

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """See `ReadTx`."""
        if self.buffer.waiting:
            self.buffer.flush()
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Execute a statement that returns no rows; the number of rows it changed."""
        if self.buffer.waiting:
            self.buffer.flush()
        return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """Execute a statement once for each row of parameters."""
        if self.buffer.waiting:
            self.buffer.flush()
        self._connection.executemany(sql, rows)

    def keep_cached(self) -> None:
        """Declare that this work's writes leave everything cached (see `WriteBuffer`) true, or that it corrected it."""
        self._kept = self._connection.total_changes - self.buffer.written

    @property
    def cache_holds(self) -> bool:
        """Whether everything that this work has written, to its end, was declared to leave the cache true."""
        return self._kept == self._connection.total_changes - self.buffer.written

    def publish(self, change: object) -> None:
        """Publish `change` on the bus, in this order, once the transaction is committed."""
        self.changes.append(change)

    def scrub(self) -> None:
        """Leave no copy of what was erased in the write-ahead log either."""
        self.scrubs = True


class Outcome(Generic[T]):
    """The outcome of a piece of work: a value that is on disk, or an error and no trace."""

    __slots__ = ("error", "value")

    def __init__(self, value: T | None, error: AsnityError | None = None) -> None:
        self.value = value
        self.error = error

    def get(self) -> T:
        """Return the value, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # None is a value where T allows it


OnDone = Callable[[Outcome[Any]], None]
"""Called with the outcome, on the event loop, after the broadcast of the same work."""


class CommittedWork(NamedTuple):
    """One piece of work of a commit: the changes to broadcast, and the answer that waits for that."""

    changes: Sequence[object]
    outcome: Outcome[Any]
    on_done: OnDone

    def release(self) -> None:
        """Release the answer to the one who asked."""
        self.on_done(self.outcome)


class Commit(NamedTuple):
    """One committed transaction: its pieces of work, in the order in which they took effect."""

    number: int
    """Never descending. Where it is stored, it stays as long as nothing is written or nothing told. 0 for what was
    refused before it reached the writer."""
    works: tuple[CommittedWork, ...]
    now: int = 0
    """The time that it was given as its `now`; 0 for what was refused before it reached the writer."""
