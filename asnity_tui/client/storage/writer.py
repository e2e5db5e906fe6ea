"""The thread that writes to the cache: in order, in batches, and on disk where somebody waits for it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

GATHER_WITHIN = 0.25
"""Seconds for which work that isn't urgent waits for more of its kind."""


class _Job(msgspec.Struct):
    """Work that waits; with a future, somebody waits for it to be on disk."""

    work: Work[Any]
    future: Future[Any] | None = None
    result: Any = None
    error: Exception | None = None


class CacheWriter:
    """The thread, its connection, and what waits for it.

    `connect` and `failed` are called in the thread: `connect` opens (again) what is written to, `failed(error)` is told
    why a batch can't be written and answers whether it is worth trying once more with a new connection.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], failed: Callable[[Exception], bool]) -> None:
        self._connect = connect
        self._failed = failed
        self._connection: sqlite3.Connection | None = None
        self._changed = threading.Condition()
        self._jobs: dict[Hashable, _Job] = {}
        self._urgent = False
        self._busy = False
        self._closing = False
        self._thread: threading.Thread | None = None

    def later(self, work: Work[object], *, key: Hashable = None) -> None:
        """Do some work soon, behind what waits already, in place of waiting work with the same key."""
        self._put(_Job(work), key if key is not None else object(), urgent=False)

    def now(self, work: Work[T]) -> Future[T]:
        """Do some work at once, behind what waits already; the future is done when it is on disk."""
        future: Future[T] = Future()
        self._put(_Job(work, future), object(), urgent=True)
        return future

    def flush(self, timeout: float) -> bool:
        """Wait, at most so many seconds, until nothing waits to be written."""
        with self._changed:
            self._urgent = bool(self._jobs)
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._jobs and not self._busy, timeout)

    def close(self) -> None:
        """Write what waits, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _put(self, job: _Job, key: Hashable, *, urgent: bool) -> None:
        with self._changed:
            if self._closing:
                raise RuntimeError("The writer is closed.")
            self._jobs.pop(key, None)  # what was put in between may be about the same thing
            self._jobs[key] = job
            self._urgent = self._urgent or urgent
            if self._thread is None:
                # A daemon: a program that dies of something else must not hang here; what must survive is awaited.
                self._thread = threading.Thread(target=self._run, name="asnity-cache", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _run(self) -> None:
        while jobs := self._next():
            self._write(jobs)
            with self._changed:
                self._busy = False
                self._changed.notify_all()
        self._drop_connection()

    def _next(self) -> list[_Job]:
        """What is to be written next; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closing)
            self._changed.wait_for(lambda: self._urgent or self._closing, GATHER_WITHIN)
            jobs = list(self._jobs.values())
            self._jobs.clear()
            self._urgent = False
            self._busy = bool(jobs)
            return jobs

    def _write(self, jobs: list[_Job]) -> None:
        error = self._attempt(jobs)
        if error is not None and self._failed(error):
            self._drop_connection()
            error = self._attempt(jobs)
        for job in jobs:
            failure = error or job.error
            if job.future is None:
                continue
            if failure is not None:
                job.future.set_exception(failure)
            else:
                job.future.set_result(job.result)

    def _attempt(self, jobs: list[_Job]) -> Exception | None:
        """One transaction; why it failed, if it did."""
        try:
            if self._connection is None:
                self._connection = self._connect()
            _transact(self._connection, jobs)
        except Exception as error:
            if self._connection is not None and self._connection.in_transaction:
                self._connection.rollback()
            return error
        return None

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _transact(connection: sqlite3.Connection, jobs: list[_Job]) -> None:
    """Do all jobs in one transaction; it reaches the disk before this returns if somebody waits for it.

    Without, a power cut may take the last of them away, but never leaves half of one (WAL, synchronous=NORMAL).
    """
    lasting = any(job.future is not None for job in jobs)
    connection.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
    connection.execute("BEGIN IMMEDIATE")
    for job in jobs:
        connection.execute("SAVEPOINT job")
        try:
            job.result, job.error = job.work(connection), None
        except sqlite3.Error:
            raise
        except Exception as error:
            connection.execute("ROLLBACK TO job")
            job.error = error
        connection.execute("RELEASE job")
    connection.execute("COMMIT")
