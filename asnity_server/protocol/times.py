"""Times on the wire: RFC 3339 in UTC with milliseconds and Z, from and to integer milliseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from .errors import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


@lru_cache(maxsize=64)
def to_wire(milliseconds: int) -> str:
    """`milliseconds` since 1970 as `2026-11-20T10:02:03.004Z`."""
    minute, rest = divmod(milliseconds, 60_000)
    return f"{_minute(minute)}:{rest // 1000:02d}.{rest % 1000:03d}Z"


@lru_cache(maxsize=2048)
def _minute(minute: int) -> str:
    """Minutes since 1970 as `2026-11-20T10:02`: what is told together mostly happened together."""
    return f"{_EPOCH + timedelta(minutes=minute):%Y-%m-%dT%H:%M}"


def from_wire(text: str, *, field: str | None = None) -> int:
    """Milliseconds since 1970 of an RFC 3339 time in any offset.

    Raises `Invalid`, naming `field`, for anything else.
    """
    if _SHAPE.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text.upper())
            return (moment - _EPOCH) // timedelta(milliseconds=1)
        except (ValueError, OverflowError):
            pass  # a shape that names no moment, such as month 13: refused like any other
    raise Invalid("A time looks like 2026-11-20T10:02:03.004Z.", field=field)
