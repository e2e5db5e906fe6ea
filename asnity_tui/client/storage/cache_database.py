"""The database of the cache: read at once, written by one thread, and mended where its file is damaged."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from .cache_file import SCHEMA, CacheFile, Newer, is_damage
from .instances import Instance
from .storage import ELSEWHERE
from .writer import CacheWriter, Work

T = TypeVar("T")

SETTLING = 2.0
"""Seconds for which a load waits at most for what is being written."""


class CacheDatabase:
    """One account's file, as one running instance has it open.

    `on_trouble(sentence)` is told what couldn't be read or kept; on the event loop once there is one. A file that can't
    be used at all is no reason not to start: then nothing is read or written, and `unusable` says why.
    """

    def __init__(self, path: Path, on_trouble: Callable[[str], None]) -> None:
        self._on_trouble = on_trouble
        self._loop: asyncio.AbstractEventLoop | None = None
        self._file = CacheFile(path)
        self.instance: Instance | None = None
        """This instance among the others of the account, where the file can be used."""
        self._reader: sqlite3.Connection | None = None
        self._reading: int | None = None
        """Which file the reader has open, whatever it is called by now."""
        self._writing: int | None = None
        """Which file the writer has open."""
        self.unusable = ""
        """Why nothing can be kept, as a sentence; empty where it can."""
        self._last_trouble = ""
        self.is_closed = False
        self._writer = CacheWriter(self._open_writer, self._failed)
        self.owner = os.urandom(8).hex()
        """The name of this instance."""
        self._open()

    @property
    def is_usable(self) -> bool:
        """Tell whether it can be read and written."""
        return not self.unusable and not self.is_closed

    # Reading and writing

    def select(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Rows, as they are after everything that was saved before; none where they can't be read."""
        if not self.is_usable:
            return []
        self._writer.flush(SETTLING)
        for _ in range(2):
            inode = self._file.inode()
            try:
                reader = self._opened_reader(inode)
                return [] if reader is None else reader.execute(statement, values).fetchall()
            except (sqlite3.Error, OSError) as error:
                self._drop_reader()
                if not is_damage(error) or not self._mended(inode):
                    self.report_trouble("The cache can't be read", error)
                    break
        return []

    def _opened_reader(self, inode: int | None) -> sqlite3.Connection | None:
        """A connection to the present file, if there is anything in it."""
        if self._reader is None or self._reading != inode:
            self._drop_reader()
            if self._file.version() != SCHEMA:
                return None
            self._reader, self._reading = self._file.reader(), inode
        return self._reader

    def _drop_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def later(self, work: Work[object], key: Hashable) -> None:
        """Write something soon, in place of what waits under the same key; lost where the file can't be used."""
        if self.is_usable:
            self._meet_loop()
            self._writer.later(work, key=key)

    async def now(self, work: Work[T]) -> T:
        """Write something; on disk when this returns. Raises `sqlite3.Error` or `OSError`."""
        self._meet_loop()
        return await asyncio.wrap_future(self._writer.now(work))

    def now_blocking(self, work: Work[T]) -> T:
        """Write something, and wait for it without an event loop. Raises also `TimeoutError`."""
        return self._writer.now(work).result(SETTLING)

    async def close(self, *, remove: bool = False) -> None:
        """Write what is still to be written, and let go of the file and of this instance's lock.

        `remove`: the file goes, too, unless another instance has it open.
        """
        self.is_closed = True
        await asyncio.get_running_loop().run_in_executor(None, self._writer.close)
        self._drop_reader()
        if self.instance is None:
            return
        try:
            if remove and not self.instance.others():
                self._file.remove()
            self.instance.close()
        except OSError as error:
            self.report_trouble("The cache can't be cleaned up", error)

    # The file

    def _open(self) -> None:
        """See whether the file can be used, and make it so where that is possible."""
        inode = None
        try:
            self.instance = Instance(self._file.path.with_suffix(".windows"))
            self.owner = self.instance.name
            inode = self._file.inode()
            version = self._file.version()
            if version > SCHEMA:
                self._set_aside("newer", inode)
            elif 0 < version < SCHEMA:
                self._file.writer().close()
        except Newer:
            self.unusable = "A newer version of Asnity is running with this account. Close it, or update this one."
            self._report(self.unusable)
        except (sqlite3.Error, OSError) as error:
            if not is_damage(error) or not self._mended(inode):
                self.unusable = f"Nothing can be saved in {self._file.path.parent} ({describe(error)}). {ELSEWHERE}"
                self._report(self.unusable)

    def _open_writer(self) -> sqlite3.Connection:
        """For the writer's thread."""
        connection = self._file.writer()
        self._writing = self._file.inode()
        return connection

    def _failed(self, error: Exception) -> bool:
        """For the writer's thread: why a batch wasn't written, and whether to try again."""
        if is_damage(error) and self._mended(self._writing or self._file.inode()):
            return True
        self.report_trouble("Drafts and unsent messages can't be saved", error)
        return False

    def _mended(self, inode: int | None) -> bool:
        """Whether there is a good file in place of the damaged one."""
        try:
            self._set_aside("damaged", inode)
        except (sqlite3.Error, OSError) as error:
            self.report_trouble("The damaged cache can't be set aside", error)
            return False
        return True

    def _set_aside(self, why: str, inode: int | None) -> None:
        if why == "newer" and self.instance is not None and self.instance.others():
            raise Newer
        done = self._file.set_aside(why, inode)
        if done is not None:
            what = "was damaged" if why == "damaged" else "is from a newer version"
            kept = (
                f"{done[1]} unsent message{'s were' if done[1] != 1 else ' was'} recovered"
                if done[1]
                else "it had no unsent messages"
            )
            self._report(f"The local cache {what} and was set aside as {done[0].name}; {kept}.")

    # Trouble

    def _meet_loop(self) -> None:
        if self._loop is None:
            # Without a loop yet, trouble is told directly.
            with suppress(RuntimeError):
                self._loop = asyncio.get_running_loop()

    def report_trouble(self, what: str, error: BaseException) -> None:
        """Report what went wrong, but the same thing only once in a row."""
        sentence = f"{what}: {describe(error)}."
        if sentence != self._last_trouble:
            self._last_trouble = sentence
            self._report(sentence)

    def _report(self, sentence: str) -> None:
        if self._loop is None or self._loop.is_closed():
            self._on_trouble(sentence)
        else:
            self._loop.call_soon_threadsafe(self._on_trouble, sentence)


def describe(error: BaseException) -> str:
    """An error of the operating system or of SQLite in as many words as they have for it."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
