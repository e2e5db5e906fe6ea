"""The administrator's way to the file, beside a server that may be running."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from .connection import connect
from .database import wall_clock
from .migrations import migrate
from .work import Tx

T = TypeVar("T")


def run_alone(path: Path, work: Callable[[Tx], T]) -> T:
    """Do `work` in one transaction of its own; a running server notices by itself.

    Raises what `work` raises, and `sqlite3.Error` where the file can't be used.
    """
    migrate(path)
    with contextlib.closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(Tx(connection, wall_clock()))
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return result


def backup(path: Path, target: Path) -> int:
    """Copy the database at `path`, as it is at one moment, into the new file `target` (mode 600); its size in bytes.

    Raises `FileExistsError`, other `OSError`s, and `sqlite3.Error`. A target that couldn't be finished is removed.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with contextlib.closing(connect(path, read_only=True)) as source:
            copy = sqlite3.connect(target, isolation_level=None)
            try:
                source.backup(copy)  # in one step: in a write-ahead log, a reader holds nobody up
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, with no log beside it
                problem = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
            finally:
                copy.close()
        if problem != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {problem}")
        return target.stat().st_size
    except BaseException:
        target.unlink()
        raise
