"""Troubles with the keys of the settings: nothing known, no key, a key that can't arrive, two things on one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import get_args

from textual.keys import KEY_TO_UNICODE_NAME, REPLACED_KEYS, Keys

from asnity_tui.commands.bindings import shown
from asnity_tui.commands.command import Group
from asnity_tui.config import unknown_keys
from asnity_tui.widgets.text.safe_text import harmless_line

from .help import Key, all_keys

MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "meta", "hyper"})

NAMES = frozenset((*(each.value.split("+")[-1] for each in Keys), *REPLACED_KEYS, *KEY_TO_UNICODE_NAME))

SAME = {
    "ctrl+i": "Tab",
    "ctrl+m": "Enter",
    "ctrl+h": "Backspace",
    "ctrl+[": "Esc",
    "ctrl+left_square_bracket": "Esc",
}
"""What terminals send for both of them."""

BESIDE = frozenset({"In the messages", "In the composer", "In lists"})

EVERYWHERE = frozenset(get_args(Group)) - BESIDE
"""Parts of the list of keys whose keys work beside those of the messages, the composer and the lists."""


def key_troubles(keys: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each thing that is wrong."""
    if not keys:
        return ()
    known = {each.id: each for each in all_keys({})}
    troubles = list(unknown_keys(keys, known))
    for id, given in keys.items():
        if id in known:
            for each in given.split(","):
                troubles += _impossible(known[id], each.strip())
    troubles += _clashes(keys)
    return tuple(dict.fromkeys(troubles))


def _impossible(key: Key, given: str) -> Iterator[str]:
    *modifiers, last = given.split("+") if given != "+" else ["plus"]
    name = harmless_line(given)
    if not set(modifiers) <= MODIFIERS or not _is_key(last):
        yield f"The settings file gives {key.id} a key that doesn't exist: {name or '(empty)'}."
    elif given in SAME:
        yield f"Terminals send {SAME[given]} for {name}: it can't do {key.id}."
    elif key.part in EVERYWHERE and not modifiers and len(last) == 1:
        yield f"The settings file gives {name} to {key.id}: it can't be typed any more."


def _is_key(name: str) -> bool:
    if len(name) == 1 or name in NAMES:
        return name.isprintable() and not name.isspace()
    try:
        return bool(unicodedata.lookup(name.replace("_", " ")))
    except KeyError:
        return False


def _clashes(keys: Mapping[str, str]) -> Iterator[str]:
    """Where a key of the settings does something else already."""
    after = all_keys(keys)
    for mine in after:
        if mine.id not in keys:
            continue
        for other in after:
            both = sorted(set(mine.keys) & set(other.keys))
            twice = other.id in keys and other.id < mine.id  # told from the other's side
            if both and other.id != mine.id and not twice and _meet(mine.part, other.part):
                yield f"{shown(both[0])} is the key of both {mine.id} and {other.id}."


def _meet(part: str, other: str) -> bool:
    return (
        part == other
        or (part in EVERYWHERE and other in EVERYWHERE | BESIDE)
        or (other in EVERYWHERE and part in BESIDE)
    )
