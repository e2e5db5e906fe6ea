"""The command `asnity-tui`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, TypeVar

import click
from msgspec.structs import replace

from asnity_server import __version__, shell
from asnity_server.interrupt import end_in_order
from asnity_server.options import BadSettings
from asnity_tui import config
from asnity_tui.open_screens import open_screens

from .commands import COMMANDS

F = TypeVar("F", bound=Callable[..., object])

_ADDRESS = re.compile(r".*[.:/\[].*|localhost", re.IGNORECASE | re.DOTALL)
"""What can be a server's address or an invite's link; any other word stands for a command."""

_MEANT = {
    **dict.fromkeys(("help", "man", "usage"), "Did you mean asnity-tui --help?"),
    "version": "Did you mean asnity-tui --version?",
    **dict.fromkeys(("demo", "try"), "Did you mean asnity-tui --demo?"),
    **dict.fromkeys(("post", "say", "msg", "message", "write", "reply", "dm"), "Did you mean asnity-tui send?"),
    **dict.fromkeys(("follow", "watch", "log", "logs", "read", "listen", "history"), "Did you mean asnity-tui tail?"),
    **dict.fromkeys(("count", "status", "inbox", "mentions"), "Did you mean asnity-tui unread?"),
    **dict.fromkeys(("check", "diagnose", "test", "debug"), "Did you mean asnity-tui doctor?"),
    **dict.fromkeys(
        ("login", "logout", "signin", "signup", "register", "join", "open", "start", "run", "chat"),
        "Start asnity-tui alone, or with a server's address or an invite link.",
    ),
}
"""What to say to words that people try."""

_LINES = "\n".join(f"  {line}" for line in shell.completion("asnity-tui"))

_HELP = f"""Asnity in the terminal.

Without an account it asks for a server, or starts the demo. ctrl+p finds everything, F1 shows all keys, ctrl+q quits.

Every option can also be set in a TOML file (`theme = "asnity-light"`) or in the environment (ASNITY_TUI_THEME); the
command line goes first, then the environment, then the file.

\b
Settings file:
  {shell.settings_file(config.default_file)}

A private certificate authority is trusted with SSL_CERT_FILE=ca.pem in the environment.

Exit codes of the commands: 0 done, 1 refused, 2 wrong usage, 3 the server can't be reached.

\b
Examples:
  asnity-tui --demo                       try it: a server inside, with people who talk
  asnity-tui chat.example.org             sign in there
  asnity-tui https://chat.example.org/invite/…    join with an invite link
  make 2>&1 | tail -5 | asnity-tui send "#builds"
  asnity-tui tail --json "#general" | jq -r .content

\b
Completion with Tab:
{_LINES}
"""


class _Commands(shell.CommandGroup):
    """Commands by name; an address or a link in the place of one is the server to open."""

    hints: ClassVar[Mapping[str, str]] = _MEANT

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant. Raises `UsageError` for a word that is none."""
        if self.get_command(ctx, args[0]) is None and _is_address(args[0]):
            return _open.name, _open, args
        return super().resolve_command(ctx, args)

    def unknown(self, ctx: click.Context, word: str) -> str:
        """Word that there is no such command; the word may be the name of a machine."""
        sentence = super().unknown(ctx, word)
        may_be_machine = "?" not in sentence and word.lower() not in self.hints and word.isascii() and word.isalnum()
        return f"{sentence} If it is a server, write https://{word}." if may_be_machine else sentence

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """List what follows the program's name in the first line of the help."""
        return ["[OPTIONS]", "[SERVER OR LINK | COMMAND ...]"]


@click.group(cls=_Commands, invoke_without_command=True, help=_HELP, context_settings=shell.CONTEXT)
@shell.settings_options(config.OPTIONS, "A TOML file with settings and keys.")
@click.option("--demo", is_flag=True, help="Try it without a server; nothing is kept afterwards.")
@click.version_option(__version__, prog_name="asnity-tui")
@click.pass_context
def main(ctx: click.Context, /, file: Path | None, demo: bool, **given: str | None) -> None:
    """See `_HELP`."""
    if ctx.invoked_subcommand is None:
        _run(_loaded(given, file, keeps_data=not demo), demo=demo)
    elif ctx.invoked_subcommand == _open.name:
        ctx.obj = (given, file, demo)
    elif demo:
        raise click.UsageError("The demo has no commands.")
    else:
        ctx.obj = _loaded(given, file, keeps_data=ctx.invoked_subcommand != "doctor")
        end_in_order()
        if ctx.invoked_subcommand == "doctor" and ctx.obj.settings.keys:
            from asnity_tui.screens.key_troubles import (
                key_troubles,  # late: only doctor asks, and few have keys of their own
            )

            ctx.obj = replace(ctx.obj, troubles=(*ctx.obj.troubles, *key_troubles(ctx.obj.settings.keys)))


@click.command("open", hidden=True, add_help_option=False)
@click.argument("where")
@shell.settings_options(config.OPTIONS, "A TOML file with settings and keys.")
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
        raise click.UsageError("The server is given twice; give it once.")
    merged["server"] = where
    _run(_loaded(merged, file or before[1], keeps_data=not (demo or before[2])), demo=demo or before[2])


for each in COMMANDS:
    main.add_command(each)


def _is_address(word: str) -> bool:
    return _ADDRESS.fullmatch(word) is not None


def _loaded(given: Mapping[str, str | None], file: Path | None, *, keeps_data: bool = True) -> config.Loaded:
    try:
        return config.load(given, os.environ, file, keeps_data=keeps_data)
    except BadSettings as error:
        raise shell.SettingsRefused(str(error)) from None


def _run(loaded: config.Loaded, *, demo: bool) -> None:
    open_screens(loaded, demo=demo)
