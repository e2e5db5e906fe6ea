"""Days as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_tui.state.dates import InvalidDate, moment_of_day, parse_day

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", FRIDAY),
        (" Yesterday ", date(2026, 11, 19)),
        ("2026-11-02", date(2026, 11, 2)),
        ("2 nov", date(2026, 11, 2)),
        ("2. November 2025", date(2025, 11, 2)),
        ("Nov 2", date(2026, 11, 2)),
        ("2.11.", date(2026, 11, 2)),
        ("24 dec", date(2025, 12, 24)),
        ("29 feb", date(2024, 2, 29)),
        ("monday", date(2026, 11, 16)),
        ("fri", date(2026, 11, 13)),
        ("last thu", date(2026, 11, 19)),
        ("3 days ago", date(2026, 11, 17)),
        ("2w", date(2026, 11, 6)),
    ],
)
def test_what_people_write(text: str, day: date) -> None:
    assert parse_day(text, FRIDAY) == day


@pytest.mark.parametrize("text", ["", "soon", "31 nov", "2026-13-01", "2026-02-30", "5 may flower", "999999 weeks ago"])
def test_what_is_no_day_is_said(text: str) -> None:
    with pytest.raises(InvalidDate):
        parse_day(text, FRIDAY)


@settings(max_examples=40)
@given(st.dates(date(1970, 1, 2), date(2026, 11, 20)))
def test_a_day_in_figures_is_that_day(day: date) -> None:
    assert parse_day(day.isoformat(), FRIDAY) == day
    assert moment_of_day(day, UTC) % 86_400_000 == 0


@settings(max_examples=40)
@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    with suppress(InvalidDate):
        assert parse_day(text, FRIDAY) <= date.max
