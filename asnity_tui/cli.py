"""The command `asnity-tui`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click

from asnity_server import __version__

from . import config
from .launch import open_screens
from .outside.commands import COMMANDS

F = TypeVar("F", bound=Callable[..., object])

_HELP = """Asnity in the terminal.

Without an account it asks for a server, or lets you try it first. Everything that can be done is found with ctrl+p,
all keys with F1.

Every option can also stand in a TOML file (`theme = "asnity-light"`) or in the environment (ASNITY_TUI_THEME); the
command line goes first, then the environment, then the file.

Exit codes of the commands: 0 done, 1 refused, 2 misused, 3 the server can't be reached.

\b
Examples:
  asnity-tui --demo                       try it: a server inside, with people who talk
  asnity-tui chat.example.org             sign in there
  asnity-tui https://chat.example.org/invite/…    come in by an invite's link
  make 2>&1 | tail -5 | asnity-tui send "#builds"
  asnity-tui tail --json "#general" | jq -r .content
"""


class _BadSettings(click.ClickException):
    """One sentence, and exit code 2, as for any other misuse of the command line."""

    exit_code = 2


def _settings_options(command: F) -> F:
    """All settings as options, in the order of the table."""
    for option in reversed(config.OPTIONS):
        command = click.option(
            option.flag, option.field, metavar=option.metavar, help=f"{option.meaning} [{option.variable}]"
        )(command)
    return click.option(
        "--config",
        "file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        envvar=config.ENVIRONMENT + "CONFIG",
        help=f"A TOML file with settings and keys. [{config.ENVIRONMENT}CONFIG]",
    )(command)


class _Front(click.Group):
    """Commands by name; what stands in the place of one and is none is a server's address or an invite's link."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant. Raises `UsageError` for what looks like a misspelt one."""
        if self.get_command(ctx, args[0]) is not None:
            return super().resolve_command(ctx, args)
        near = difflib.get_close_matches(args[0], [each.name or "" for each in COMMANDS], n=1, cutoff=0.75)
        if near:
            raise click.UsageError(f"There is no command {args[0]!r}; did you mean {near[0]!r}?")
        return _open.name, _open, args

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What stands behind the program's name in the first line of the help."""
        return ["[OPTIONS]", "[SERVER OR LINK | COMMAND ...]"]


@click.group(cls=_Front, invoke_without_command=True, help=_HELP, context_settings={"max_content_width": 120})
@_settings_options
@click.option("--demo", is_flag=True, help="Try it: no network, no set-up, and everything is gone afterwards.")
@click.version_option(__version__, prog_name="asnity-tui")
@click.pass_context
def main(ctx: click.Context, /, file: Path | None, demo: bool, **given: str | None) -> None:
    """See `_HELP`."""
    if ctx.invoked_subcommand is None:
        _run(_loaded(given, file), demo=demo)
    elif ctx.invoked_subcommand == _open.name:
        ctx.obj = (given, file, demo)
    elif demo:
        raise click.UsageError("The demo has no commands.")
    else:
        ctx.obj = _loaded(given, file)


@click.command("open", hidden=True, add_help_option=False)
@click.argument("where")
@_settings_options
@click.option("--demo", is_flag=True)
@click.pass_obj
def _open(
    before: tuple[dict[str, str | None], Path | None, bool],
    /,
    where: str,
    file: Path | None,
    demo: bool,
    **given: str | None,
) -> None:
    """The screens, at a server; options stand before or behind it."""
    merged = {name: before[0][name] if value is None else value for name, value in given.items()}
    if merged["server"] is not None:
        raise click.UsageError("The server is given twice.")
    merged["server"] = where
    _run(_loaded(merged, file or before[1]), demo=demo or before[2])


for each in COMMANDS:
    main.add_command(each)


def _loaded(given: Mapping[str, str | None], file: Path | None) -> config.Loaded:
    try:
        return config.load(given, os.environ, file)
    except config.BadSettings as error:
        raise _BadSettings(str(error)) from None


def _run(loaded: config.Loaded, *, demo: bool) -> None:
    open_screens(loaded, demo=demo)
