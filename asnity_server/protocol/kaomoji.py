"""Kaomoji: finds faces made of punctuation, whose characters are no markup."""

from __future__ import annotations

from .lazy_patterns import LazyPattern

_INSIDE = r"[^()´`\n]{0,8}"
_ACCENTED = LazyPattern(rf"\({_INSIDE}(?:[´`]{_INSIDE}){{2,4}}\)")
"""`(´・ω・`)`: eyes of an acute accent and a backtick."""

_LYING = LazyPattern(r"_\(:[3εзЗ][^()\n]{0,4}\)_?")
"""`_(:3」∠)_`: somebody who lies down on underscores."""


def kaomoji_indices(text: str) -> set[int]:
    """Return the indices of characters of `text` that belong to a kaomoji."""
    found: set[int] = set()
    if "´" in text and "`" in text:
        for face in _ACCENTED.finditer(text):
            if "´" in face.group() and "`" in face.group():
                found.update(range(*face.span()))
    if "_(:" in text:
        for face in _LYING.finditer(text):
            found.update(range(*face.span()))
    return found
