"""Damage to the database's files is noticed: broken pages, and files that are taken away from under the server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import sqlite3
from pathlib import Path

import pytest

from asnity_server.api.search.search import search
from asnity_server.api.storage.write_probe import EVERY
from asnity_server.db import health
from asnity_server.db.health import was_stopped_cleanly
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Unavailable
from tests.api.harness import ApiHarness

from .test_readers import FOR_EVER

PATIENCE = 10.0
"""Seconds to wait for what must happen."""


async def fill(harness: ApiHarness) -> str:
    """A channel with enough in it for many pages."""
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    await asyncio.gather(*(harness.post(alice, general, f"note {number} " * 300) for number in range(60)))
    return general


def pages_of(path: Path, table: str) -> list[int]:
    """Find the offsets of the pages that hold a table's rows."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    data = path.read_bytes()
    found = [root - 1]
    leaves = []
    while found:
        at = found.pop() * size
        if data[at] in (
            2,
            5,
        ):  # an inner page: its cells begin with the number of a page below, and one is to the right
            cells = int.from_bytes(data[at + 3 : at + 5], "big")
            below = [int.from_bytes(data[at + 8 : at + 12], "big")]
            for cell in range(cells):
                where = at + int.from_bytes(data[at + 12 + 2 * cell : at + 14 + 2 * cell], "big")
                below.append(int.from_bytes(data[where : where + 4], "big"))
            found += [number - 1 for number in below]
        else:
            leaves.append(at)
    return leaves


def damage(path: Path, at: int) -> None:
    """Damage a page as a broken disk does."""
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * 4096)


async def is_ready(harness: ApiHarness) -> bool:
    """Ask as `/readyz` does."""
    harness.clock.forward(int(EVERY * 1000) + 1)
    try:
        await harness.api.write_probe.check()
    except Unavailable:
        return False
    return True


@pytest.mark.parametrize("table", ["messages", "messages_by_id", "users", "sessions"])
async def test_a_damaged_page_is_found_and_said(
    harness: ApiHarness, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(harness)
    await harness.close()
    leaves = await asyncio.to_thread(pages_of, harness.path, table)
    await asyncio.to_thread(damage, harness.path, leaves[-1])
    await harness.open()
    await harness.database.check(seconds=PATIENCE)
    assert not await is_ready(harness)
    assert harness.database.health.problem == (
        "The server's database is damaged. Its administrator has to restore a backup."
    )
    said = [each for each in caplog.records if "the database is damaged" in each.getMessage()]
    assert len(said) == 1
    assert said[0].levelno == logging.ERROR
    assert "asnity-server restore" in said[0].getMessage()


async def test_a_damaged_page_that_somebody_meets_is_said_without_a_look_for_it(
    harness: ApiHarness, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(harness)
    await harness.close()
    for at in await asyncio.to_thread(pages_of, harness.path, "messages"):
        await asyncio.to_thread(damage, harness.path, at)
    await harness.open()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await harness.sql("SELECT content FROM messages")
    assert not await is_ready(harness)
    assert len([each for each in caplog.records if "the database is damaged" in each.getMessage()]) == 1


async def test_a_whole_database_is_called_whole(harness: ApiHarness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await fill(harness)
    await harness.database.check(seconds=PATIENCE)
    assert await is_ready(harness)
    assert "the database was looked through, and is whole" in caplog.text


@pytest.mark.parametrize("closing", [False, True])
async def test_looking_takes_so_long_at_most_and_holds_nobody_up(
    harness: ApiHarness, closing: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may be large."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(health, "_damage", lambda view: view.value(FOR_EVER))
    looking = asyncio.ensure_future(harness.database.check(seconds=PATIENCE * 10 if closing else 0.2))
    async with asyncio.timeout(PATIENCE):
        await fill(harness)
        if closing:
            await harness.close()
        await looking
    assert "not looked through to its end" in caplog.text
    if closing:
        await harness.open()
    assert await is_ready(harness)


async def test_that_a_stop_was_not_clean_is_known_at_the_next_start(harness: ApiHarness, tmp_path: Path) -> None:
    await fill(harness)
    assert not await asyncio.to_thread(was_stopped_cleanly, harness.path)
    (tmp_path / "killed").mkdir()
    for each in ("", "-wal"):  # what is on the disk when the power fails
        await asyncio.to_thread(shutil.copy, f"{harness.path}{each}", tmp_path / "killed" / f"asnity.db{each}")
    await harness.close()
    assert await asyncio.to_thread(was_stopped_cleanly, harness.path)
    assert not await asyncio.to_thread(was_stopped_cleanly, tmp_path / "killed" / "asnity.db")
    assert await asyncio.to_thread(was_stopped_cleanly, tmp_path / "nothing.db")
    await harness.open()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["asnity.db", "asnity.db-wal", "asnity.db-shm"])
@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced"])
async def test_a_file_that_is_gone_is_noticed_and_nothing_is_acknowledged(
    harness: ApiHarness, tmp_path: Path, name: str, replaced: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Anything written then is missing at the next start."""
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    assert await is_ready(harness)
    file = harness.path.with_name(name)
    aside = await asyncio.to_thread(file.rename, tmp_path / "aside")
    if replaced:
        await asyncio.to_thread(file.write_bytes, b"another file")
    assert not await is_ready(harness)
    with pytest.raises(Unavailable, match="gone"):
        await harness.post(alice, general, "not written")
    assert f"{name} was removed or replaced" in caplog.text
    await asyncio.to_thread(aside.replace, file)
    async with asyncio.timeout(PATIENCE):
        while not await is_ready(harness):
            pass  # the writer looks by itself
    await harness.post(alice, general, "written")
    assert len(await harness.sql("SELECT 1 FROM messages WHERE content = 'written'")) == 1


@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced"])
async def test_who_reads_a_file_that_is_gone_for_the_first_time_is_told_so_and_makes_none(
    harness: ApiHarness, tmp_path: Path, replaced: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Searches have threads of their own, which open the file when somebody searches."""
    alice = await harness.person("alice")
    await harness.community(alice)
    aside = await asyncio.to_thread(harness.path.rename, tmp_path / "aside")
    if replaced:
        await asyncio.to_thread(harness.path.touch)
    assert not await is_ready(harness)
    with pytest.raises(Unavailable):
        await harness.api.query(alice.token, search, requests.Search(q="anything"), long=True)
    assert await asyncio.to_thread(harness.path.exists) == replaced
    assert "incident" not in caplog.text
    await asyncio.to_thread(aside.replace, harness.path)


async def test_a_file_that_was_gone_at_the_start_is_told_of(
    harness: ApiHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that begins anew in place of one with everybody's messages must not do so in silence."""
    await harness.reopen()
    assert "was gone" not in caplog.text  # nobody has signed up yet
    await harness.person("alice")
    await harness.close()
    await asyncio.to_thread(harness.path.unlink)
    await harness.open()
    assert f"{harness.path} was gone" in caplog.text
