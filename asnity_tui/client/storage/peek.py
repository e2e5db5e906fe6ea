"""A peek into the cache of a running client, without becoming one of its instances."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from asnity_server.protocol.responses import Overview

from .cache import SIDEBAR
from .cache_file import SCHEMA, CacheFile
from .instances import is_any_running


def is_running(path: Path) -> bool:
    """Tell whether a client runs with the account whose cache is at `path`: its cache is seconds old at most."""
    try:
        return is_any_running(path.with_suffix(".windows"))
    except OSError:
        return False


def sidebar(path: Path) -> Overview | None:
    """Read the sidebar that a client of this account showed last; None where there is none, or it can't be read."""
    file = CacheFile(path)
    try:
        kept = file.fact(SIDEBAR) if file.version() == SCHEMA else None
        return None if kept is None else msgspec.json.decode(kept, type=Overview)
    except (sqlite3.Error, OSError, msgspec.DecodeError, UnicodeError):
        return None  # the client sets a damaged file aside and says so; here the server is asked instead
