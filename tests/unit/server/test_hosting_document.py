"""The document for whoever hosts a server says what the program does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
from click.testing import CliRunner

from asnity_server import metrics
from asnity_server.cli import main
from asnity_server.config import OPTIONS, ServerSettings
from asnity_server.options import SettingOption
from asnity_server.programs.program_settings import API_OPTIONS, GATEWAY_OPTIONS, ApiSettings, GatewaySettings

DOCUMENT = Path(__file__).parents[3] / "docs" / "hosting.md"


HEAD = "| option | in the environment | in the file | default | what it is |\n|---|---|---|---|---|"


def _default(settings: type[msgspec.Struct], field: str) -> str:
    """A setting's default as the tables tell it."""
    if field == "data":
        return "`~/.local/share/asnity-server`"
    value = next(each.default for each in msgspec.structs.fields(settings) if each.name == field)
    return f"`{value}`" if value not in ("", ()) else "none"


def _table(settings: type[msgspec.Struct], options: Iterable[SettingOption]) -> str:
    rows = [
        f"| `{each.flag}` | `{each.variable}` | `{each.field}` | {_default(settings, each.field)} | {each.meaning} |"
        for each in options
    ]
    return "\n".join([HEAD, *rows])


def _printed(beginning: str, end: str) -> str:
    _, _, rest = DOCUMENT.read_text().partition(f"<!-- {beginning} -->\n")
    table, found, _ = rest.partition(f"\n<!-- {end} -->")
    assert found
    return table


def test_the_table_of_settings_is_that_of_the_program() -> None:
    table = _printed("settings: checked against asnity_server/config.py", "end of settings")
    assert table == _table(ServerSettings, OPTIONS)


def test_the_table_of_settings_of_several_programs_is_theirs() -> None:
    source = "asnity_server/programs/program_settings.py"
    table = _printed(f"settings of several programs: checked against {source}", "end of settings of several programs")
    own = [each for each in GATEWAY_OPTIONS if each not in OPTIONS]
    link = next(each for each in API_OPTIONS if each.field == "link")
    assert table == f"{_table(ApiSettings, [link])}\n{_table(GatewaySettings, own).removeprefix(HEAD).lstrip()}"


def test_the_settings_that_a_gateway_shares_are_named() -> None:
    text = DOCUMENT.read_text()
    named = text.partition("<!-- end of settings of several programs -->")[2].partition("\n\n")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", named)) == {each.field for each in GATEWAY_OPTIONS if each in OPTIONS}


def test_settings_that_are_the_gateways_alone_are_named() -> None:
    fields = {each.field for each in OPTIONS} - {each.field for each in API_OPTIONS}
    assert fields == {"delivery", "limit_packets"}
    assert "All settings [above](#settings) but `delivery` and `limit_packets`" in DOCUMENT.read_text()


def test_every_metric_of_links_is_told_of() -> None:
    text = DOCUMENT.read_text()
    source = Path(metrics.__file__).read_text().partition("def of_link_server")[2]
    names = re.findall(r'"(asnity_\w+)"', source)
    assert len(names) > 8
    assert [name for name in names if f"`{name}`" not in text] == []


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
