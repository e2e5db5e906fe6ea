"""The document of the commands names what there is, and no more."""

from __future__ import annotations

import json
import re

import click

from asnity_server.shell import completion
from asnity_tui.cli import printing
from asnity_tui.cli.commands import COMMANDS
from asnity_tui.cli.outcome import CommandRefused, OutOfReach
from asnity_tui.config import OPTIONS
from tests.unit.cli.test_tail import SEEN

from .tables import ROOT

TEXT = (ROOT / "docs" / "commands.md").read_text()


def test_every_command_and_option_has_its_place() -> None:
    parts = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S))
    assert set(parts) == {each.name for each in COMMANDS}
    for command in COMMANDS:
        part = parts[command.name or ""]
        options = {flag for each in command.params if isinstance(each, click.Option) for flag in each.opts}
        told = set(re.findall(r"^\* (.*?):", part, re.M))
        assert set(re.findall(r"-{1,2}[\w-]+", " ".join(told))) == options, command.name


def test_settings_completion_and_authorities_have_their_place() -> None:
    for option in OPTIONS:
        meaning = option.meaning.replace("|", "\\|")
        assert f"| `{option.flag}` | `{option.variable}` | `{option.field}` | {meaning} |" in TEXT
    for line in completion("asnity-tui"):
        assert f"    {line}\n" in TEXT
    assert "SSL_CERT_FILE" in TEXT


def test_exit_codes_and_fields() -> None:
    codes = {int(code): means for code, means in re.findall(r"^\| (\d) \| (\w+)", TEXT, re.M)}
    assert set(codes) == {0, CommandRefused.exit_code, click.UsageError.exit_code, OutOfReach.exit_code}
    assert codes[CommandRefused.exit_code] == "refused"
    assert codes[click.UsageError.exit_code] == "wrong"
    for field in json.loads(printing.as_object(SEEN)):
        assert f"`{field}`" in TEXT
