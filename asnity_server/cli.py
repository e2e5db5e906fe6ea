"""The command `asnity-server`: serves, and has the administrator's subcommands."""

from __future__ import annotations

import itertools
import logging
import os
import shlex
import sqlite3
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, TypeVar

import click
from click.core import ParameterSource

from asnity_server.api.accounts import administration
from asnity_server.db.connection import InUse

from . import __version__, config, interrupt, logs, shell
from .options import BadSettings
from .programs import commands
from .programs.serving import Refusal, run, run_loop, said_in_words

F = TypeVar("F", bound=Callable[..., object])
S = TypeVar("S")

log = logging.getLogger("asnity_server")

_LINES = "\n".join(f"  {line}" for line in shell.completion("asnity-server"))

_HELP = f"""Asnity's chat server. Without a command, it serves until ctrl+c.

One process, one SQLite file. Create the first account with asnity-tui; the log says how.
The same server can be divided into an API program and gateways: see asnity-server api --help.

Every option can also be set in a TOML file (`port = 8440`) or in the environment (ASNITY_PORT=8440); the command line
goes first, then the environment, then the file.

\b
Settings file:
  {shell.settings_file(config.default_file)}

\b
Examples:
  asnity-server                                 serve on 127.0.0.1:8440
  asnity-server --host :: --public-url https://chat.example.org
  asnity-server user add alice                  add an account, asking for its password
  asnity-server backup /backup/asnity.db        copy the database while the server runs

\b
Completion with Tab:
{_LINES}
"""


_MEANT = {
    **dict.fromkeys(("serve", "start", "run", "server"), "Without a command, asnity-server serves until ctrl+c."),
    **dict.fromkeys(("stop", "restart", "status"), "Stop a server with ctrl+c, or by the service that runs it."),
    **dict.fromkeys(("adduser", "useradd"), "Did you mean asnity-server user add?"),
    **dict.fromkeys(("users", "accounts", "list"), "Did you mean asnity-server user list?"),
    **dict.fromkeys(("passwd", "password"), "Did you mean asnity-server user password?"),
    "help": "Did you mean asnity-server --help?",
    "version": "Did you mean asnity-server --version?",
}
"""Hints for words that people try."""

_MEANT_FOR_USERS = {
    **dict.fromkeys(("new", "create", "make"), "Did you mean asnity-server user add?"),
    **dict.fromkeys(("ls", "show", "all"), "Did you mean asnity-server user list?"),
    **dict.fromkeys(("passwd", "reset"), "Did you mean asnity-server user password?"),
    **dict.fromkeys(
        ("ban", "block", "lock", "remove", "delete", "rm", "del"), "Did you mean asnity-server user disable?"
    ),
    **dict.fromkeys(("unban", "unblock", "unlock", "restore"), "Did you mean asnity-server user enable?"),
}


_OWN_SETTINGS = tuple(each.name for each in (commands.api, commands.gateway, commands.keys))
"""Commands that take other settings than the whole server, or none: a gateway needs no data folder."""


class _Commands(shell.CommandGroup):
    """The commands, and what people try in their place."""

    hints: ClassVar[Mapping[str, str]] = _MEANT


@click.group(cls=_Commands, invoke_without_command=True, help=_HELP, context_settings=shell.CONTEXT)
@shell.settings_options(config.OPTIONS, "A TOML file with settings.")
@click.version_option(__version__, prog_name="asnity-server")
@click.pass_context
def main(context: click.Context, /, file: Path | None, **given: str | None) -> None:
    """See `_HELP`."""
    if context.invoked_subcommand not in _OWN_SETTINGS:
        try:
            context.obj = config.load(given, os.environ, file)
        except BadSettings as error:
            raise shell.SettingsRefused(str(error)) from None
    interrupt.end_in_order()
    if context.invoked_subcommand is None:
        _serve(context.obj)


# Serving


def _serve(settings: config.ServerSettings) -> None:
    logs.begin(sys.stderr)
    with said_in_words(settings):
        run_loop(run(settings))


# Administration


def _typed(_: click.Context, __: click.Parameter, value: str) -> str:
    """Text as it was typed, also where the locale has no such letters."""
    return shell.given(value)


class _UserFront(shell.CommandGroup):
    """The subcommands for accounts, and hints for words that people try in their place."""

    hints: ClassVar[Mapping[str, str]] = _MEANT_FOR_USERS


for each in (commands.api, commands.gateway, commands.keys):
    main.add_command(each)


@main.group(cls=_UserFront)
def user() -> None:
    """Add, list, disable and enable accounts, set passwords."""


@user.command("add")
@click.argument("name", callback=_typed)
@click.option("--display-name", default="", callback=_typed, help="The name that others see; NAME if not given.")
@click.pass_obj
def add_user(settings: config.ServerSettings, name: str, display_name: str) -> None:
    """Add an account called NAME. The password is asked for, or read from standard input."""
    with said_in_words(settings):
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = administration.check_name(settings.database, name)
        administration.add_account(settings.database, name, display_name, _ask_password())
    shell.report(f"{name} can sign in now.")


@user.command("list")
@click.pass_obj
def list_users(settings: config.ServerSettings) -> None:
    """List all accounts."""
    with said_in_words(settings):
        accounts = administration.list_accounts(_existing(settings))
    if not accounts:
        shell.warn("There are no accounts yet.")
    for each in accounts:
        seen = f"seen {each.last_seen_at[:10]}" if each.last_seen_at else "never seen"
        state = "disabled" if each.disabled else seen
        shell.say(f"{each.username:<32}  {each.created_at[:10]}  {state:<15}  {each.display_name}")


@user.command("password")
@click.argument("name", callback=_typed)
@click.pass_obj
def set_password(settings: config.ServerSettings, name: str) -> None:
    """Set the password of NAME and sign it out everywhere. It is asked for, or read from standard input."""
    with said_in_words(settings):
        administration.require_account(_existing(settings), name)
        disabled = administration.change_password(settings.database, name, _ask_password())
    shell.report(f"{name} has a new password, and is signed out everywhere.")
    if disabled:
        shell.warn(f"But the account is disabled: nobody can sign in until {_command('user', 'enable', name)}.")


@user.command("disable")
@click.argument("name", callback=_typed)
@click.pass_obj
def disable_user(settings: config.ServerSettings, name: str) -> None:
    """Sign NAME out everywhere and let nobody sign in with it; what the person wrote stays."""
    with said_in_words(settings):
        changed = administration.disable(_existing(settings), name)
    undo = f"{_command('user', 'enable', name)} undoes it."
    shell.report(f"{name} is signed out and can't sign in. {undo}" if changed else f"{name} was disabled already.")


@user.command("enable")
@click.argument("name", callback=_typed)
@click.pass_obj
def enable_user(settings: config.ServerSettings, name: str) -> None:
    """Let NAME sign in again."""
    with said_in_words(settings):
        changed = administration.enable(_existing(settings), name)
    shell.report(f"{name} can sign in again, with the same password." if changed else f"{name} isn't disabled.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def backup(settings: config.ServerSettings, file: Path) -> None:
    """Copy the database to FILE, while the server runs. FILE must not exist yet."""
    with said_in_words(settings):
        try:
            size = administration.backup(_existing(settings), file)
        except FileExistsError:
            raise Refusal(f"{file} already exists; a backup never overwrites a file.") from None
        except OSError as error:
            raise Refusal(f"The backup {file} can't be written: {shell.reason(error)}.") from None
        except sqlite3.Error as error:
            raise Refusal(f"{settings.database} can't be copied to {file}: {error}.") from None
    shell.report(f"Saved {size:,} bytes to {file}.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def restore(settings: config.ServerSettings, file: Path) -> None:
    """Put the backup FILE in the place of the database, while the server is stopped. What was there is kept aside."""
    with said_in_words(settings):
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            aside = administration.restore(settings.database, file)
        except FileNotFoundError:
            raise Refusal(f"There is no file {file}.") from None
        except OSError as error:
            if error.filename != str(file):
                raise
            raise Refusal(f"{file} can't be read: {shell.reason(error)}.") from None
        except InUse:
            raise Refusal("The server is running. Stop it, restore, and start it again.") from None
        except sqlite3.DatabaseError as error:
            raise Refusal(f"{file} can't be restored: {error}. Nothing was changed.") from None
    click.echo(f"{settings.database} is now as it was in {file}.")
    if aside is not None:
        click.echo(f"The previous database is kept as {aside}.")
    click.echo("Start the server again. Clients reload by themselves.")


def _command(*words: str) -> str:
    """A command for the same server, as it can be typed: with the folder or file that this one was given."""
    root = click.get_current_context().find_root()
    given = (
        (flag, str(root.params[name]))
        for name, flag in (("file", "--config"), ("data", "--data"))
        if root.get_parameter_source(name) is ParameterSource.COMMANDLINE
    )
    *first, last = words
    end = ("--", last) if last.startswith("-") else (last,)
    return shlex.join(("asnity-server", *itertools.chain.from_iterable(given), *first, *end))


def _existing(settings: config.ServerSettings) -> Path:
    if not settings.database.exists():
        raise Refusal(f"There is no database at {settings.database} yet.")
    return settings.database


def _ask_password() -> str:
    """From the terminal, twice and unseen; else the first line of standard input."""
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    try:
        password = shell.first_line(shell.read_input(_LONGEST_INPUT))
    except UnicodeError:
        raise Refusal("The password on standard input is not UTF-8.") from None
    if not password:
        raise Refusal("There is no password on standard input.")
    return password


_LONGEST_INPUT = 64 * 1024
"""Bytes of standard input that are looked at for a password."""
