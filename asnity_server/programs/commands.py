"""Commands of the divided server: `api`, `gateway` and `keys`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click
from click.core import ParameterSource

from asnity_server import logs, shell
from asnity_server.listening import CantListen, raise_file_limit
from asnity_server.options import BadSettings

from . import program_settings
from .serving import Refusal, run, run_loop, said_in_words, serve_until_stopped

S = TypeVar("S")


@click.command(name="api")
@shell.program_options(program_settings.API_OPTIONS)
@click.pass_context
def api(context: click.Context, /, **given: str | None) -> None:
    """Serve the API alone, for gateways in programs of their own.

    \b
    Examples:
      asnity-server api --link unix:/run/asnity/link.sock
      asnity-server api --link tls://0.0.0.0:8441 --keys /etc/asnity/keys
    """
    settings = _own_settings(context, program_settings.load_api, given)
    logs.begin(sys.stderr)
    with said_in_words(settings):
        run_loop(run(settings))


@click.command(name="gateway")
@shell.program_options(program_settings.GATEWAY_OPTIONS)
@click.pass_context
def gateway(context: click.Context, /, **given: str | None) -> None:
    """Serve clients' sockets alone; an API program elsewhere stores and answers.

    \b
    Examples:
      asnity-server gateway --api unix:/run/asnity/link.sock --port 8451 --name g1
      asnity-server gateway --api tls://api.example.org:8441 --keys /etc/asnity/keys
    """
    settings = _own_settings(context, program_settings.load_gateway, given)
    logs.begin(sys.stderr)
    try:
        run_loop(_run_gateway(settings))
    except (CantListen, OSError) as error:
        raise Refusal(str(error)) from None


async def _run_gateway(settings: program_settings.GatewaySettings) -> None:
    # here and not above: the administrator's commands need none of what this brings
    from .gateway_program import GatewayProgram

    raise_file_limit()
    await serve_until_stopped(GatewayProgram(settings))


@click.command(name="keys")
@click.argument("folder", type=click.Path(path_type=Path))
def keys(folder: Path) -> None:
    """Make certificates in FOLDER for links between machines, and a CA for them where there is none.

    \b
    A machine with an API program needs ca.pem, api.pem and api.key; one with a gateway ca.pem, gateway.pem and
    gateway.key. Keep ca.key where no program runs: whoever has it can make more of them.
    """
    try:
        # here and not above: only who makes certificates needs the library
        from asnity_server.link.certificates import make_certificates
    except ImportError:
        raise Refusal("Making certificates needs one more package: pip install 'asnity[keys]'") from None
    try:
        made = make_certificates(folder)
    except ValueError as error:
        raise Refusal(f"The CA in {folder} can't be used: {error}.") from None
    except OSError as error:
        raise Refusal(f"The certificates can't be written to {folder}: {shell.reason(error)}.") from None
    for each in made:
        click.echo(str(each))


def _own_settings(context: click.Context, load: Callable[..., S], given: Mapping[str, str | None]) -> S:
    """The settings of a program: what stands behind its name counts, and then what stands before."""
    root = context.find_root().params
    merged = {name: value for name, value in root.items() if name != "file"}
    for name in merged.keys() - given.keys():
        if context.find_root().get_parameter_source(name) is ParameterSource.COMMANDLINE:
            flag = "--" + name.replace("_", "-")
            raise shell.SettingsRefused(f"{flag} before {context.info_name} is no setting of {context.command_path}.")
    merged |= {name: value for name, value in given.items() if value is not None}
    try:
        return load(merged, os.environ, root.get("file"))
    except BadSettings as error:
        raise shell.SettingsRefused(str(error)) from None
