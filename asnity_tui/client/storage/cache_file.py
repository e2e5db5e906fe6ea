"""The file behind the cache: opened, brought to the present schema, and set aside where it can't be read."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from asnity_tui.state.outbox_entry import OutboxEntry

from .private_files import locked, open_private, private_folder, sync_folder

SCHEMA = 2
"""The number of the last step in `cache_schema`, as the file's `user_version` says it."""

_BESIDE = ("", "-wal", "-shm")
"""The files of one SQLite database (https://sqlite.org/wal.html, section 2)."""


class Newer(Exception):
    """The file was written by a newer version, which another instance still runs."""


def account_file(folder: Path, server_url: str, user_id: str) -> Path:
    """Name the file of one account on one server."""
    place = urlsplit(server_url).netloc
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", f"{place}_{user_id}")[:80]
    exact = hashlib.sha256(f"{server_url} {user_id}".encode()).hexdigest()[:12]
    return folder / f"{readable}_{exact}.db"


def is_damage(error: BaseException) -> bool:
    """Tell whether an error says that the file itself is broken (https://sqlite.org/rescode.html)."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and (code & 0xFF) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class CacheFile:
    """One account's file. Every method may raise `sqlite3.Error` or `OSError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = path.with_suffix(".lock")

    def version(self) -> int:
        """The number of the file's schema; 0 for none yet."""
        if not self.path.exists():
            return 0
        connection = self._connect()
        try:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
        finally:
            connection.close()

    def reader(self) -> sqlite3.Connection:
        """A connection that only reads."""
        connection = self._connect()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def fact(self, name: str) -> bytes | None:
        """One fact as it is kept, for who only wants that; the file has the present schema."""
        with closing(self.reader()) as reader:
            row = reader.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def writer(self) -> sqlite3.Connection:
        """A connection that writes, to the present schema."""
        private_folder(self.path.parent)
        if not self.path.exists():
            # SQLite would make it readable for others; the files beside it take its mode.
            os.close(open_private(self.path))
        connection = self._connect()
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA secure_delete = ON")
            if connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA:
                self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def set_aside(self, why: str, inode: int | None) -> tuple[Path, int] | None:
        """Rename the file and begin a new one with what could be rescued: where it went, how many unsent things came.

        Nothing is done if the file is no longer the one that was found broken: another instance was faster.
        """
        with locked(self._lock):
            if self.inode() != inode:
                return None
            aside = self.path.with_name(f"{self.path.name}.{why}-{time.strftime('%Y%m%d-%H%M%S')}")
            while aside.exists():
                aside = aside.with_name(aside.name + "x")
            for each in _BESIDE:
                old = self.path.with_name(self.path.name + each)
                if old.exists():
                    old.rename(aside.with_name(aside.name + each))
        entries, drafts = _rescue(aside)
        connection = self.writer()
        try:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                for nonce, owner, entry in entries:
                    connection.execute(
                        "INSERT OR IGNORE INTO outbox (nonce, owner, entry) VALUES (?, ?, ?)", (nonce, owner, entry)
                    )
                connection.executemany(
                    "INSERT OR IGNORE INTO drafts (channel_id, owner, text) VALUES (?, '', ?)", drafts
                )
        finally:
            connection.close()
        return aside, len(entries)

    def inode(self) -> int | None:
        """The present file, whatever its name."""
        try:
            return self.path.stat().st_ino
        except FileNotFoundError:
            return None

    def remove(self) -> None:
        """Delete the file, for whoever signs out."""
        for each in _BESIDE:
            self.path.with_name(self.path.name + each).unlink(missing_ok=True)
        self._lock.unlink(missing_ok=True)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA busy_timeout = 5000")
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        # Imported here and not above: sqlite-utils takes longer to import than the first paint may, and a file that has
        # the present schema doesn't need it.
        from .cache_schema import migrate

        with locked(self._lock):
            migrate(connection)
        # A new file's name is on disk, too, before anything in it is relied on.
        sync_folder(self.path.parent)


def _rescue(path: Path) -> tuple[list[tuple[str, str, bytes]], list[tuple[str, str]]]:
    """The unsent things and drafts that can still be read in a file that was set aside."""
    entries: list[tuple[str, str, bytes]] = []
    drafts: list[tuple[str, str]] = []
    try:
        connection = sqlite3.connect(path)
    except sqlite3.Error:
        return entries, drafts
    try:
        for (data,) in connection.execute("SELECT entry FROM outbox ORDER BY seq"):
            try:
                entry = msgspec.json.decode(data, type=OutboxEntry)
            except (msgspec.DecodeError, UnicodeError, TypeError):
                continue  # this one can't be read; the next may
            entries.append((entry.nonce, entry.owner, msgspec.json.encode(entry)))
    except sqlite3.Error:
        pass  # what was read until here is what there is
    try:
        for channel_id, text in connection.execute("SELECT channel_id, text FROM drafts"):
            if isinstance(channel_id, str) and isinstance(text, str):
                drafts.append((channel_id, text))
    except sqlite3.Error:
        pass  # as above
    connection.close()
    return entries, drafts
