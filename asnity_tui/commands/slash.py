"""What a line that begins with a slash means: something to do, something to say, or a slip."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeAlias

import msgspec

_COMMAND = re.compile(r"/([^\W\d_][^\s/.\\]*)(?:\s+(.*))?", re.DOTALL)
"""A slash and a word that begins with a letter. With another slash, a dot or a backslash it is a path; whatever else
begins with a slash is a text, too."""


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


Read: TypeAlias = Say | Do | Unknown


def read(text: str, names: Collection[str]) -> Read:
    """What `text` means, where `names` are the commands. Two slashes at the front say one."""
    if text.startswith("//"):
        return Say(text[1:])
    found = _COMMAND.fullmatch(text)
    if found is None:
        return Say(text)
    name, rest = found.group(1).casefold(), (found.group(2) or "").strip()
    return Do(name, rest) if name in names else Unknown(name)
