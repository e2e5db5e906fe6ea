"""Moments in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from asnity_tui.widgets.text.relative_time import relative_time

NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW, "20:30"),
        (NOW.replace(hour=0, minute=0), "00:00"),
        (NOW - timedelta(days=1), "21 Nov 20:30"),
        (NOW + timedelta(days=40), "1 Jan 2027 20:30"),
        (NOW.replace(year=1999), "22 Nov 1999 20:30"),
    ],
)
def test_as_short_as_can_be(at: datetime, said: str) -> None:
    assert relative_time(round(at.timestamp() * 1000), now=round(NOW.timestamp() * 1000), zone=UTC) == said


def test_days_are_those_of_where_i_am() -> None:
    now = round(NOW.timestamp() * 1000)
    assert relative_time(now + 4 * 3600_000, now=now, zone=UTC) == "23 Nov 00:30"
    assert relative_time(now + 4 * 3600_000, now=now, zone=timezone(timedelta(hours=9))) == "09:30"
