"""The command `asnity-tui`."""

from __future__ import annotations

import os
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import TypeVar

import click

from asnity_server import __version__

from . import config

F = TypeVar("F", bound=Callable[..., object])

_HELP = """Asnity in the terminal.

Without an account it asks for a server, or lets you try it first. Everything that can be done is found with ctrl+p,
all keys with F1.

Every option can also stand in a TOML file (`theme = "asnity-light"`) or in the environment (ASNITY_TUI_THEME); the
command line goes first, then the environment, then the file.

\b
Examples:
  asnity-tui --demo                       try it: a server inside, with people who talk
  asnity-tui chat.example.org             sign in there
  asnity-tui https://chat.example.org/invite/…    come in by an invite's link
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


def prepare(environment: MutableMapping[str, str]) -> None:
    """Settle what Textual reads from the environment when it is imported, unless the person has.

    An Esc that is followed by a letter is no alt+letter after 25 ms. In iTerm2 the keyboard protocol that reports every
    key swallows what input methods compose (Hangul, Kana, Han), so it stays off there.
    """
    environment.setdefault("ESCDELAY", "25")
    if environment.get("TERM_PROGRAM") == "iTerm.app" and "TMUX" not in environment:
        environment.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")


@click.command(help=_HELP, context_settings={"max_content_width": 120})
@click.argument("where", metavar="[SERVER OR LINK]", required=False)
@_settings_options
@click.option("--demo", is_flag=True, help="Try it: no network, no set-up, and everything is gone afterwards.")
@click.version_option(__version__, prog_name="asnity-tui")
def main(where: str | None, file: Path | None, demo: bool, **given: str | None) -> None:
    """See `_HELP`."""
    if where is not None:
        if given["server"] is not None:
            raise click.UsageError("The server is given twice.")
        given["server"] = where
    try:
        loaded = config.load(given, os.environ, file)
    except config.BadSettings as error:
        raise _BadSettings(str(error)) from None
    prepare(os.environ)
    # Textual reads the environment when it is imported, and --help need not wait for it.
    from .start import run

    run(loaded, demo=demo)
