"""The administrator's commands."""

from __future__ import annotations

import contextlib
import re
import resource
import shlex
import sqlite3
import stat
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from asnity_server import config
from asnity_server.api.accounts.passwords import HashCost, Passwords
from asnity_server.cli import main
from asnity_server.config import OPTIONS


@pytest.fixture(autouse=True)
def cheap_and_homeless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of whoever runs the tests, and hashes that cost nothing."""
    monkeypatch.setattr(config, "default_file", lambda: tmp_path / "nothing.toml")
    monkeypatch.setattr(Passwords.__init__, "__defaults__", (HashCost(time=1, memory=8),))
    for option in OPTIONS:
        monkeypatch.delenv(option.variable, raising=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Name the folder of the server's data."""
    return tmp_path / "data"


def _run(data: Path, *arguments: str, said: str = "tangerine\n") -> Result:
    return CliRunner().invoke(main, ["--data", str(data), *arguments], input=said)


def _users(data: Path) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(data / "asnity.db")) as connection:
        return connection.execute("SELECT username, display_name, password_hash, disabled_at FROM users").fetchall()


def test_help_names_every_setting_and_command() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    for option in OPTIONS:
        assert option.flag in text
        assert option.variable in text
    for word in ("user", "backup", "--config", "Examples"):
        assert word in text


def test_an_account_is_made_before_the_server_ever_ran(data: Path) -> None:
    made = _run(data, "user", "add", "Alice", "--display-name", "Alice A.")
    assert (made.exit_code, made.output) == (0, "Alice can sign in now.\n")
    ((name, shown, hashed, disabled),) = _users(data)
    assert (name, shown, disabled) == ("Alice", "Alice A.", None)
    assert str(hashed).startswith("$argon2id$")
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "asnity.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("alice", "tangerine", "This name is taken."),
        ("a", "tangerine", "A name has 2 to 32 characters."),
        ("bob", "short", "A password has 8 to 256 characters."),
        ("bob", "", "There is no password on standard input."),
        ("bob", "x" * 257, "A password has 8 to 256 characters."),
    ],
)
def test_an_account_that_cannot_be_made(data: Path, name: str, password: str, sentence: str) -> None:
    _run(data, "user", "add", "ALICE")
    refused = _run(data, "user", "add", name, said=password + "\n")
    assert (refused.exit_code, refused.output) == (1, f"Error: {sentence}\n")
    assert len(_users(data)) == 1


def test_accounts_are_listed_disabled_and_given_passwords(data: Path) -> None:
    _run(data, "user", "add", "bob")
    _run(data, "user", "add", "alice")
    before = _users(data)
    assert _run(data, "user", "password", "ALICE", said="clementine\n").exit_code == 0
    assert _run(data, "user", "disable", "bob").exit_code == 0
    lines = _run(data, "user", "list").output.splitlines()
    assert [line.split()[0] for line in lines] == ["alice", "bob"]
    assert "never seen" in lines[0]
    assert "disabled" in lines[1]
    after = {row[0]: row for row in _users(data)}
    assert after["bob"][3] is not None
    assert after["alice"][2] != next(row[2] for row in before if row[0] == "alice")
    for command in ("password", "disable", "enable"):
        for name in ("carol", "\udcff", "x" * 1000):
            unknown = _run(data, "user", command, name, said="")
            told = "No such account. asnity-server user list shows them all."
            assert (unknown.exit_code, unknown.output) == (1, f"Error: {told}\n")


def test_a_disabled_account_is_enabled_again_and_says_so_until_then(data: Path) -> None:
    _run(data, "user", "add", "bob")
    assert _run(data, "user", "enable", "bob").output == "bob isn't disabled.\n"
    told = f"bob is signed out and can't sign in. asnity-server --data {data} user enable bob undoes it.\n"
    assert _run(data, "user", "disable", "bob").output == told
    assert _run(data, "user", "disable", "bob").output == "bob was disabled already.\n"
    given = _run(data, "user", "password", "bob", said="clementine\n")
    assert given.exit_code == 0
    assert given.stdout == "bob has a new password, and is signed out everywhere.\n"
    assert given.stderr.endswith(f"nobody can sign in until asnity-server --data {data} user enable bob.\n")
    assert _run(data, "user", "enable", "BOB").exit_code == 0
    assert _users(data)[0][3] is None
    assert "disabled" not in _run(data, "user", "password", "bob", said="clementine\n").output


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_password_file_may_begin_with_a_byte_order_mark(data: Path, encoding: str) -> None:
    _run(data, "user", "add", "bob")
    said = "Mandarine für mich\r\nsecond line\r\n".encode(encoding)
    made = CliRunner().invoke(main, ["--data", str(data), "user", "password", "bob"], input=said)
    assert made.exit_code == 0, made.output
    with contextlib.closing(sqlite3.connect(data / "asnity.db")) as connection:
        ((stored,),) = connection.execute("SELECT password_hash FROM users").fetchall()
    assert PasswordHasher().verify(stored, "Mandarine für mich")


def test_a_password_file_in_another_encoding_is_refused(data: Path) -> None:
    said = "Mandarine für mich\n".encode("latin-1")
    made = CliRunner().invoke(main, ["--data", str(data), "user", "add", "bob"], input=said)
    assert (made.exit_code, made.output) == (1, "Error: The password on standard input is not UTF-8.\n")


@pytest.mark.parametrize("command", [("user", "list"), ("user", "disable", "bob"), ("backup", "x")])
def test_where_there_is_no_database(data: Path, command: tuple[str, ...]) -> None:
    refused = _run(data, *command)
    assert refused.exit_code == 1
    assert refused.output == f"Error: There is no database at {data / 'asnity.db'} yet.\n"
    assert not data.exists()


def test_a_backup_is_one_file_for_its_owner(data: Path, tmp_path: Path) -> None:
    _run(data, "user", "add", "alice")
    target = tmp_path / "backup.db"
    made = _run(data, "backup", str(target))
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with contextlib.closing(sqlite3.connect(f"file:{target}?mode=ro", uri=True)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT username FROM users").fetchall() == [("alice",)]
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert {each.name for each in tmp_path.iterdir()} == {"backup.db", "data"}


def test_a_backup_never_overwrites(data: Path, tmp_path: Path) -> None:
    _run(data, "user", "add", "alice")
    target = tmp_path / "letter.txt"
    target.write_text("dear aunt")
    refused = _run(data, "backup", str(target))
    assert (refused.exit_code, target.read_text()) == (1, "dear aunt")
    assert "never overwrites" in refused.output
    nowhere = _run(data, "backup", str(tmp_path / "no" / "folder.db"))
    assert nowhere.exit_code == 1
    assert nowhere.output == f"Error: The backup {tmp_path}/no/folder.db can't be written: no such file or directory.\n"


def test_a_backup_that_fails_leaves_nothing(data: Path, tmp_path: Path) -> None:
    data.mkdir()
    (data / "asnity.db").write_bytes(b"this is no database" * 1000)
    target = tmp_path / "backup.db"
    refused = _run(data, "backup", str(target))
    assert refused.exit_code == 1
    assert "can't be copied" in refused.output
    assert not target.exists()


def test_settings_that_cannot_be_used(data: Path, tmp_path: Path) -> None:
    for arguments in (("--port", "x"), ("--config", str(tmp_path / "no.toml")), ("--registration", "maybe")):
        refused = _run(data, *arguments, "user", "list")
        assert refused.exit_code == 2
        assert refused.output.startswith("Error: The")
        assert len(refused.output.splitlines()) == 1
    assert _run(data, "--nonsense").exit_code == 2


def test_a_password_never_stands_on_the_command_line() -> None:
    for command in ("add", "password"):
        text = CliRunner().invoke(main, ["user", command, "--help"]).output
        assert "--password" not in text
        assert "asked for" in text


def test_a_backup_is_put_back_and_what_was_there_is_kept(data: Path, tmp_path: Path) -> None:
    _run(data, "user", "add", "alice")
    assert _run(data, "backup", str(tmp_path / "copy.db")).exit_code == 0
    _run(data, "user", "add", "bob")
    done = _run(data, "restore", str(tmp_path / "copy.db"))
    assert done.exit_code == 0
    assert "kept as" in done.output
    assert [name for name, *_ in _users(data)] == ["alice"]
    (aside,) = data.glob("asnity.db.before-*")
    assert stat.S_IMODE(aside.stat().st_mode) == stat.S_IMODE((data / "asnity.db").stat().st_mode) == 0o600
    with contextlib.closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (2,)


def test_a_backup_is_put_into_an_empty_folder(data: Path, tmp_path: Path) -> None:
    _run(data, "user", "add", "alice")
    _run(data, "backup", str(tmp_path / "copy.db"))
    elsewhere = tmp_path / "new"
    assert _run(elsewhere, "restore", str(tmp_path / "copy.db")).exit_code == 0
    assert [name for name, *_ in _users(elsewhere)] == ["alice"]


@pytest.mark.parametrize(("content", "said"), [(None, "There is no file"), (b"Dear host, " * 999, "can't be restored")])
def test_what_is_no_backup_is_said_in_a_sentence_and_changes_nothing(
    data: Path, tmp_path: Path, content: bytes | None, said: str
) -> None:
    _run(data, "user", "add", "alice")
    if content is not None:
        (tmp_path / "copy.db").write_bytes(content)
    refused = _run(data, "restore", str(tmp_path / "copy.db"))
    assert refused.exit_code == 1
    assert said in refused.output
    assert str(tmp_path / "copy.db") in refused.output
    assert [name for name, *_ in _users(data)] == ["alice"]


def test_a_backup_that_cannot_be_read_is_not_the_data_folders_fault(data: Path, tmp_path: Path) -> None:
    _run(data, "user", "add", "alice")
    name = tmp_path / ("x" * 300)  # to root, every folder is open
    refused = _run(data, "restore", str(name))
    assert (refused.exit_code, refused.output) == (1, f"Error: {name} can't be read: file name too long.\n")


def test_what_undoes_something_can_be_typed_as_it_is_said(data: Path) -> None:
    folder = data.with_name("my data")
    for name in ("alice", "-x"):
        _run(folder, "user", "add", "--", name)
        said = _run(folder, "user", "disable", "--", name).output
        command = re.search("can't sign in\\. (.*) undoes it", said)
        assert command is not None, said
        program, *words = shlex.split(command[1])
        assert program == "asnity-server"
        assert CliRunner().invoke(main, words).output.startswith(f"{name} can sign in again")


def test_a_backup_that_finds_no_room_is_not_the_databases_fault(data: Path, tmp_path: Path) -> None:
    _run(data, "user", "add", "alice")
    target = tmp_path / "backup.db"
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        made = _run(data, "backup", str(target))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert made.exit_code == 1
    assert f"asnity.db can't be copied to {target}: " in made.output
    assert not target.exists()


def test_names_are_what_was_typed_whatever_the_locale(data: Path) -> None:
    as_in_ascii = "민지".encode().decode("ascii", "surrogateescape")
    assert _run(data, "user", "add", as_in_ascii, "--display-name", as_in_ascii).exit_code == 0
    assert [row[:2] for row in _users(data)] == [("민지", "민지")]
    assert _run(data, "user", "disable", as_in_ascii).exit_code == 0
    assert _run(data, "user", "disable", "\udcff").exit_code == 1
