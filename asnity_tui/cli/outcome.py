"""Exit codes of commands (0 done, 1 refused, 2 wrong usage, 3 unreachable), and JSON that is safe on a terminal."""

from __future__ import annotations

import json
import re

import click

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.error_text import error_text
from asnity_tui.client.transport.client import NoAnswer, Unreachable

_UNPRINTABLE = re.compile("[^\x20-\x7e\xa1-\xac\xae-\u02ff\u0391-\u03a1\u3131-\u3163\u4e00-\u9fff\uac00-\ud7a3]")


class CommandRefused(click.ClickException):
    """A command that can't be done; the text says why."""

    exit_code = 1


class OutOfReach(click.ClickException):
    """A server that can't be asked; the text says what that means for the command."""

    exit_code = 3


def exit_for(error: AsnityError | NoAnswer | Unreachable, *, consequence: str = "") -> click.ClickException:
    """Make the exit of a command that a server refused, or that found none; `consequence` says what that means."""
    sentence = f"{error_text(error)} {consequence}".strip()
    if isinstance(error, AsnityError) and error.code != "unavailable":
        return CommandRefused(sentence)
    return OutOfReach(sentence)


def as_json(value: object) -> str:
    """Write one line of JSON in which everything that a terminal might act upon is escaped."""
    return _UNPRINTABLE.sub(_escaped, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def in_ascii(line: str) -> str:
    """Write the same line of JSON in ASCII alone."""
    return re.sub("[^\x00-\x7f]", lambda found: _units(found.group()), line)


def _escaped(match: re.Match[str]) -> str:
    sign = match.group()
    if sign.isprintable():
        return sign
    return _units(sign)


def _units(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
