"""Tests of the stored position: the epoch of who writes, and the number of each commit."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from asnity_server.db.database import Database
from asnity_server.db.migrations import migrate
from asnity_server.db.transaction import Commit, WriteTx
from asnity_server.protocol.errors import Invalid


class Writer:
    """A database, and what it delivered."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commits: list[Commit] = []
        self.database: Database

    async def open(self, *, numbered: bool = True) -> Writer:
        """Open it."""
        await asyncio.to_thread(migrate, self.path)
        self.database = await Database.open(self.path, deliver=self._deliver, numbered=numbered)
        return self

    def _deliver(self, commit: Commit) -> None:
        self.commits.append(commit)
        for work in commit.works:
            work.release()

    def stored(self) -> tuple[int, int]:
        """Return epoch and number as they are in the file."""
        with sqlite3.connect(self.path) as connection:
            found: tuple[int, int] = connection.execute("SELECT epoch, number FROM shards").fetchone()
        connection.close()
        return found


def note(tx: WriteTx) -> None:
    """Write something that is nobody's business."""
    tx.run("UPDATE pulse SET at = at + 1")


def store(tx: WriteTx) -> None:
    """Write something, and tell it."""
    note(tx)
    tx.publish("stored")


def tell(tx: WriteTx) -> None:
    """Tell something that isn't stored."""
    tx.publish("told")


def look(tx: WriteTx) -> Any:
    """Write nothing."""
    return tx.value("SELECT at FROM pulse")


def refuse(tx: WriteTx) -> None:
    """Write something, and fail."""
    store(tx)
    raise Invalid("No.")


async def test_each_commit_that_stores_what_it_tells_has_the_next_number_and_it_is_in_the_file(tmp_path: Path) -> None:
    writer = await Writer(tmp_path / "asnity.db").open()
    assert writer.database.position == (1, 0)
    for _ in range(3):
        await writer.database.write(store)
    for nothing in (look, note, tell):
        await writer.database.write(nothing)
    with pytest.raises(Invalid):
        await writer.database.write(refuse)
    await writer.database.write(store)
    assert [commit.number for commit in writer.commits] == [1, 2, 3, 3, 3, 3, 3, 4]
    assert writer.database.position == (1, 4) == writer.stored()
    await writer.database.close()


async def test_what_is_written_in_one_transaction_has_one_number(tmp_path: Path) -> None:
    writer = await Writer(tmp_path / "asnity.db").open()
    works = (note, store, refuse, tell, store)
    await asyncio.gather(*map(writer.database.write, works), return_exceptions=True)
    assert [commit.number for commit in writer.commits] == [1]
    assert [list(work.changes) for work in writer.commits[0].works] == [[], ["stored"], [], ["told"], ["stored"]]
    assert writer.database.position == (1, 1) == writer.stored()
    await writer.database.close()


async def test_a_commit_has_the_time_that_its_works_were_given(tmp_path: Path) -> None:
    writer = await Writer(tmp_path / "asnity.db").open()
    given = await writer.database.write(lambda tx: tx.now)
    assert writer.commits[-1].now == given
    await writer.database.close()


async def test_works_of_a_transaction_that_was_voided_are_numbered_one_by_one(tmp_path: Path) -> None:
    writer = await Writer(tmp_path / "asnity.db").open()

    def void(tx: WriteTx) -> None:
        tx.run("ROLLBACK")  # as SQLite does by itself where the disk is full
        raise sqlite3.OperationalError("database or disk is full")

    await asyncio.gather(*map(writer.database.write, (store, void, store)), return_exceptions=True)
    assert [commit.number for commit in writer.commits] == [2]
    await writer.database.write(store)
    assert [commit.number for commit in writer.commits] == [2, 3]
    assert writer.database.position == (1, 3) == writer.stored()
    await writer.database.close()


async def test_the_next_program_that_writes_begins_an_epoch_at_the_same_number(tmp_path: Path) -> None:
    first = await Writer(tmp_path / "asnity.db").open()
    await first.database.write(store)
    await first.database.close()
    second = await Writer(first.path).open()
    assert second.database.position == (2, 1)
    await second.database.close()


async def test_commits_that_are_not_numbered_are_noticed_by_those_who_are_told(tmp_path: Path) -> None:
    path = tmp_path / "asnity.db"
    for _ in range(2):
        alone = await Writer(path).open(numbered=False)
        await alone.database.write(store)
        await alone.database.close()
    assert alone.stored() == (0, 0), "who was never apart writes nothing more than before"
    apart = await Writer(path).open()
    await apart.database.close()
    alone = await Writer(path).open(numbered=False)
    await alone.database.close()
    assert alone.stored() == (1, 1)
