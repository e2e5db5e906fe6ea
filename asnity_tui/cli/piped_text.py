"""Text from other programs, freed of what steers a terminal: colours, progress, line ends of other systems."""

from __future__ import annotations

import re

_SEQUENCE = re.compile(
    "(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\\\|\x9c)?"  # titles, links, pictures
    "|(?:\x1b\\[|\x9b)([0-?]*[ -/]*[@-~]?)"  # colours, moves
    "|\x1b[ -/]*[0-~]?"  # letter sets, resets
)
_RESTART = re.compile("[01]?G|2K")
"""Moves that begin the line anew."""

_LINE_END = re.compile("\r*\n|[\x0b\x0c\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """Keep what is left to read: of a line that was written over, what stood there last."""
    text = _SEQUENCE.sub(lambda found: "\r" if _RESTART.fullmatch(found[1] or "") else "", text)
    lines = (_last(line) for line in _LINE_END.sub("\n", text).split("\n"))
    text = "".join("\N{REPLACEMENT CHARACTER}" if "\ud800" <= sign <= "\udfff" else sign for sign in "\n".join(lines))
    return _CONTROL.sub("", _overstruck(text))


def _last(line: str) -> str:
    """Return what a line says after all that was written over it."""
    *before, last = line.split("\r")
    return last if last.strip() else next((part for part in reversed(before) if part.strip()), last)


def _overstruck(text: str) -> str:
    """Text without what a backspace took away."""
    if "\x08" not in text:
        return text
    kept: list[str] = []
    for sign in text:
        if sign != "\x08":
            kept.append(sign)
        elif kept and kept[-1] != "\n":
            kept.pop()
    return "".join(kept)
