"""Lists in parts: the rows that fit, and the cursor of what follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import UNSET, UnsetType

from asnity_server.db.transaction import Row
from asnity_server.protocol.errors import Invalid


def cut(rows: Sequence[Row], limit: int, key: Callable[[Row], str]) -> tuple[Sequence[Row], str | UnsetType]:
    """Of `limit` + 1 rows that were asked for: the first `limit`, and a cursor where there are more.

    A cursor is the sort key of the last row told, so that a list stays right while it changes.
    """
    if len(rows) <= limit:
        return rows, UNSET
    return rows[:limit], key(rows[limit - 1])


def before(cursor: str | None) -> tuple[int, str]:
    """Where a list that goes from new to old goes on: before this time and key. Raises `Invalid`."""
    if cursor is None:
        return 2**62, ""
    time, _, key = cursor.partition("-")
    if not (time.isascii() and time.isdigit() and len(time) < 17):
        raise Invalid("This cursor is not valid.", field="cursor")
    return int(time), key
