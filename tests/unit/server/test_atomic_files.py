"""Files that the server and its commands write: whole or not there, wherever what writes them is interrupted."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asnity_server.db import atomic_files, generation
from asnity_server.db.atomic_files import UNFINISHED, replace_atomically, written_atomically
from asnity_server.db.maintenance import backup, restore, run_alone
from asnity_server.db.migrations import migrate

CALLS = ("link", "rename", "replace", "unlink", "fsync")
"""Everything that gives and takes names, or puts something on the disk."""


class Killed(BaseException):
    """From here on, the program does nothing more."""


@contextlib.contextmanager
def killed_at(number: int) -> Iterator[list[str]]:
    """End a program at its call of this number: it doesn't tidy up either. What it had called until then."""
    called: list[str] = []

    def ending(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            if len(called) >= number:
                raise Killed
            called.append(name)
            return real(*arguments, **more)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, ending(name, getattr(os, name)))
        yield called


def database(path: Path, *names: str) -> Path:
    """One with these people in it."""
    migrate(path)
    for name in names:
        row = (name, name, name, name, "x", 0)
        run_alone(path, lambda tx, row=row: tx.run(f"INSERT INTO users ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", row))
    return path


COLUMNS = "id, username, username_key, display_name, password_hash, created_at"


def people(path: Path) -> list[str]:
    """List the people of a database, which is whole."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [name for (name,) in connection.execute("SELECT username FROM users ORDER BY username")]


def test_a_backup_that_is_killed_is_not_there_and_the_next_one_is(tmp_path: Path) -> None:
    path = database(tmp_path / "asnity.db", "alice")
    for number in itertools.count():
        target = tmp_path / f"backup-{number}.db"
        with killed_at(number) as called, contextlib.suppress(Killed):
            backup(path, target)
        if len(called) < number:
            assert number > 4
            break
        if target.exists():  # it has its name, and all that was left to do is to take the other one away
            assert "alice" in people(target)
            target.rename(tmp_path / "moved.db")
        database(path, f"bob{number}")
        backup(path, target)
        assert f"bob{number}" in people(target)
        if (tmp_path / "moved.db").exists():  # nothing of the next run goes into the file of the one before
            assert f"bob{number}" not in people(tmp_path / "moved.db")
            (tmp_path / "moved.db").unlink()
        assert not list(tmp_path.glob(f"*{UNFINISHED}*"))


@pytest.mark.slow
def test_a_restore_that_is_killed_leaves_the_old_or_the_new_database(tmp_path: Path) -> None:
    copy = database(tmp_path / "copy.db", "alice")
    for number in itertools.count():
        folder = tmp_path / str(number)
        folder.mkdir()
        path = database(folder / "asnity.db", "alice", "bob")
        with killed_at(number) as called, contextlib.suppress(Killed):
            restore(path, copy)
        if len(called) < number:
            assert people(path) == ["alice"]
            assert number > 8
            break
        assert people(path) in (["alice"], ["alice", "bob"])
        aside = restore(path, copy)
        assert people(path) == ["alice"]
        assert aside is not None
        kept = [people(each) for each in folder.glob("asnity.db.before-*") if each.suffix.startswith(".before")]
        assert ["alice", "bob"] in kept
        assert {each.name for each in folder.iterdir() if "before" not in each.name} == {"asnity.db", "asnity.db.lock"}


def test_a_log_that_was_left_goes_with_nothing_that_is_put_back(tmp_path: Path) -> None:
    copy = database(tmp_path / "copy.db", "alice")
    (tmp_path / "asnity.db-wal").write_bytes(b"of another database")
    assert restore(tmp_path / "asnity.db", copy) is None
    assert people(tmp_path / "asnity.db") == ["alice"]


def test_the_witness_is_the_old_or_the_new_one_and_the_disk_has_it_before_its_name(tmp_path: Path) -> None:
    path = tmp_path / "witness"
    replace_atomically(path, b"old")
    for number in itertools.count():
        with killed_at(number) as called, contextlib.suppress(Killed):
            replace_atomically(path, b"new" * (number + 1))
        assert path.read_bytes() in (b"old", *(b"new" * (each + 1) for each in range(number + 1)))
        if len(called) < number:
            assert called.index("fsync") < called.index("replace") < len(called) - 1 - called[::-1].index("fsync")
            break
    assert [each.name for each in tmp_path.iterdir()] == ["witness"]


def test_a_server_notes_how_far_it_is_in_a_file_that_is_whole(tmp_path: Path) -> None:
    path = database(tmp_path / "asnity.db")
    with contextlib.closing(sqlite3.connect(path)) as connection, killed_at(1000) as called:
        generation.write_witness(connection, path)
    assert called.index("fsync") < called.index("replace")


def test_the_disk_has_a_file_before_it_has_its_name(tmp_path: Path) -> None:
    with killed_at(1000) as called, written_atomically(tmp_path / "a") as unfinished:
        unfinished.write_text("all of it")
        assert not (tmp_path / "a").exists()
    assert called.index("fsync") < called.index("link") < len(called) - 1 - called[::-1].index("fsync")
    assert (tmp_path / "a").read_text() == "all of it"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with written_atomically(tmp_path / "a") as unfinished:
            unfinished.with_name(unfinished.name + "-wal").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_do_not_write_the_same_file(tmp_path: Path) -> None:
    with written_atomically(tmp_path / "a") as unfinished:
        unfinished.write_text("the first")
        with pytest.raises(OSError, match="another program") as told, written_atomically(tmp_path / "a"):
            pass
        assert told.value.errno == errno.EBUSY
    assert (tmp_path / "a").read_text() == "the first"


def test_nothing_is_overwritten_that_comes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(target: Path) -> None:
        with written_atomically(target) as unfinished:
            unfinished.write_text("ours")
            target.write_text("theirs")

    for links in (True, False):
        if not links:
            monkeypatch.setattr(os, "link", _no_links)
        target = tmp_path / str(links)
        with pytest.raises(FileExistsError):
            overtaken(target)
        assert target.read_text() == "theirs"
        with pytest.raises(FileExistsError), written_atomically(target):
            pass
        with written_atomically(tmp_path / f"free {links}") as unfinished:
            unfinished.write_text("ours")
        assert (tmp_path / f"free {links}").read_text() == "ours"


def _no_links(*names: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_a_file_that_another_takes_away_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = fcntl.flock
    taken: list[int] = []

    def late(descriptor: int, how: int) -> None:
        if not taken:
            taken.append(descriptor)
            (tmp_path / f"a{UNFINISHED}").unlink()
        lock(descriptor, how)

    monkeypatch.setattr(atomic_files.fcntl, "flock", late)
    with written_atomically(tmp_path / "a") as unfinished:
        unfinished.write_text("all of it")
    assert (tmp_path / "a").read_text() == "all of it"
