"""Maintenance by the administrator: backup, restore, and works beside a server that may be running."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from . import generation
from .atomic_files import BESIDE, link_or_rename, remove, sync_file, sync_folder, written_atomically
from .clock import wall_clock
from .connection import connect, reserve
from .migrations import migrate
from .transaction import WriteTx

T = TypeVar("T")


def run_alone(path: Path, work: Callable[[WriteTx], T]) -> T:
    """Do `work` in one transaction of its own; a running server notices by itself.

    Raises what `work` raises, and `sqlite3.Error` where the file can't be used.
    """
    migrate(path)
    with contextlib.closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(WriteTx(connection, wall_clock()))
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return result


def backup(path: Path, target: Path) -> int:
    """Copy the database at `path`, as it is at one moment, into the new file `target` (mode 600); its size in bytes.

    Raises `FileExistsError`, other `OSError`s, and `sqlite3.Error`. Whenever it is interrupted, there is no `target`.
    """
    with written_atomically(target) as unfinished, contextlib.closing(connect(path, read_only=True)) as source:
        copy = sqlite3.connect(unfinished, isolation_level=None)
        try:
            source.backup(copy)  # in one step: in a write-ahead log, a reader holds nobody up
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, with no log beside it
            _require_whole(copy)
            if _has_generation(copy):  # one that is older than that gets its own when it is brought up
                generation.renew(copy)
        finally:
            copy.close()
    return target.stat().st_size


def restore(path: Path, source: Path) -> Path | None:
    """Put a copy of the backup `source` in the place of the database at `path`; where that is now, if there was one.

    No server may use it. Raises `FileNotFoundError`, other `OSError`s, and `sqlite3.Error` (`InUse` among them); then
    nothing was changed. Whenever it is interrupted, the old database or the new one is there.
    """
    if not source.is_file():
        raise FileNotFoundError(errno.ENOENT, "there is no such file", str(source))
    lock = reserve(path)
    try:
        new = path.with_name(path.name + ".restoring")
        remove(new)
        try:
            backup(source, new)
            _require_ours(new)
            migrate(new)
            _fold(new)
            sync_file(new)
            aside = _set_aside(path)
            new.replace(path)
        except BaseException:
            remove(new)
            raise
        sync_folder(path.parent)
        generation.witness_path(path).unlink(missing_ok=True)
        return aside
    finally:
        os.close(lock)


def _set_aside(path: Path) -> Path | None:
    """Give the database at `path`, whatever state it is in, another name besides; its log goes there."""
    was_there = path.exists()
    if was_there:
        with contextlib.suppress(sqlite3.Error):  # what can't be read any more is kept as it is, in its three files
            _fold(path)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.before-{stamp}")
    while aside.exists():
        aside = aside.with_name(aside.name + "x")
    for each in BESIDE:  # a log that was left would be taken for one of what comes in its place
        old = path.with_name(path.name + each)
        if old.exists():
            old.rename(aside.with_name(aside.name + each))
    if was_there:
        link_or_rename(path, aside)
    sync_folder(path.parent)
    return aside if was_there else None


def _fold(path: Path) -> None:
    """Carry a database's log over into its one file."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _require_whole(copy: sqlite3.Connection) -> None:
    problem = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged: {problem}")


def _require_ours(path: Path) -> None:
    """Raise `sqlite3.DatabaseError` for another program's database; SQLite takes an empty file for one as well."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"users", "communities", "channels"} <= tables:
        raise sqlite3.DatabaseError("it is no backup of an Asnity server")


def _has_generation(copy: sqlite3.Connection) -> bool:
    return copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'generation'").fetchone() is not None
