"""Lists in parts: the rows that fit, and the cursor of what follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import UNSET, UnsetType

from asnity_server.db.work import Row


def cut(rows: Sequence[Row], limit: int, key: Callable[[Row], str]) -> tuple[Sequence[Row], str | UnsetType]:
    """Of `limit` + 1 rows that were asked for: the first `limit`, and a cursor where there are more.

    A cursor is the sort key of the last row told, so that a list stays right while it changes.
    """
    if len(rows) <= limit:
        return rows, UNSET
    return rows[:limit], key(rows[limit - 1])
