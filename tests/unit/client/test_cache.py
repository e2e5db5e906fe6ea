"""The cache between starts, and files of it that can't be read."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from asnity_server.protocol import requests, routes
from asnity_server.protocol.models import Message
from asnity_server.protocol.responses import Overview
from asnity_tui.client.storage.cache import Cache
from asnity_tui.client.storage.cache_file import SCHEMA, account_file
from asnity_tui.client.storage.storage import STORED_MESSAGES_MAX, StorageError, StoredChannel
from asnity_tui.state.outbox_entry import OutboxEntry
from tests.fakes import FakeServer


class Machine:
    """A disk with one account's cache on it, and the windows that are open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.troubles: list[str] = []
        self.windows: list[Cache] = []

    def open(self) -> Cache:
        cache = Cache(self.path, self.troubles.append)
        self.windows.append(cache)
        return cache

    async def again(self, cache: Cache) -> Cache:
        """Close a window and open one."""
        await cache.close()
        return self.open()


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    machine = Machine(account_file(tmp_path / "accounts", "http://localhost:8440", "useraaaaaaab"))
    yield machine
    for each in machine.windows:
        await each.close()


def entry(nonce: str, owner: str = "", **more: Any) -> OutboxEntry:
    here = "comaaaaaaaab"
    fields = {"content": nonce, "created_at": 5, **more}
    return OutboxEntry(nonce=nonce, community_id=here, channel_id=f"{here}-aaaaaaaa", kind="new", owner=owner, **fields)


class CacheContents:
    """Things to remember."""

    def __init__(self) -> None:
        self.server = FakeServer()
        alice = self.server.person("alice")
        here = self.server.community("Lab", alice)
        self.general = self.server.general(here)
        for number in range(STORED_MESSAGES_MAX + 50):
            self.server.post(self.general, alice, f"message {number}")
        token = self.server.token(alice)
        self.overview: Overview = self.server.call(token, routes.OVERVIEW, requests.Empty())
        self.messages: tuple[Message, ...] = tuple(self.server.world.channels[self.general].messages)
        self.remembered = StoredChannel(
            rev=len(self.messages), messages=self.messages, users=tuple(self.overview.users.values())
        )


@pytest.fixture(scope="module")
def contents() -> CacheContents:
    return CacheContents()


async def test_at_first_there_is_nothing(machine: Machine) -> None:
    cache = machine.open()
    assert cache.load_sidebar() is None
    assert cache.load_last_channel() is None
    assert cache.load_channel("x") is None
    assert list(cache.load_outbox()) == []
    assert cache.load_drafts() == {}
    assert machine.troubles == []
    assert not machine.path.exists()


async def test_what_was_saved_is_there_at_once_and_at_the_next_start(machine: Machine, contents: CacheContents) -> None:
    cache = machine.open()
    cache.save_sidebar(contents.overview)
    cache.save_channel(contents.general, contents.remembered)
    cache.save_draft(contents.general, "half a sent")
    cache.save_draft(contents.general, "half a sentence")
    cache.save_last_channel(contents.general)
    for _ in range(2):
        assert cache.load_sidebar() == contents.overview
        assert cache.load_last_channel() == contents.general
        assert cache.load_drafts() == {contents.general: "half a sentence"}
        loaded = cache.load_channel(contents.general)
        assert loaded is not None
        assert loaded.messages == contents.messages[-STORED_MESSAGES_MAX:]
        assert (loaded.rev, loaded.users) == (contents.remembered.rev, contents.remembered.users)
        cache = await machine.again(cache)
    assert cache.load_drafts() == {contents.general: "half a sentence"}
    cache.save_draft(contents.general, "")
    cache.forget_channel(contents.general)
    cache = await machine.again(cache)
    assert cache.load_drafts() == {}
    assert cache.load_channel(contents.general) is None
    assert machine.troubles == []


async def test_nobody_else_can_read_it(machine: Machine, contents: CacheContents) -> None:
    cache = machine.open()
    cache.save_sidebar(contents.overview)
    await cache.save_entry(entry("n-1", cache.owner))
    for each in machine.path.parent.rglob("*"):
        mode = stat.S_IMODE(each.stat().st_mode)
        assert mode == (0o700 if each.is_dir() else 0o600), each
    assert stat.S_IMODE(machine.path.parent.stat().st_mode) == 0o700


async def test_an_entry_and_the_drafts_without_it_are_kept_in_one_step(
    machine: Machine, contents: CacheContents
) -> None:
    cache = machine.open()
    cache.save_draft(contents.general, "hello")
    await cache.save_entry(entry("n-1", cache.owner), {contents.general: ""})
    assert (cache.load_drafts(), [each.nonce for each in cache.load_outbox()]) == ({}, ["n-1"])
    cache.delete_entry("n-1", {contents.general: "hello"})
    assert (cache.load_drafts(), cache.load_outbox()) == ({contents.general: "hello"}, [])
    rival = sqlite3.connect(machine.path)
    rival.execute("CREATE TRIGGER full BEFORE DELETE ON drafts BEGIN SELECT RAISE(ABORT, 'full'); END")
    rival.close()
    with pytest.raises(StorageError, match="Not sent"):
        await cache.save_entry(entry("n-2", cache.owner), {contents.general: ""})
    assert (cache.load_drafts(), cache.load_outbox()) == ({contents.general: "hello"}, [])


async def test_entries_keep_their_order_and_their_newest_state(machine: Machine) -> None:
    cache = machine.open()
    for nonce in ("n-1", "n-2", "n-3"):
        await cache.save_entry(entry(nonce, cache.owner))
    cache.update_entry(entry("n-1", cache.owner, state="failed", attempts=2))
    cache.delete_entry("n-2")
    cache.update_entry(entry("n-2", cache.owner, state="failed"))
    await cache.save_entry(entry("n-4", cache.owner))
    loaded = cache.load_outbox()
    assert [(each.nonce, each.state, each.attempts) for each in loaded] == [
        ("n-1", "failed", 2),
        ("n-3", "queued", 0),
        ("n-4", "queued", 0),
    ]


async def test_an_entry_survives_a_program_that_dies_right_behind_it(machine: Machine) -> None:
    program = """
import asyncio, os, sys
from pathlib import Path
from asnity_tui.client.storage.cache import Cache
from tests.unit.client.test_cache import entry

async def main():
    cache = Cache(Path(sys.argv[1]), print)
    for number in range(3):
        await cache.save_entry(entry(f"n-{number}", cache.owner))
    os._exit(9)

asyncio.run(main())
"""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program, str(machine.path)], cwd=Path(__file__).parents[3], check=False
    )
    assert done.returncode == 9
    cache = machine.open()
    loaded = cache.load_outbox()
    assert [each.nonce for each in loaded] == ["n-0", "n-1", "n-2"]
    assert {each.owner for each in loaded} == {cache.owner}


async def test_two_windows_have_an_outbox_each_until_one_is_gone(machine: Machine) -> None:
    first, second = machine.open(), machine.open()
    await first.save_entry(entry("n-1", first.owner))
    await second.save_entry(entry("n-2", second.owner))
    assert [each.nonce for each in first.load_outbox()] == ["n-1"]
    assert [each.nonce for each in second.load_outbox()] == ["n-2"]
    await first.close()
    taken = second.load_outbox()
    assert [(each.nonce, each.owner) for each in taken] == [("n-1", second.owner), ("n-2", second.owner)]
    third = machine.open()
    assert list(third.load_outbox()) == []
    second.update_entry(msgspec.structs.replace(taken[0], state="failed"))
    assert [each.state for each in second.load_outbox()] == ["failed", "queued"]


async def test_two_windows_have_a_draft_each_until_one_is_gone(machine: Machine, contents: CacheContents) -> None:
    first, second = machine.open(), machine.open()
    first.save_draft(contents.general, "begun in the first")
    second.save_draft(contents.general, "begun in the second")
    first.save_draft("elsewhere", "only here")
    assert first.load_drafts() == {contents.general: "begun in the first", "elsewhere": "only here"}
    assert second.load_drafts() == {contents.general: "begun in the second"}
    second.save_draft(contents.general, "")
    assert first.load_drafts()[contents.general] == "begun in the first"
    second.save_draft(contents.general, "begun in the second")
    await first.close()
    third = machine.open()
    assert third.load_drafts() == {contents.general: "begun in the first", "elsewhere": "only here"}
    await third.close()
    both = "begun in the second\nbegun in the first"
    assert second.load_drafts() == {contents.general: both, "elsewhere": "only here"}
    assert second.load_drafts() == {contents.general: both, "elsewhere": "only here"}


async def test_what_two_windows_wrote_alike_is_there_once(machine: Machine, contents: CacheContents) -> None:
    texts = ("the same beginning", "the same beginning, and more", "the same")
    for cache, text in [(machine.open(), text) for text in texts]:
        cache.save_draft(contents.general, text)
    for cache in list(machine.windows):
        await cache.close()
    assert machine.open().load_drafts() == {contents.general: "the same beginning, and more"}


async def test_drafts_of_a_file_from_before_windows_had_their_own_are_taken_over(
    machine: Machine, contents: CacheContents
) -> None:
    cache = machine.open()
    cache.save_draft(contents.general, "from before")
    await cache.close()
    connection = sqlite3.connect(machine.path)
    connection.executescript(
        "CREATE TABLE was (channel_id TEXT PRIMARY KEY, text TEXT NOT NULL);"
        "INSERT INTO was SELECT channel_id, text FROM drafts; DROP TABLE drafts; ALTER TABLE was RENAME TO drafts;"
        "DELETE FROM _sqlite_migrations WHERE name = '0002_drafts_by_window'; PRAGMA user_version = 1;"
    )
    connection.close()
    cache = machine.open()
    assert cache.load_drafts() == {contents.general: "from before"}
    assert cache.load_drafts() == {contents.general: "from before"}
    assert machine.troubles == []


async def test_the_furthest_that_windows_have_read_counts(machine: Machine) -> None:
    first, second = machine.open(), machine.open()
    first.save_read_marker("read/c", "gen 10")
    assert first.load_preferences() == {"read/c": "gen 10"}
    second.save_read_marker("read/c", "gen 7")
    assert second.load_preferences() == {"read/c": "gen 10"}
    second.drop_read_marker("read/c", "gen 7")
    assert second.load_preferences() == {"read/c": "gen 10"}
    first.drop_read_marker("read/c", "gen 10")
    assert first.load_preferences() == {}
    first.save_read_marker("read/c", "gen 10")
    assert first.load_preferences() == {"read/c": "gen 10"}
    second.save_read_marker("read/c", "another 2")
    assert second.load_preferences() == {"read/c": "another 2"}


async def test_signing_out_leaves_nothing(machine: Machine, contents: CacheContents) -> None:
    cache = machine.open()
    cache.save_sidebar(contents.overview)
    cache.save_channel(contents.general, contents.remembered)
    await cache.save_entry(entry("n-1", cache.owner))
    await cache.forget()
    assert [each for each in machine.path.parent.rglob("*") if each.is_file()] == []
    cache.save_sidebar(contents.overview)
    with pytest.raises(StorageError):
        await cache.save_entry(entry("n-2", cache.owner))


async def test_signing_out_with_another_window_open_leaves_an_empty_file(
    machine: Machine, contents: CacheContents
) -> None:
    first, second = machine.open(), machine.open()
    first.save_sidebar(contents.overview)
    await first.save_entry(entry("n-1", first.owner))
    await first.forget()
    assert second.load_sidebar() is None
    assert list(second.load_outbox()) == []
    second.save_last_channel(contents.general)
    assert second.load_last_channel() == contents.general


# Files that can't be read


def damage(path: Path, *, at: int = 0, size: int = 4096) -> None:
    """Overwrite a part of the file, as a failing disk may."""
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(b"\xff" * size)


async def test_a_file_that_is_no_database_is_set_aside_and_told(machine: Machine, contents: CacheContents) -> None:
    machine.path.parent.mkdir(parents=True)
    machine.path.write_bytes(b"not a database at all, but a text of some length" * 200)
    cache = machine.open()
    assert cache.load_sidebar() is None
    cache.save_sidebar(contents.overview)
    assert cache.load_sidebar() == contents.overview
    assert len(machine.troubles) == 1
    assert "was damaged and was set aside" in machine.troubles[0]
    aside = [each for each in machine.path.parent.iterdir() if ".damaged-" in each.name]
    assert len(aside) == 1
    assert aside[0].read_bytes().startswith(b"not a database")


async def test_what_is_unsent_is_rescued_from_a_damaged_file(machine: Machine, contents: CacheContents) -> None:
    cache = machine.open()
    await cache.save_entry(entry("n-1", cache.owner))
    await cache.save_entry(entry("n-2", cache.owner))
    cache.save_draft(contents.general, "half a sentence")
    cache.save_channel(contents.general, contents.remembered)
    await cache.close()
    connection = sqlite3.connect(machine.path)
    page_size = connection.execute("PRAGMA page_size").fetchone()[0]
    (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'channels'").fetchone()
    connection.close()
    damage(machine.path, at=(root - 1) * page_size, size=page_size)
    cache = machine.open()
    assert cache.load_channel(contents.general) is None
    assert [each.nonce for each in cache.load_outbox()] == ["n-1", "n-2"]
    assert cache.load_drafts() == {contents.general: "half a sentence"}
    assert "2 unsent messages were recovered" in machine.troubles[0]
    cache.save_channel(contents.general, contents.remembered)
    assert cache.load_channel(contents.general) is not None


async def test_a_file_that_breaks_while_it_is_used_loses_no_new_entry(
    machine: Machine, contents: CacheContents
) -> None:
    cache = machine.open()
    cache.save_sidebar(contents.overview)
    assert cache.load_sidebar() is not None
    await cache.close()
    cache = machine.open()
    assert cache.load_sidebar() is not None
    damage(machine.path)
    await cache.save_entry(entry("n-1", cache.owner))
    assert [each.nonce for each in cache.load_outbox()] == ["n-1"]
    cache = await machine.again(cache)
    assert [each.nonce for each in cache.load_outbox()] == ["n-1"]


async def test_a_newer_file_is_set_aside_with_its_outbox_rescued(machine: Machine) -> None:
    cache = machine.open()
    await cache.save_entry(entry("n-1", cache.owner))
    await cache.close()
    connection = sqlite3.connect(machine.path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    cache = machine.open()
    assert [each.nonce for each in cache.load_outbox()] == ["n-1"]
    assert "from a newer version" in machine.troubles[0]


async def test_a_newer_file_that_is_in_use_stays_where_it_is(machine: Machine) -> None:
    newer = machine.open()
    await newer.save_entry(entry("n-1", newer.owner))
    connection = sqlite3.connect(machine.path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    older = machine.open()
    assert "A newer version of Asnity is running" in machine.troubles[0]
    with pytest.raises(StorageError, match="newer"):
        await older.save_entry(entry("n-2", older.owner))
    assert list(older.load_outbox()) == []
    await newer.save_entry(entry("n-3", newer.owner))


async def test_a_place_that_can_not_be_written_is_no_reason_not_to_start(
    machine: Machine, contents: CacheContents
) -> None:
    machine.path.parent.parent.mkdir(parents=True, exist_ok=True)
    machine.path.parent.write_text("a file where the folder should be")
    cache = machine.open()
    assert cache.load_sidebar() is None
    cache.save_sidebar(contents.overview)
    with pytest.raises(StorageError, match=r"^Not sent: nothing can be saved in .* Start asnity-tui with --data"):
        await cache.save_entry(entry("n-1", cache.owner))
    assert len(machine.troubles) == 1
    assert machine.troubles[0].startswith("Nothing can be saved in")


async def test_a_full_disk_is_told_once_and_an_entry_says_so(machine: Machine, contents: CacheContents) -> None:
    cache = machine.open()
    await cache.save_entry(entry("n-1", cache.owner))
    connection = sqlite3.connect(machine.path)
    # The writer's own page limit can't be reached from here; a trigger fails as SQLite itself does.
    connection.execute("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ROLLBACK, 'disk is full'); END")
    connection.execute("CREATE TRIGGER full2 BEFORE INSERT ON facts BEGIN SELECT RAISE(ROLLBACK, 'disk is full'); END")
    connection.close()
    with pytest.raises(StorageError, match="disk is full"):
        await cache.save_entry(entry("n-2", cache.owner))
    for _ in range(3):
        cache.save_sidebar(contents.overview)
        assert cache.load_sidebar() is None
    await asyncio.sleep(0)
    assert len(machine.troubles) == 1
    assert [each.nonce for each in cache.load_outbox()] == ["n-1"]


async def test_what_is_kept_in_an_unknown_form_counts_as_not_there(machine: Machine, contents: CacheContents) -> None:
    cache = machine.open()
    cache.save_sidebar(contents.overview)
    cache.save_channel(contents.general, contents.remembered)
    await cache.save_entry(entry("n-1", cache.owner))
    await cache.close()
    connection = sqlite3.connect(machine.path)
    with connection:
        connection.execute("UPDATE facts SET value = '{\"user\": 5}'")
        connection.execute("UPDATE channels SET remembered = x'ff00'")
        connection.execute("UPDATE outbox SET entry = 7")
    connection.close()
    cache = machine.open()
    assert cache.load_sidebar() is None
    assert cache.load_channel(contents.general) is None
    assert list(cache.load_outbox()) == []


def test_accounts_never_share_a_file(tmp_path: Path) -> None:
    places = [
        ("http://localhost:8440", "useraaaaaaab"),
        ("http://localhost:8440", "useraaaaaaac"),
        ("http://localhost:8441", "useraaaaaaab"),
        ("https://localhost:8440", "useraaaaaaab"),
        ("https://" + "x" * 200, "useraaaaaaab"),
    ]
    paths = {account_file(tmp_path, *each) for each in places}
    assert len(paths) == len(places)
    assert all(each.parent == tmp_path and len(each.name) < 120 for each in paths)


async def test_the_first_paint_needs_neither_the_network_nor_sqlite_utils(
    machine: Machine, contents: CacheContents
) -> None:
    cache = machine.open()
    cache.save_sidebar(contents.overview)
    cache.save_channel(contents.general, contents.remembered)
    await cache.save_entry(entry("n-1", cache.owner))
    await cache.close()
    program = """
import sys
from pathlib import Path
from asnity_tui.client.storage.cache import Cache
cache = Cache(Path(sys.argv[1]), print)
assert cache.load_sidebar() and cache.load_channel(sys.argv[2]) and len(cache.load_outbox()) == 1
late = {"sqlite_utils", "aiohttp", "socketio", "engineio", "textual"} & set(sys.modules)
assert not late, late
"""
    arguments = [sys.executable, "-c", program, str(machine.path), contents.general]
    await asyncio.to_thread(subprocess.run, arguments, cwd=Path(__file__).parents[3], check=True)


async def test_choices_are_kept_one_by_one_so_that_two_windows_keep_both(machine: Machine) -> None:
    one, other = machine.open(), machine.open()
    one.save_preference("level/x", "all")
    other.save_preference("position/x", 7)
    one.save_preference("do-not-disturb", True)
    one.save_preference("emoji/🍊", 2)
    assert other.load_preferences()["position/x"] == 7  # on disk behind this
    assert one.load_preferences() == {"level/x": "all", "do-not-disturb": True, "emoji/🍊": 2, "position/x": 7}
    other.save_preference("level/x", None)
    cache = await machine.again(other)
    assert cache.load_preferences() == {"position/x": 7, "do-not-disturb": True, "emoji/🍊": 2}
    connection = sqlite3.connect(machine.path)
    with connection:
        connection.execute("UPDATE facts SET value = '{\"no\": 1}' WHERE name = 'choice/position/x'")
    connection.close()
    assert cache.load_preferences() == {"do-not-disturb": True, "emoji/🍊": 2}
