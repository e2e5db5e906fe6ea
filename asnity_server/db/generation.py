"""The generation of a database: a random name that every restore changes, so that clients load anew."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import sqlite3
from pathlib import Path

from .atomic_files import replace_atomically
from .transaction import ReadTx

log = logging.getLogger(__name__)

_RENEW = "UPDATE generation SET value = ?, beat = 0"


def current(view: ReadTx) -> str:
    """Return the generation: whoever knew another one knew other messages under the same ids."""
    generation: str = view.value("SELECT value FROM generation")
    return generation


def renew(connection: sqlite3.Connection) -> None:
    """Give the database another generation, for a copy that goes its own way from here on."""
    connection.execute(_RENEW, (secrets.token_hex(10),))


def establish(connection: sqlite3.Connection, path: Path) -> str:
    """Return the generation of the database at `path`, which nobody else serves: a new one if it was replaced.

    A file beside it (the witness) says how far this database had come, and which file it was. A copy that was put in
    its place is another file, or hasn't come as far, or is of another generation; where there is no witness, nothing
    is known, and clients rather load anew than take one message for another.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _goes_on(connection, path):
            renew(connection)
            if witness_path(path).exists() and connection.execute("SELECT 1 FROM users LIMIT 1").fetchone() is None:
                log.warning(
                    "%s was gone, and a new one without any account begins: if you miss it, stop the server"
                    " and put the file back, or restore a backup (asnity-server restore FILE)",
                    path,
                )
        connection.execute("UPDATE generation SET beat = beat + 1")
        value: str = connection.execute("SELECT value FROM generation").fetchone()[0]
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled it back by itself
            connection.execute("ROLLBACK")
        raise
    write_witness(connection, path)
    return value


def write_witness(connection: sqlite3.Connection, path: Path) -> None:
    """Note beside the database at `path` how far it has come, after the commit that says so in it."""
    value, beat = _state(connection)
    data = json.dumps({"generation": value, "beat": beat, "file": path.stat().st_ino})
    replace_atomically(witness_path(path), data.encode())


def witness_path(path: Path) -> Path:
    """Return the path of the witness of the database at `path`."""
    return path.with_name(path.name + ".witness")


def _state(connection: sqlite3.Connection) -> tuple[str, int]:
    value, beat = connection.execute("SELECT value, beat FROM generation").fetchone()
    return value, beat


def _goes_on(connection: sqlite3.Connection, path: Path) -> bool:
    value, beat = _state(connection)
    try:
        known = json.loads(witness_path(path).read_bytes())
        return bool(known["generation"] == value and int(known["beat"]) <= beat and known["file"] == path.stat().st_ino)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return False
