"""Parses days as people write them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.?(\d{4})?")
_NAMED = re.compile(r"(\d{1,2})\.? ?([a-z]{3,9})\.?,? ?(\d{4})?")
_AMERICAN = re.compile(r"([a-z]{3,9})\.? (\d{1,2}),? ?(\d{4})?")
_AGO = re.compile(r"(\d{1,5}) ?(d|day|days|w|week|weeks)(?: ago)?")


class InvalidDate(Exception):
    """The text is no day; the exception's text says so to a person."""


def parse_day(text: str, today: date) -> date:
    """The day that somebody means: `2026-11-20`, `20 nov`, `20.11.`, `yesterday`, `monday`, `3 days ago`.

    Without a year it is the last such day that isn't ahead. Raises `InvalidDate`.
    """
    given = " ".join(text.lower().split())
    if given in ("today", "yesterday"):
        return today - timedelta(days=given == "yesterday")
    try:
        found = _ago(given, today) or _weekday(given, today) or _calendar_day(given, today)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise InvalidDate("That isn't a day. Use 20 Nov, 2026-11-20, yesterday, monday or 3 days ago.")
    return found


def moment_of_day(day: date, zone: tzinfo | None) -> int:
    """The first moment of a day, in milliseconds since 1970; before 1970 it is 0."""
    try:
        return max(0, int(datetime.combine(day, time.min, zone).timestamp() * 1000))
    except (ValueError, OverflowError, OSError):
        return 0


def _ago(given: str, today: date) -> date | None:
    match = _AGO.fullmatch(given)
    return today - timedelta(days=int(match[1]) * (7 if match[2][0] == "w" else 1)) if match else None


def _weekday(given: str, today: date) -> date | None:
    name = given.removeprefix("last ")
    for number, short in enumerate(_WEEKDAYS):
        whole = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[number]
        if name == short or (len(name) > 3 and whole.startswith(name)):
            return today - timedelta(days=(today.weekday() - number) % 7 or 7)
    return None


def _calendar_day(given: str, today: date) -> date | None:
    if match := _ISO.fullmatch(given):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DOTTED.fullmatch(given):
        return _dated(int(match[1]), int(match[2]), match[3], today)
    if match := _NAMED.fullmatch(given):
        return _dated(int(match[1]), _month(match[2]), match[3], today)
    if match := _AMERICAN.fullmatch(given):
        return _dated(int(match[2]), _month(match[1]), match[3], today)
    return None


def _month(name: str) -> int:
    """1 to 12. Raises `ValueError`."""
    return _MONTHS.index(name[:3]) + 1


def _dated(day: int, month: int, year: str | None, today: date) -> date | None:
    if year is not None:
        return date(int(year), month, day)
    for each in range(today.year, today.year - 9, -1):  # the 29th of February comes every four years, or eight
        try:
            found = date(each, month, day)
        except ValueError:
            continue
        if found <= today:
            return found
    return None
