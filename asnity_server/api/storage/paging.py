"""Paging: the rows of a page, and the cursor of the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import UNSET, UnsetType

from asnity_server.db.transaction import Row
from asnity_server.protocol.errors import Invalid


def page_of(rows: Sequence[Row], limit: int, key: Callable[[Row], str]) -> tuple[Sequence[Row], str | UnsetType]:
    """Return the first `limit` of `limit` + 1 rows that were asked for, and a cursor where there are more.

    A cursor is the sort key of the last row told, so that a list stays right while it changes.
    """
    if len(rows) <= limit:
        return rows, UNSET
    return rows[:limit], key(rows[limit - 1])


def position(cursor: str | None, *, start: int) -> int:
    """Return where a list goes on that is sorted by a number; `start` without a cursor. Raises `Invalid`."""
    if cursor is None:
        return start
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 17):
        raise Invalid("This cursor is not valid.", field="cursor")
    return int(cursor)


def position_in_time(cursor: str | None) -> tuple[int, str]:
    """Return where a list that goes from new to old goes on: before this time and key. Raises `Invalid`."""
    if cursor is None:
        return 2**62, ""
    time, _, key = cursor.partition("-")
    return position(time, start=0), key
