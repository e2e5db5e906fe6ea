"""The accounts that this machine is signed in to."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from asnity_tui.client.storage.private_files import replace_file


def session(user: str, token: str, server: str = "http://localhost:8440") -> SavedAccount:
    return SavedAccount(server=server, user_id=user, username=user, token=token)


def test_the_account_that_was_used_last_comes_first(tmp_path: Path) -> None:
    saved = SavedAccounts(tmp_path / "data" / "sessions.json")
    assert saved.load() == ()
    alice, bob = session("alice", "t-1"), session("bob", "t-2")
    saved.use(alice)
    saved.use(bob)
    assert SavedAccounts(tmp_path / "data" / "sessions.json").load() == (bob, alice)
    again = session("alice", "t-3")
    saved.use(again)
    assert saved.load() == (again, bob)
    elsewhere = session("alice", "t-4", "https://chat.example.org")
    saved.use(elsewhere)
    assert saved.load() == (elsewhere, again, bob)


def test_forgetting_an_account_leaves_a_newer_session_of_it(tmp_path: Path) -> None:
    saved = SavedAccounts(tmp_path / "sessions.json")
    old, new = session("alice", "t-1"), session("alice", "t-2")
    saved.use(old)
    saved.use(new)
    saved.remove(old)
    assert saved.load() == (new,)
    saved.remove(new)
    assert saved.load() == ()


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "data" / "sessions.json"
    SavedAccounts(path).use(session("alice", "t-1"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for each in (path.parent, path.parent.parent):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'{"sessions": [{"server": 5}]}'])
def test_a_file_without_sense_counts_as_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sessions.json"
    path.write_bytes(content)
    saved = SavedAccounts(path)
    assert saved.load() == ()
    saved.use(session("alice", "t-1"))
    assert len(saved.load()) == 1


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sessions.json"
    replace_file(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["sessions.json"]
