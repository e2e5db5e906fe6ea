"""What a line that begins with a slash means: something to do, something to say, or a slip."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeAlias

import msgspec

_COMMAND = re.compile(r"/([^\W\d_]\S*)\s*(.*)", re.DOTALL)
"""A slash with a letter behind it; whatever else begins with a slash is a text."""


class Say(msgspec.Struct, frozen=True):
    """A message."""

    text: str


class Do(msgspec.Struct, frozen=True):
    """A command, with what stands behind its name."""

    name: str
    rest: str


class Unknown(msgspec.Struct, frozen=True):
    """No command: never sent, as it may have been meant for us alone."""

    name: str
    near: tuple[str, ...] = ()
    """Names that look like it, best first."""


Read: TypeAlias = Say | Do | Unknown


def read(text: str, names: Collection[str]) -> Read:
    """What `text` means, where `names` are the commands. Two slashes at the front say one."""
    if text.startswith("//"):
        return Say(text[1:])
    found = _COMMAND.fullmatch(text)
    if found is None:
        return Say(text)
    name, rest = found.group(1).casefold(), found.group(2).strip()
    if name in names:
        return Do(name, rest)
    from difflib import get_close_matches  # late: slips are rare

    starts = sorted(each for each in names if each.startswith(name))
    close = get_close_matches(name, list(names), n=3)
    return Unknown(name, tuple(dict.fromkeys((*starts, *close)))[:3])
