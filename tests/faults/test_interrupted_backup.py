"""A backup that is killed while it is written, and the one after it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from asnity_server.db.atomic_files import UNFINISHED

from .process import PATIENCE, ServerProcess
from .test_busy_server import fill
from .test_server_death import settle

MESSAGES = 20_000


async def _backup(data: Path, target: Path) -> asyncio.subprocess.Process:
    env = {key: value for key, value in os.environ.items() if not key.startswith("ASNITY_")}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "asnity_server", "--data", str(data), "backup", str(target),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, env=env,
    )  # fmt: skip


@pytest.mark.slow
async def test_a_killed_backup_is_not_there_and_the_next_one_is_whole(tmp_path: Path) -> None:
    data, target = tmp_path / "data", tmp_path / "backup.db"
    async with ServerProcess(data) as server:
        _, _, general = await settle(server)
        await asyncio.to_thread(fill, data, general, MESSAGES)
        killed = await _backup(data, target)
        unfinished = target.with_name(target.name + UNFINISHED)
        await asyncio.to_thread(_until, lambda: unfinished.exists() or target.exists())
        with contextlib.suppress(ProcessLookupError):
            killed.kill()
        async with asyncio.timeout(PATIENCE):
            await killed.wait()
        if target.exists():  # it was quicker than the one who killed it
            await asyncio.to_thread(_check, target)
            target.unlink()
        again = await _backup(data, target)
        async with asyncio.timeout(PATIENCE):
            _, said = await again.communicate()
        assert again.returncode == 0, said
    assert not unfinished.exists()
    await asyncio.to_thread(_check, target)


def _until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < end
        time.sleep(0.001)  # the one that is waited for needs the processor as well


def _check(target: Path) -> None:
    with contextlib.closing(sqlite3.connect(target)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM messages").fetchone() == (MESSAGES,)
