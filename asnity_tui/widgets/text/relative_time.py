"""Formats times relative to now, as short as can be without being mistaken."""

from __future__ import annotations

from datetime import datetime, tzinfo


def relative_time(at: int, *, now: int, zone: tzinfo | None) -> str:
    """`at` seen from `now` (both milliseconds since 1970): `10:02` today, else `20 Nov 10:02`, else with its year."""
    there, here = datetime.fromtimestamp(at / 1000, zone), datetime.fromtimestamp(now / 1000, zone)
    clock = f"{there:%H:%M}"
    if there.date() == here.date():
        return clock
    year = "" if there.year == here.year else f" {there.year}"
    return f"{there.day} {_MONTHS[there.month - 1]}{year} {clock}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
