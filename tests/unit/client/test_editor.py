"""Writing in one's own editor."""

from __future__ import annotations

import stat
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from asnity_tui.terminal.editor import EditorFailed, command, edit
from asnity_tui.terminal.plain_view import fitting
from asnity_tui.widgets.text.message_text import as_text
from tests.tui.making import render_context, row


def test_the_editor_is_the_persons_own() -> None:
    assert command({"VISUAL": "code --wait", "EDITOR": "nano"}) == ["code", "--wait"]
    assert command({"VISUAL": "", "EDITOR": "nano"}) == ["nano"]
    assert command({}) == ["vi"]
    with pytest.raises(EditorFailed, match="can't be read"):
        command({"EDITOR": "'open"})


def test_what_is_written_there_comes_back() -> None:
    seen: list[Path] = []

    def call(arguments: Sequence[str]) -> int:
        path = Path(arguments[-1])
        seen.append(path)
        assert arguments[0] == "nano"
        assert path.read_text(encoding="utf-8") == "귤\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.write_text("귤 두 개\n\n", encoding="utf-8")
        return 0

    assert edit("귤", {"EDITOR": "nano"}, call) == "귤 두 개"
    assert not seen[0].exists()


def test_an_editor_that_fails_changes_nothing() -> None:
    with pytest.raises(EditorFailed, match="ended with 1"):
        edit("x", {}, lambda arguments: 1)
    with pytest.raises(EditorFailed, match="can't be started"):
        edit("x", {"EDITOR": "asnity-no-such-editor"})

    def delete(arguments: Sequence[str]) -> int:
        Path(arguments[-1]).unlink()
        return 0

    with pytest.raises(EditorFailed, match="can't be read"):
        edit("x", {}, delete)


def test_a_real_program_is_run() -> None:
    program = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.write_text(p.read_text().upper())"
    assert edit("abc", {"EDITOR": f'{sys.executable} -c "{program}"'}) == "ABC"


def test_what_the_bare_mode_gets_is_harmless() -> None:
    evil = "\x1b[2J\x9b31m\u202e\x07\r\nrest"
    message = row(1, "a", evil)
    text = as_text([message, row(2, "b", evil)], render_context(name_of=lambda _: evil))
    for line in fitting(text.split("\n"), 80, 24):
        assert all(unicodedata.category(sign) not in ("Cc", "Cf", "Cs") for sign in line)


def test_the_bare_mode_shows_the_last_that_fits() -> None:
    assert fitting(["one", "two", "x" * 25, "귤" * 5, ""], 10, 6) == ["x" * 25, "귤" * 5, ""]
    assert fitting(["one", "two"], 10, 24) == ["one", "two"]
    assert fitting(["x" * 100], 10, 5) == []
