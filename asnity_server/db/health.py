"""The health of the database's files: notices damaged pages and missing files."""

from __future__ import annotations

import logging
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from asnity_server.protocol.errors import AsnityError, Unavailable

from .atomic_files import BESIDE
from .errors import as_error
from .readers import ReaderPool, ReadLimits
from .transaction import ReadTx

log = logging.getLogger(__name__)

UNCLEAN, CLEAN = 60.0, 5.0
"""Seconds for which a database is looked through at the start, behind a stop that wasn't clean and behind one that was.

A large file isn't looked through to its end: meanwhile, its log can't be carried over.
"""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def was_stopped_cleanly(path: Path) -> bool:
    """Whether whoever had the database at `path` last has closed it: SQLite then leaves nothing beside it."""
    return not any(_size(path.with_name(path.name + each)) for each in ("-wal", "-journal"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@dataclass(frozen=True)
class Load:
    """How much a database does, in numbers."""

    commits: int
    works: int
    """Pieces of work in all commits, those that were refused included."""
    waiting: int
    """Pieces of work that wait for the writer."""
    reading: int
    """Queries that run or wait."""
    searching: int
    """Queries that may take long, that run or wait."""


class Health:
    """The known problems of a database's files. Any thread may report and ask."""

    def __init__(self, path: Path) -> None:
        """To be made once the database at `path` is open, and its log with it."""
        real = Path(os.path.realpath(path))
        beside = [real.with_name(real.name + each) for each in BESIDE]
        self._files = {each: _identity(each) for each in (real, *beside) if each.exists()}
        self.gone = ""
        """Which file somebody took away, or put another in the place of: what is written is lost at the next start."""
        self.damaged = False

    @property
    def problem(self) -> str:
        """The problem as a sentence for callers; empty while none is known."""
        if self.gone:
            return "The server's database is gone. Its administrator has to put it back, or stop the server."
        return "The server's database is damaged. Its administrator has to restore a backup." if self.damaged else ""

    def require(self) -> None:
        """Raise `Unavailable` where something is wrong."""
        if self.problem:
            raise Unavailable(self.problem, retry_after=60.0)

    def look(self) -> None:
        """See whether the files are there that are written to."""
        gone = next((each.name for each, known in self._files.items() if _identity(each) != known), "")
        if gone and not self.gone:
            log.error("%s was removed or replaced while the server runs: nothing more is written", gone)
        if self.gone and not gone:
            log.warning("%s is there again", self.gone)
        self.gone = gone

    def as_error(self, error: BaseException) -> AsnityError:
        """Return the error for the one who asked; see `errors.as_error`."""
        if isinstance(error, sqlite3.DatabaseError) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            self._note_damage(str(error))
        if isinstance(error, sqlite3.Error) and self.gone:  # whatever stands in its place has nothing of ours
            return Unavailable(self.problem, retry_after=60.0)
        return as_error(error)

    async def look_through(self, readers: ReaderPool) -> None:
        """Look for damaged pages, beside everything else."""
        try:
            found: str = await readers.read(_damage)
        except Unavailable as error:
            if not self.damaged:
                log.info("the database was not looked through to its end: %s", error)
            return
        if found != "ok":
            self._note_damage(found)
        else:
            log.info("the database was looked through, and is whole")

    def _note_damage(self, what: str) -> None:
        if not self.damaged:
            self.damaged = True
            log.error(
                "the database is damaged (%s): stop the server and restore a backup (asnity-server restore FILE)",
                " ".join(what.split()),
            )


def one_for(seconds: float) -> ReadLimits:
    """One query for so long."""
    return ReadLimits(threads=1, at_once=1, each=1, waiting=1, late=seconds, seconds=seconds)


def _damage(view: ReadTx) -> str:
    found: str = view.value("PRAGMA quick_check(1)")
    return found


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
