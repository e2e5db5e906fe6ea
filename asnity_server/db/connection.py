"""Opens the SQLite file with our settings."""

from __future__ import annotations

import sqlite3
from pathlib import Path

BUSY = 5000
"""Milliseconds to wait for another program that writes."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with our settings; an acknowledged commit survives a power cut, a deleted text is gone."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.execute(f"PRAGMA busy_timeout={BUSY}")
    connection.execute("PRAGMA foreign_keys=ON")
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    else:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")
    return connection
