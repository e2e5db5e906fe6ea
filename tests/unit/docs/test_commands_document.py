"""The document of the commands names what there is, and no more."""

from __future__ import annotations

import json
import re

import click

from asnity_tui.outside import printing
from asnity_tui.outside.commands import COMMANDS
from asnity_tui.outside.outcome import OutOfReach, Refused
from tests.unit.outside.test_tail import SEEN

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


def test_exit_codes_and_fields() -> None:
    codes = {int(code): means for code, means in re.findall(r"^\| (\d) \| (\w+)", TEXT, re.M)}
    assert set(codes) == {0, Refused.exit_code, click.UsageError.exit_code, OutOfReach.exit_code}
    assert codes[Refused.exit_code] == "refused"
    assert codes[click.UsageError.exit_code] == "misused"
    for field in json.loads(printing.as_object(SEEN)):
        assert f"`{field}`" in TEXT
