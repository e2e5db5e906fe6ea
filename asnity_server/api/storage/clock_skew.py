"""Clock skew: judges stored times that lie ahead of the clock, so that none of them lasts until it is right."""

from __future__ import annotations

LEAD = 60_000
"""Milliseconds by which what is stored may lie ahead of the clock: for that long, a clock that was set back is waited
for. What lies further ahead was written by a clock that was wrong."""


FAR = 30 * 24 * 3600 * 1000
"""Milliseconds by which search still allows for a clock that was ahead: it looks at so much more of what there is."""


def follow(last: int, now: int) -> int:
    """Return a time that follows `last`: it doesn't run back, unless `last` can't be."""
    return last if now < last <= now + LEAD else now


def is_far_ahead(moment: int, now: int) -> bool:
    """Return whether a time says nothing of its place among others."""
    return moment > now + FAR


def lasts(until: int, now: int, longest: int) -> bool:
    """Return whether something that was given for at most `longest` seconds still holds until `until`."""
    return now < until <= now + longest * 1000 + LEAD
