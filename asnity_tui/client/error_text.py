"""Errors as sentences for a person."""

from __future__ import annotations

import math

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.transport.client import NoAnswer, Unreachable

LONGEST = 300


def error_text(error: Exception) -> str:
    """An error as one sentence for a person, without control characters."""
    if isinstance(error, AsnityError):
        text = error.info.message + _wait(error)
    elif isinstance(error, NoAnswer):
        text = "The server didn't answer in time."
    elif isinstance(error, Unreachable | StorageError):
        text = str(error)
    else:
        text = f"Something went wrong in this program: {type(error).__name__}: {error}"
    clean = "".join(sign if sign.isprintable() else " " for sign in text).strip()
    return clean[:LONGEST] or "Something went wrong."


def _wait(error: AsnityError) -> str:
    """How long to wait before it is worth trying again, where the server says so and its sentence doesn't."""
    seconds = error.info.retry_after
    if not seconds or "again in" in error.info.message:
        return ""
    return f" Try again in {math.ceil(seconds)} s."
