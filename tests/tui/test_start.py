"""Starting: what is loaded before the first paint, and what the command line says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from asnity_tui.cli.main import main
from asnity_tui.crash import report_crash
from asnity_tui.open_screens import prepare

from .app_harness import populated_harness, run_app
from .recording import RecordingDriver
from .test_terminal_safety import OURS

LOADED = """
import sys
{statement}
print("\\n".join(sorted({{name for name in sys.modules if name.split(".")[0] in
    ("aiohttp", "socketio", "engineio", "sqlite_utils", "asnity_server", "textual", "rich", "click")}})))
"""


def loaded(statement: str) -> set[str]:
    """Which of the modules in question a fresh Python has loaded behind a statement."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(statement=statement)], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_nothing_of_the_network_and_of_the_server_is_loaded_before_the_first_paint() -> None:
    found = loaded("import asnity_tui.run")
    assert not {name for name in found if name.split(".")[0] in ("aiohttp", "socketio", "engineio", "sqlite_utils")}
    server = {name for name in found if name.startswith("asnity_server")}
    shared = {"asnity_server", "asnity_server.options"}
    assert {name for name in server if not name.startswith("asnity_server.protocol")} <= shared


def test_the_command_line_is_read_without_textual() -> None:
    assert not {name for name in loaded("import asnity_tui.cli.main") if name.split(".")[0] in ("textual", "rich")}


def test_a_start_without_a_word_reads_no_command_line() -> None:
    assert not {
        name for name in loaded("import asnity_tui.startup") if name.split(".")[0] in ("textual", "rich", "click")
    }


def test_what_textual_reads_from_the_environment_is_settled_but_never_overridden() -> None:
    environment = {"TERM_PROGRAM": "iTerm.app"}
    prepare(environment)
    assert environment == {"TERM_PROGRAM": "iTerm.app", "ESCDELAY": "25", "TEXTUAL_DISABLE_KITTY_KEY": "1"}
    inside = {"TERM_PROGRAM": "iTerm.app", "TMUX": "/tmp/x", "ESCDELAY": "50"}
    prepare(inside)
    assert inside == {"TERM_PROGRAM": "iTerm.app", "TMUX": "/tmp/x", "ESCDELAY": "50"}
    own = {"TERM_PROGRAM": "iTerm.app", "TEXTUAL_DISABLE_KITTY_KEY": "0"}
    prepare(own)
    assert own["TEXTUAL_DISABLE_KITTY_KEY"] == "0"


def test_the_command_says_what_it_can() -> None:
    done = CliRunner().invoke(main, ["--help"])
    assert done.exit_code == 0
    assert "--demo" in done.output
    assert "--server" in done.output
    assert CliRunner().invoke(main, ["--version"]).output.startswith("asnity-tui, version ")


def test_a_setting_that_can_not_be_is_said_in_one_sentence() -> None:
    done = CliRunner().invoke(main, ["--notify", "loudly"])
    assert done.exit_code == 2
    assert "--notify must be auto, bell or off." in done.output


def test_the_server_or_a_link_needs_no_option(monkeypatch: pytest.MonkeyPatch) -> None:
    servers: list[str] = []
    monkeypatch.setattr("asnity_tui.open_screens.obstacle", lambda environment: None)
    monkeypatch.setattr("asnity_tui.run.run", lambda loaded, demo: servers.append(loaded.settings.server))
    link = "https://chat.example.org/invite/abc"
    assert CliRunner().invoke(main, [link]).exit_code == 0
    assert CliRunner().invoke(main, ["--server", link]).exit_code == 0
    assert servers == [link, link]
    assert CliRunner().invoke(main, [link, "--server", link]).exit_code == 2


async def test_a_crash_is_reported_with_where_it_happened_and_no_variables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness = populated_harness()
    app = harness.app()

    def broken() -> None:
        password = harness.accounts.sessions[0].token
        raise LookupError(f"a mistake about {len(password)} letters")

    with pytest.raises(LookupError):
        async with app.run_test():
            app.call_later(broken)
    assert app.return_code == 1
    assert isinstance(app.broken, LookupError)
    report_crash(app.broken, tmp_path)
    (path,) = tmp_path.iterdir()  # noqa: ASYNC240 - nothing runs any more
    assert capsys.readouterr().err == (
        f"asnity-tui has crashed; drafts and unsent messages are kept, and the report is in {path}\n"
    )
    assert path.stat().st_mode & 0o777 == 0o600
    written = path.read_text()
    assert "a mistake about" in written
    assert "in broken" in written
    assert harness.accounts.sessions[0].token not in written


def test_where_no_report_can_be_written_the_error_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    report_crash(LookupError("a mistake"), tmp_path / "file" / "data", kept=False)
    told = capsys.readouterr().err
    assert told.startswith("asnity-tui has crashed; what was written last may be lost, and no report could be written")
    assert told.endswith("LookupError: a mistake\n")


async def test_the_first_picture_is_whole() -> None:
    harness = populated_harness()
    async with run_app(harness, size=(120, 30)) as running:
        await running.until(lambda: running.conversation.view.rows.items)
    harness.reachable = False
    app = harness.app(driver_class=RecordingDriver)
    async with app.run_test(headless=False, size=(120, 30)) as pilot:
        driver = app._driver
        assert isinstance(driver, RecordingDriver)
        await pilot.pause()
        first = OURS.sub("", next(each for each in driver.written if len(each) > 200))
        await app.session.close()  # type: ignore[union-attr]
    for shown in ("Mandarin Lab", "random", "hello 1", "hello 5", "Message #general", "help"):
        assert shown in first
