"""The thread that writes to the cache."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from asnity_tui.client.storage.writer import CacheWriter


class WriterHarness:
    """A writer on a small database, and the errors that it told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failures: list[Exception] = []
        self.opened = 0
        self.again = False
        self.connect().execute("CREATE TABLE t (n INTEGER)")
        self.opened = 0
        self.writer = CacheWriter(self.connect, self.failed)

    def connect(self) -> sqlite3.Connection:
        self.opened += 1
        return sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)

    def failed(self, error: Exception) -> bool:
        self.failures.append(error)
        return self.again

    def rows(self) -> list[int]:
        connection = sqlite3.connect(self.path)
        rows = [n for (n,) in connection.execute("SELECT n FROM t ORDER BY rowid")]
        connection.close()
        return rows


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[WriterHarness]:
    harness = WriterHarness(tmp_path / "t.db")
    yield harness
    harness.writer.close()


class Hold:
    """Work that is in the writer's hands until it is let go."""

    def __init__(self, writer: CacheWriter) -> None:
        self._begun, self._ends = threading.Event(), threading.Event()
        self._done = writer.now(self._work)
        assert self._begun.wait(5)

    def _work(self, connection: sqlite3.Connection) -> None:
        self._begun.set()
        assert self._ends.wait(5)

    def let_go(self) -> None:
        self._ends.set()
        self._done.result(5)


def insert(number: int):  # type: ignore[no-untyped-def]
    return lambda connection: connection.execute("INSERT INTO t VALUES (?)", (number,)).rowcount


def test_work_is_done_in_order_and_waited_for(harness: WriterHarness) -> None:
    harness.writer.later(insert(1))
    harness.writer.later(insert(2))
    assert harness.writer.now(insert(3)).result(5) == 1
    assert harness.rows() == [1, 2, 3]
    assert harness.opened == 1


def test_work_with_a_key_stands_behind_what_was_put_meanwhile(harness: WriterHarness) -> None:
    hold = Hold(harness.writer)
    harness.writer.later(insert(1), key="draft")
    harness.writer.later(insert(2))
    harness.writer.later(insert(3), key="draft")
    hold.let_go()
    harness.writer.flush(5)
    assert harness.rows() == [2, 3]


def test_work_with_a_key_takes_the_place_of_what_waits(harness: WriterHarness) -> None:
    hold = Hold(harness.writer)
    for number in range(100):
        harness.writer.later(insert(number), key="same")
    harness.writer.later(insert(100), key="other")
    hold.let_go()
    assert harness.writer.flush(5)
    assert harness.rows() == [99, 100]


def test_work_that_fails_by_itself_harms_no_other(harness: WriterHarness) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO t VALUES (666)")
        raise ValueError("not me")

    harness.writer.later(insert(1))
    failing = harness.writer.now(fail)
    with pytest.raises(ValueError, match="not me"):
        failing.result(5)
    harness.writer.now(insert(2)).result(5)
    assert harness.rows() == [1, 2]
    assert harness.failures == []


def test_a_batch_that_fails_is_told_to_all_who_wait(harness: WriterHarness) -> None:
    hold = Hold(harness.writer)
    first = harness.writer.now(insert(1))
    second = harness.writer.now(lambda connection: connection.execute("INSERT INTO nowhere VALUES (1)"))
    hold.let_go()
    for each in (first, second):
        with pytest.raises(sqlite3.OperationalError):
            each.result(5)
    assert harness.rows() == []
    assert len(harness.failures) == 1
    harness.writer.now(insert(3)).result(5)
    assert harness.rows() == [3]


def test_a_batch_is_tried_again_with_a_new_connection_where_that_helps(harness: WriterHarness) -> None:
    harness.again = True
    attempts: list[int] = []

    def mended_by_the_second_attempt(connection: sqlite3.Connection) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise sqlite3.DatabaseError("broken")
        connection.execute("INSERT INTO t VALUES (7)")

    harness.writer.now(mended_by_the_second_attempt).result(5)
    assert harness.rows() == [7]
    assert harness.opened == 2


def test_closing_writes_what_waits(harness: WriterHarness) -> None:
    harness.writer.later(insert(1))
    harness.writer.close()
    assert harness.rows() == [1]
    with pytest.raises(RuntimeError):
        harness.writer.later(insert(2))
