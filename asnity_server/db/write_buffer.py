"""Buffers the writer's inserts and updates, and caches answers of the database, between two works."""

from __future__ import annotations

import sqlite3
from collections.abc import Hashable, Sequence
from itertools import chain
from typing import Any

CHUNK = 64
"""Rows of one statement at most. One long statement lets the event loop run; many short ones fight it for the
interpreter's lock, which each of them gives away and takes back."""

CACHED = 50_000
"""Cached answers at most (about 15 MB)."""


class BufferInvalid(Exception):
    """Raised where buffered rows can't be written, or a work failed that had changed something: the batch is to be done
    again, unbuffered."""


class BatchInsert:
    """An INSERT whose rows can wait to be written together."""

    def __init__(self, head: str, columns: int) -> None:
        """`head` ends with VALUES. Rows have so many `columns`."""
        row = f"({', '.join('?' * columns)})"
        self._sql = {size: head + ", ".join([row] * size) for size in (1, 2, 4, 8, 16, 32, CHUNK)}

    def write(self, connection: sqlite3.Connection, rows: Sequence[Sequence[object]]) -> None:
        """Insert `rows`, in their order. Only a few sizes of statements occur, so all of them stay prepared."""
        position = 0
        while position < len(rows):
            size = 1 << (min(CHUNK, len(rows) - position).bit_length() - 1)
            part = rows[position : position + size]
            connection.execute(self._sql[size], part[0] if size == 1 else tuple(chain.from_iterable(part)))
            position += size


class WriteBuffer:
    """Held by the writer from one transaction to the next.

    `cached` holds answers of the database, under keys that belong to whoever asked. They hold as long as nothing is
    written but by works that say so (`WriteTx.keep_cached`), and go with every transaction that is rolled back and
    every commit of another program.

    Buffered rows are written before the next statement that may depend on them, at the latest at the end of the
    transaction. Where that fails, nobody can tell whose fault it was: the transaction is done again without a buffer.
    """

    def __init__(self, connection: sqlite3.Connection, *, careful: bool = False) -> None:
        """With `careful`, nothing is buffered."""
        self._connection = connection
        self.careful = careful
        self.cached: dict[Hashable, Any] = {}
        self.changes = 0
        """Rows that were buffered so far: grows with each."""
        self.written = 0
        """The part of `total_changes` that flushing brought, at moments that the works of those rows did not choose."""
        self.waiting = False
        self._rows: dict[BatchInsert, list[Sequence[object]]] = {}
        self._states: dict[tuple[str, Hashable], Sequence[object]] = {}

    def insert(self, insertion: BatchInsert, row: Sequence[object]) -> None:
        """Buffer one more row."""
        self.changes += 1
        if self.careful:
            insertion.write(self._connection, (row,))
            return
        self.waiting = True
        rows = self._rows.get(insertion)
        if rows is None:
            self._rows[insertion] = [row]
        else:
            rows.append(row)

    def put(self, statement: str, key: Hashable, parameters: Sequence[object]) -> None:
        """Buffer a statement that says how something is now; the last one for a `key` counts."""
        self.changes += 1
        if self.careful:
            self._connection.execute(statement, parameters)
            return
        self.waiting = True
        self._states[statement, key] = parameters

    def flush(self) -> None:
        """Write what is buffered. Raises `BufferInvalid`, or `sqlite3.Error` where the transaction is gone."""
        before = self._connection.total_changes
        rows, states = self._rows, self._states
        self._rows, self._states, self.waiting = {}, {}, False
        try:
            for (statement, _), parameters in states.items():
                self._connection.execute(statement, parameters)
            for insertion, waiting in rows.items():
                insertion.write(self._connection, waiting)
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                raise BufferInvalid from error
            raise
        self.written += self._connection.total_changes - before

    def forget(self) -> None:
        """Drop everything cached or buffered."""
        self.cached.clear()
        self._rows.clear()
        self._states.clear()
        self.waiting = False
