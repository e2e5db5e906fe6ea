"""The document for whoever hosts a server says what the program does."""

from __future__ import annotations

from pathlib import Path

import msgspec
from click.testing import CliRunner

from asnity_server.cli import main
from asnity_server.config import OPTIONS, ServerSettings

DOCUMENT = Path(__file__).parents[3] / "docs" / "hosting.md"


def _default(field: str) -> str:
    """A setting's default as the table tells it."""
    if field == "data":
        return "`~/.local/share/asnity-server`"
    value = next(each.default for each in msgspec.structs.fields(ServerSettings) if each.name == field)
    return f"`{value}`" if value not in ("", ()) else "none"


def _table() -> str:
    rows = ["| option | in the environment | in the file | default | what it is |", "|---|---|---|---|---|"]
    rows += [
        f"| `{each.flag}` | `{each.variable}` | `{each.field}` | {_default(each.field)} | {each.meaning} |"
        for each in OPTIONS
    ]
    return "\n".join(rows)


def test_the_table_of_settings_is_that_of_the_program() -> None:
    _, _, rest = DOCUMENT.read_text().partition("<!-- settings: checked against asnity_server/config.py -->\n")
    table, end, _ = rest.partition("\n<!-- end of settings -->")
    assert end
    assert table == _table()


def test_every_command_is_told_of() -> None:
    text = DOCUMENT.read_text()
    for group, commands in {"": main.commands, "user ": main.commands["user"].commands}.items():  # type: ignore[attr-defined]
        for name, command in commands.items():
            if not hasattr(command, "commands"):
                assert f"asnity-server {group}{name}" in text


def test_every_option_that_is_told_of_exists() -> None:
    text = DOCUMENT.read_text()
    words_before = ([], ["api"], ["gateway"], ["keys"])
    help_text = "".join(CliRunner().invoke(main, [*each, "--help"]).output for each in words_before)
    for line in text.splitlines():
        words = line.replace("`", " ").replace("…", " ").split()
        if "asnity-server" in words:
            for word in words:
                if word.startswith("--"):
                    assert word in help_text
