"""Both programs where there is no home, or where nothing can be written: they start with --data, or say what to set."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asnity_server.cli import main as server
from asnity_tui import config
from asnity_tui.cli.main import main as client
from asnity_tui.run import _data_troubles, _log_to

HOMELESS = "Error: There is no home folder here. Set HOME, or say where to keep data with --data FOLDER.\n"


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the environment nor the list of accounts names a home."""

    def nobody(number: int) -> pwd.struct_passwd:
        raise KeyError(number)

    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)


def run(command: object, *arguments: str, said: str = "") -> Result:
    """A command at its end."""
    result = CliRunner().invoke(command, arguments, input=said)  # type: ignore[arg-type]
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("arguments", [("unread",), ("send", "#general", "x"), ("tail",), ("--data", "~/a", "unread")])
def test_the_client_says_what_to_set(arguments: tuple[str, ...]) -> None:
    ended = run(client, *arguments)
    assert ended.exit_code == 2
    assert ended.output in (HOMELESS, "Error: --data must be a folder.\n")


@pytest.mark.usefixtures("homeless")
def test_the_client_starts_with_a_folder_and_the_doctor_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = run(client, "--data", str(tmp_path), "unread")
    assert (ended.exit_code, "Nobody is signed in" in ended.output) == (1, True)
    assert "terminal" in run(client, "doctor").output
    begun: list[tuple[Path, bool]] = []
    monkeypatch.setattr("asnity_tui.open_screens.obstacle", lambda environment: None)
    monkeypatch.setattr("asnity_tui.run.run", lambda loaded, demo: begun.append((loaded.settings.data, demo)))
    assert run(client, "--data", str(tmp_path)).exit_code == 0
    assert run(client, "--demo").exit_code == 0
    assert begun == [(tmp_path, False), (Path(), True)]


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("arguments", [(), ("user", "list"), ("backup", "x"), ("--data", "~/a", "user", "list")])
def test_the_server_says_what_to_set(arguments: tuple[str, ...]) -> None:
    ended = run(server, *arguments)
    assert (ended.exit_code, ended.output) == (2, HOMELESS)


@pytest.mark.usefixtures("homeless")
def test_the_server_works_with_a_folder(tmp_path: Path) -> None:
    assert run(server, "--data", str(tmp_path), "user", "add", "bob", said="tangerine\n").exit_code == 0
    assert "bob" in run(server, "--data", str(tmp_path), "user", "list").output


def test_a_folder_that_can_not_be_made_is_said_before_anybody_writes(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    data = tmp_path / "file" / "data"
    (sentence,) = _data_troubles(config.Settings(data=data))
    assert sentence.startswith(f"Nothing can be saved in {data} (not a directory). Start asnity-tui with --data")
    assert _data_troubles(config.Settings(data=tmp_path / "new")) == ()
    ended = run(server, "--data", str(data), "user", "add", "bob", said="tangerine\n")
    assert ended.exit_code == 1
    assert (
        ended.output
        == f"Error: The data folder {data} can't be used: not a directory. Choose another with --data FOLDER.\n"
    )


def test_a_log_that_cannot_be_written_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (sentence,) = _log_to(config.Settings(data=tmp_path, log=tmp_path / "file" / "log"))
    assert sentence == f"The log {tmp_path}/file/log can't be written: not a directory."
