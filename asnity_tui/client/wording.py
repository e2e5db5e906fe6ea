"""Errors as sentences for a person."""

from __future__ import annotations

from asnity_server.protocol.errors import AsnityError

from .contract import NoAnswer, Unreachable
from .memory import NotKept

LONGEST = 300


def words(error: Exception) -> str:
    """An error as one sentence for a person, without control characters."""
    if isinstance(error, AsnityError):
        text = error.info.message
    elif isinstance(error, NoAnswer):
        text = "The server didn't answer in time."
    elif isinstance(error, Unreachable | NotKept):
        text = str(error)
    else:
        text = f"Something went wrong in this program: {type(error).__name__}: {error}"
    clean = "".join(sign if sign.isprintable() else " " for sign in text).strip()
    return clean[:LONGEST] or "Something went wrong."
