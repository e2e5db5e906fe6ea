"""Opens the SQLite file with our settings."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

BUSY = 5000
"""Milliseconds to wait for another program that writes."""
TURN = 200
"""The same for the writer, after which it looks whether it is to end."""

CACHE = 8192
"""KB of pages that a connection keeps: with SQLite's own 2 MB, a busy channel's pages are read again for each commit,
and an overview's for each of its channels."""
LOG = 4096
"""Pages (4 KB) of the write-ahead log that are worth carrying over to the file: most are written many times in it."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with our settings; an acknowledged commit survives a power cut, a deleted text is gone.

    Who only reads makes no file where there is none: it would pass for the one that somebody took away.
    """
    address = f"{path.absolute().as_uri()}?mode={'rw' if read_only else 'rwc'}"
    connection = sqlite3.connect(
        address, uri=True, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    connection.execute(f"PRAGMA busy_timeout={BUSY}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA cache_size=-{CACHE}")
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    else:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute(f"PRAGMA wal_autocheckpoint={LOG}")
        # what a statement may have to undo is kept in memory, and no text in files that nothing erases
        connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def begin(connection: sqlite3.Connection, stop_at: Callable[[], float]) -> None:
    """Begin to write, behind another program's transaction; not as patiently once `stop_at` has passed.

    The connection waits a `TURN` by itself; `stop_at` is by the monotonic clock. Raises `sqlite3.Error`.
    """
    give_up_at = time.monotonic() + BUSY / 1000
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            now = time.monotonic()
            if now >= stop_at():  # nothing of all that still waits has a chance
                connection.execute("PRAGMA busy_timeout=0")
            if now >= min(give_up_at, stop_at()):
                raise


class InUse(sqlite3.OperationalError):
    """Another server has this file: it would not hear of what this one writes."""


def reserve(path: Path) -> int:
    """Keep other servers away from the file at `path`, for as long as the descriptor that this returns is open.

    The lock is on a file beside it: closing a descriptor of the database itself would drop SQLite's own locks
    (sqlite.org/howtocorrupt.html, section 2.2). Raises `InUse`.
    """
    lock = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise InUse("another server is using it") from None
    return lock
