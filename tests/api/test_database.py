"""The writer: one transaction for whatever waits, a savepoint for each piece of work, and what failure leaves."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from asnity_server.db.database import Database
from asnity_server.db.maintenance import run_alone
from asnity_server.db.migrations import migrate
from asnity_server.db.transaction import Commit, WriteTx
from asnity_server.protocol.errors import Conflict, Internal, Unavailable
from tests.api.harness import ApiHarness


class Notes:
    """A database with one table of numbers, and every commit that was delivered."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self.foreign = asyncio.Event()
        self.database: Database

    async def open(self, path: Path) -> None:
        """Make the file."""

        def make() -> None:
            migrate(path)
            run_alone(path, lambda tx: tx.run("CREATE TABLE IF NOT EXISTS notes (number INTEGER, text BLOB)"))

        await asyncio.to_thread(make)
        self.database = await Database.open(path, deliver=self._deliver, foreign_change=self.foreign.set)

    def _deliver(self, commit: Commit) -> None:
        self.commits.append(commit)
        for work in commit.works:
            work.release()

    async def hold(self) -> Callable[[], Awaitable[object]]:
        """Hold the writer up inside a piece of work; what is called to let it go on."""
        started, gate = threading.Event(), threading.Event()

        def work(tx: WriteTx) -> None:
            started.set()
            assert gate.wait(10)

        held = asyncio.ensure_future(self.database.write(work))
        assert await asyncio.to_thread(started.wait, 10)

        async def release() -> None:
            gate.set()
            await held

        return release

    async def at_once(self, *works: Callable[[WriteTx], Any]) -> list[Any]:
        """Do these in one batch: the writer is held up until all of them wait."""
        release = await self.hold()
        waiting = [asyncio.ensure_future(self.database.write(work)) for work in works]
        await asyncio.sleep(0)  # each task runs up to its place in the queue
        await release()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        return found

    async def numbers(self) -> list[int]:
        """List the stored numbers."""
        rows = await self.database.read(lambda view: view.all("SELECT number FROM notes ORDER BY rowid"))
        return [number for (number,) in rows]


def add(number: int) -> Callable[[WriteTx], int]:
    """Store a number, and say so."""

    def work(tx: WriteTx) -> int:
        tx.run("INSERT INTO notes VALUES (?, '')", (number,))
        tx.publish(number)
        return number

    return work


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Notes]:
    """An empty one."""
    notes = Notes()
    await notes.open(tmp_path / "notes.db")
    yield notes
    await notes.database.close()


async def test_what_waits_is_one_commit(notes: Notes) -> None:
    assert await notes.at_once(*(add(number) for number in range(100))) == list(range(100))
    commit = notes.commits[-1]
    assert [work.changes for work in commit.works] == [(number,) for number in range(100)]
    assert await notes.numbers() == list(range(100))


async def test_commits_come_numbered_and_in_order(notes: Notes) -> None:
    first = notes.commits[-1].number if notes.commits else 0
    for number in range(5):
        await notes.database.write(add(number))
    assert [commit.number for commit in notes.commits] == list(range(first + 1, first + 6))
    assert [work.changes for commit in notes.commits for work in commit.works] == [(n,) for n in range(5)]


async def test_one_that_fails_is_undone_alone(notes: Notes) -> None:
    def fails(tx: WriteTx) -> None:
        add(99)(tx)
        raise Conflict("no")

    def breaks(tx: WriteTx) -> None:
        add(98)(tx)
        raise RuntimeError("a defect")

    def misspelt(tx: WriteTx) -> None:
        add(97)(tx)
        tx.run("INSERT INTO no_such_table VALUES (1)")

    found = await notes.at_once(add(1), fails, add(2), breaks, misspelt, add(3))
    assert [type(each).__name__ for each in found] == ["int", "Conflict", "int", "Internal", "Internal", "int"]
    assert await notes.numbers() == [1, 2, 3]
    assert [work.changes for work in notes.commits[-1].works] == [(1,), (), (2,), (), (), (3,)]


async def test_a_defect_is_told_by_an_incident_that_the_log_has(notes: Notes, caplog: pytest.LogCaptureFixture) -> None:
    def breaks(tx: WriteTx) -> None:
        raise RuntimeError("the secret cause")

    with pytest.raises(Internal) as told:
        await notes.database.write(breaks)
    incident = str(told.value).rpartition("incident ")[2].rstrip(").")
    assert incident in caplog.text
    assert "the secret cause" not in str(told.value)
    with pytest.raises(Internal):
        await notes.database.read(lambda view: view.all("SELECT * FROM no_such_table"))


async def test_a_full_disk_voids_the_batch_and_the_others_are_done_again(
    notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite itself rolls everything back then, the work of those who were done before included."""
    runs: list[int] = []

    def counted(number: int) -> Callable[[WriteTx], int]:
        def work(tx: WriteTx) -> int:
            runs.append(number)
            return add(number)(tx)

        return work

    def fills(tx: WriteTx) -> None:
        add(99)(tx)
        tx.run("INSERT INTO notes VALUES (98, ?)", (b"x" * 1_000_000,))

    def limit(tx: WriteTx) -> None:
        pages = tx.value("PRAGMA page_count")
        tx.all(f"PRAGMA max_page_count = {pages + 8}")

    await notes.database.write(limit)
    found = await notes.at_once(counted(1), counted(2), fills, counted(3), fills, counted(4))
    assert [each if isinstance(each, int) else type(each) for each in found] == [1, 2, Unavailable, 3, Unavailable, 4]
    assert runs == [1, 2, 1, 2, 3, 4]
    assert await notes.numbers() == [1, 2, 3, 4]
    assert [work.changes for work in notes.commits[-1].works] == [(1,), (2,), (), (3,), (), (4,)]
    assert "voided" in caplog.text


async def test_a_commit_that_fails_is_nobodys(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        """A connection on a disk that breaks."""

        breaks = False

        def __init__(self, connection: sqlite3.Connection) -> None:
            self._connection = connection

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if sql == "COMMIT" and self.breaks:
                self.breaks = False
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR
                raise error
            return self._connection.execute(sql, *parameters)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

    disk = Failing(notes.database._writer)
    monkeypatch.setattr(notes.database, "_writer", disk)

    def breaks(tx: WriteTx) -> None:
        add(1)(tx)
        disk.breaks = True

    found = await notes.at_once(breaks, add(2))
    assert [type(each) for each in found] == [Unavailable, Unavailable]
    assert [work.changes for work in notes.commits[-1].works] == [(), ()]
    await notes.database.write(add(3))
    assert await notes.numbers() == [3]


async def test_too_much_that_waits_is_refused(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "WAITING", 3)
    found = await notes.at_once(*(add(number) for number in range(6)))
    assert [type(each).__name__ for each in found] == ["int"] * 3 + ["Unavailable"] * 3
    assert await notes.numbers() == [0, 1, 2]


async def test_a_commit_has_so_much_in_it_at_most(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "BATCH", 3)
    release = await notes.hold()
    waiting = []
    for number in range(9):
        waiting.append(asyncio.ensure_future(notes.database.write(add(number))))
        await asyncio.sleep(0)  # each comes in a turn of its own
        await asyncio.sleep(0)
    await release()
    await asyncio.gather(*waiting)
    assert [len(commit.works) for commit in notes.commits] == [1, 3, 3, 3]
    assert await notes.numbers() == list(range(9))


async def test_closing_drains_and_refuses(notes: Notes, tmp_path: Path) -> None:
    waiting = [asyncio.ensure_future(notes.database.write(add(number))) for number in range(50)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(notes.database.close())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await notes.database.write(add(99))
    with pytest.raises(Unavailable):
        await notes.database.read(lambda view: 1)
    await closing
    assert await asyncio.gather(*waiting) == list(range(50))
    await notes.open(tmp_path / "notes.db")
    assert await notes.numbers() == list(range(50))


async def test_reading_sees_one_moment(notes: Notes) -> None:
    """Every query of a read sees the same state, whatever is written meanwhile."""
    started, written = threading.Event(), threading.Event()

    def query(view: Any) -> tuple[int, int]:
        before = view.value("SELECT count(*) FROM notes")
        started.set()
        assert written.wait(10)
        return before, view.value("SELECT count(*) FROM notes")

    reading = asyncio.ensure_future(notes.database.read(query))
    await asyncio.to_thread(started.wait, 10)
    await notes.database.write(add(1))
    written.set()
    assert await reading == (0, 0)
    assert await notes.numbers() == [1]


async def test_a_reader_cannot_write(notes: Notes) -> None:
    with pytest.raises(Unavailable):
        await notes.database.read(lambda view: view.all("INSERT INTO notes VALUES (1, '') RETURNING number"))
    assert await notes.numbers() == []


async def test_a_change_by_another_program_is_noticed(notes: Notes, tmp_path: Path) -> None:
    await notes.database.write(add(1))
    await asyncio.to_thread(run_alone, tmp_path / "notes.db", add(2))
    async with asyncio.timeout(10):
        await notes.foreign.wait()
    assert await notes.numbers() == [1, 2]


async def test_a_server_that_ends_is_told_of_no_change_that_it_could_not_look_at(notes: Notes, tmp_path: Path) -> None:
    await notes.database.write(add(1))
    release = await notes.hold()
    closing = asyncio.ensure_future(notes.database.close())
    await asyncio.sleep(0)
    notes.foreign.clear()
    releasing = asyncio.ensure_future(release())
    await asyncio.gather(asyncio.to_thread(run_alone, tmp_path / "notes.db", add(2)), releasing)
    await closing
    assert not notes.foreign.is_set()
    await notes.open(tmp_path / "notes.db")


async def test_who_stops_waiting_stops_nothing(notes: Notes) -> None:
    release = await notes.hold()
    given_up = asyncio.ensure_future(notes.database.write(add(1)))
    await asyncio.sleep(0)
    given_up.cancel()
    await release()
    await notes.database.write(add(2))
    assert await notes.numbers() == [1, 2]


async def test_deleted_text_is_nowhere_in_the_files(harness: ApiHarness, caplog: pytest.LogCaptureFixture) -> None:
    """D6: not in the tables, not in free pages, not in the write-ahead log."""
    caplog.set_level(logging.WARNING)
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    long, short = "a long lost secret " * 150, "a short lost secret"
    kept = [await harness.post(alice, general, content) for content in (long, short, "kept", "an edited lost secret")]
    await harness.delete(alice, kept[0])
    await harness.delete(alice, kept[1])
    await harness.edit(alice, kept[3], "harmless")

    def found() -> bool:
        return any(b"lost secret" in file.read_bytes() for file in harness.path.parent.iterdir())

    async with asyncio.timeout(20):
        while await asyncio.to_thread(found):
            await harness.post(alice, general, "life goes on, and never pauses")
    page = await harness.history(alice, general, after=0, limit=4)
    assert [each.content for each in page.messages] == ["", "", "kept", "harmless"]


async def test_settings_of_the_connection(harness: ApiHarness) -> None:
    def settings(tx: WriteTx) -> list[Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return [tx.value(f"PRAGMA {name}") for name in names]

    assert await harness.database.write(settings) == ["wal", 2, 1, 1]
