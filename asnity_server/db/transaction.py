"""What a piece of work is given, and what becomes of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from asnity_server.protocol.errors import AsnityError

from .write_buffer import Ahead

T = TypeVar("T")

Row = tuple[Any, ...]
Parameters = Sequence[object]


class View:
    """Reading in one transaction: every query of a piece of work sees the same moment."""

    __slots__ = ("_connection", "now")

    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        self._connection = connection
        self.now = now
        """Milliseconds since 1970 when this transaction's work began."""

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows."""
        return self._connection.execute(sql, parameters).fetchall()

    def each(self, sql: str, parameters: Parameters = ()) -> Generator[Row, None, None]:
        """The rows one by one, as far as somebody wants to see them."""
        cursor = self._connection.execute(sql, parameters)
        try:
            yield from cursor
        finally:
            cursor.close()

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, if any."""
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, parameters)
        return None if row is None else row[0]

    def is_late(self) -> bool:
        """Whether a query that looks through much should end with what it has."""
        return False


class Tx(View):
    """One piece of work inside the writer's transaction.

    Work may run twice (when a full disk voids a batch), so it touches nothing but this transaction.
    `executescript` would commit behind the writer's back: it isn't offered.
    """

    __slots__ = ("_kept", "ahead", "changes", "scrubs")

    def __init__(self, connection: sqlite3.Connection, now: int, ahead: Ahead | None = None) -> None:
        """Without somebody who flushes it, nothing is put off."""
        self._connection = connection
        self.now = now
        self.ahead = ahead or Ahead(connection, careful=True)
        self.changes: list[object] = []
        self.scrubs = False
        self._kept = -1

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """See `View`; here and below, what was put off is written first."""
        if self.ahead.waiting:
            self.ahead.flush()
        return self._connection.execute(sql, parameters).fetchall()

    def each(self, sql: str, parameters: Parameters = ()) -> Generator[Row, None, None]:
        """See `View`."""
        if self.ahead.waiting:
            self.ahead.flush()
        return super().each(sql, parameters)

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """See `View`."""
        if self.ahead.waiting:
            self.ahead.flush()
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Execute a statement that returns no rows; the number of rows it changed."""
        if self.ahead.waiting:
            self.ahead.flush()
        return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """Execute a statement once for each row of parameters."""
        if self.ahead.waiting:
            self.ahead.flush()
        self._connection.executemany(sql, rows)

    def keep_facts(self) -> None:
        """Say that what this work has written leaves all facts (see `Ahead`) true, or that it corrected them."""
        self._kept = self._connection.total_changes - self.ahead.written

    @property
    def facts_hold(self) -> bool:
        """What this work has written, to its end, leaves the facts true, or it corrected them itself."""
        return self._kept == self._connection.total_changes - self.ahead.written

    def publish(self, change: object) -> None:
        """Tell the world `change`, in this order, once the transaction is committed."""
        self.changes.append(change)

    def scrub(self) -> None:
        """Something secret was erased: leave no copy of it in the write-ahead log either."""
        self.scrubs = True


class Outcome(Generic[T]):
    """What became of a piece of work: a value that is on disk, or an error and no trace."""

    __slots__ = ("error", "value")

    def __init__(self, value: T | None, error: AsnityError | None = None) -> None:
        self.value = value
        self.error = error

    def get(self) -> T:
        """The value, or the error raised."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # None is a value where T allows it


Settle = Callable[[Outcome[Any]], None]
"""Tells the one who asked; called on the event loop, behind the broadcast of the same work."""


class Entry(NamedTuple):
    """One piece of work of a commit, as the dispatcher gets it."""

    changes: Sequence[object]
    outcome: Outcome[Any]
    settle: Settle

    def release(self) -> None:
        """Tell the one who asked."""
        self.settle(self.outcome)


class Commit(NamedTuple):
    """Everything that one transaction brought, in the order in which it took effect."""

    number: int
    """Ascending without holes; 0 for what was refused before it reached the writer."""
    entries: tuple[Entry, ...]
