"""Turns whatever a piece of work fails with into the error that its caller is told."""

from __future__ import annotations

import logging
import secrets
import sqlite3

from asnity_server.protocol.errors import AsnityError, Internal, Invalid, Unavailable

log = logging.getLogger(__name__)


def as_error(error: BaseException) -> AsnityError:
    """Return the error for the one who asked; a defect of ours is logged under the incident id that they get."""
    if isinstance(error, AsnityError):
        return error
    if isinstance(error, UnicodeEncodeError):
        # a lone surrogate, which JSON may spell but UTF-8 can't, where a text was only compared
        return Invalid("The request has a character that is not allowed.")
    if isinstance(error, MemoryError) or (isinstance(error, sqlite3.DatabaseError) and not _is_ours(error)):
        log.error("the database refused: %s", error)
        return Unavailable("The server can't read or write its data at the moment.", retry_after=5.0)
    incident = secrets.token_hex(4)
    log.error("incident %s", incident, exc_info=error)
    return Internal(f"Something went wrong on the server (incident {incident}).")


_OURS = (
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_MISUSE,
    sqlite3.SQLITE_RANGE,
)


def _is_ours(error: sqlite3.DatabaseError) -> bool:
    """Whether our SQL is to blame, and not the disk (sqlite.org/rescode.html; the low byte is the primary code)."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _OURS
