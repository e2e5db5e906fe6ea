"""The schema: made in steps, and the same whichever way a file came to it."""

from __future__ import annotations

import hashlib
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asnity_server.db import migrations
from asnity_server.db.migrations import STEPS, NewerSchema, migrate


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def _schema(path: Path) -> list[tuple[str, str, str]]:
    with _opened(path) as connection:
        found = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name")
        return [(kind, name, " ".join(sql.split())) for kind, name, sql in found]


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_twice_is_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(path)
    before = _schema(path)
    migrate(path)
    assert _schema(path) == before


@pytest.mark.parametrize("count", range(len(STEPS)))
def test_fresh_equals_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    fresh, old = tmp_path / "fresh.db", tmp_path / "old.db"
    migrate(fresh)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", STEPS[:count])
        migrate(old)
    migrate(old)
    assert _schema(old) == _schema(fresh)


def test_a_step_happens_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    migrate(path)
    before = _schema(path)
    broken = (*STEPS, ("0999_broken", "CREATE TABLE half (x);\nCREATE TABLE nonsense nonsense;\n"))
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", broken)
        with pytest.raises(sqlite3.OperationalError):
            migrate(path)
    assert _schema(path) == before


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", (*STEPS, ("0999_future", "CREATE TABLE future (x);\n")))
        migrate(path)
    before = _schema(path)
    with pytest.raises(NewerSchema):
        migrate(path)
    assert _schema(path) == before


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"this is a letter to my aunt" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        migrate(path)
    assert path.read_bytes().startswith(b"this is a letter")


def test_foreign_keys_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(path)
    with _opened(path) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for _, _, target, *_ in connection.execute(f"PRAGMA foreign_key_list({table})"):
                assert target in tables


def test_mentions_of_what_was_for_everyone_are_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", STEPS[:1])
        migrate(path)
    with _opened(path) as connection:
        connection.executescript(
            """
            INSERT INTO users VALUES ('alice', 'alice', 'alice', 'Alice', '', '', 0, NULL);
            INSERT INTO communities (id, name, description, created_at) VALUES ('lab', 'Lab', '', 0);
            INSERT INTO channels (id, community_id, kind, name, created_at) VALUES ('lab-1', 'lab', 'public', 'x', 0);
            INSERT INTO messages (channel_id, id, rev, sender_id, type, content, created_at, updated_at, mentions_all)
            VALUES ('lab-1', 1, 1, 'alice', 'TEXT', '@channel @bob', 0, 0, 1),
                ('lab-1', 2, 2, 'alice', 'TEXT', '@bob', 0, 0, 0);
            INSERT INTO mentions VALUES ('lab-1', 'bob', 1), ('lab-1', 'bob', 2);
            """
        )
    migrate(path)
    with _opened(path) as connection:
        assert connection.execute("SELECT message_id FROM mentions").fetchall() == [(2,)]
        assert connection.execute("SELECT reactions, pinned_at FROM messages").fetchall() == [("", None)] * 2


def test_old_receipts_lose_the_hashes_of_texts_and_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    before = [name for name, _ in STEPS].index("0008_receipts")
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", STEPS[:before])
        migrate(path)
    hashes = [
        hashlib.blake2b(f"new lab-1 None secret {number}".encode(), digest_size=16).digest() for number in range(500)
    ]
    with _opened(path) as connection:
        connection.execute("INSERT INTO communities (id, name, description, created_at) VALUES ('lab', 'Lab', '', 0)")
        connection.executemany(
            "INSERT INTO receipts VALUES ('lab', 'alice', ?, 'new', ?, 'lab-1', ?, 5)",
            [(f"n-{number}", each, number) for number, each in enumerate(hashes)],
        )
        connection.commit()
    assert all(each in path.read_bytes() for each in hashes)
    migrate(path)
    stored = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert not [each for each in hashes if each in stored]
    with _opened(path) as connection:
        kept = connection.execute(
            "SELECT nonce, kind, channel_id, message_id, rev, created_at FROM receipts"
        ).fetchall()
    assert sorted(kept) == sorted((f"n-{number}", "new", "lab-1", number, 0, 5) for number in range(500))


def test_who_was_banned_left_for_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    before = [name for name, _ in STEPS].index("0013_links")
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", STEPS[:before])
        migrate(path)
    with _opened(path) as connection:
        connection.executescript(
            """
            INSERT INTO communities (id, name, description, created_at) VALUES ('lab', 'Lab', '', 0);
            INSERT INTO former_members (community_id, user_id, left_at) VALUES ('lab', 'alice', 1), ('lab', 'bob', 2);
            INSERT INTO bans VALUES ('lab', 'bob', 'carol', '', 2);
            """
        )
    migrate(path)
    with _opened(path) as connection:
        reasons = connection.execute("SELECT user_id, reason FROM former_members").fetchall()
    assert sorted(reasons) == [("alice", "left"), ("bob", "banned")]
