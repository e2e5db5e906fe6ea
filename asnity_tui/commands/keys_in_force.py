"""Keys as they are in force where the focus is: those of the settings, without what something nearer takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from textual.binding import ActiveBinding
from textual.screen import Screen

Active: TypeAlias = Mapping[str, ActiveBinding]

Wanted: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of a key, or the id of what it does, and a word or two for that."""

_SIGNS = {"up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "PgUp", "pagedown": "PgDn", "end": "End"}
_SIGNS |= {"home": "Home", "escape": "Esc", "enter": "Enter", "plus": "+", "greater_than_sign": ">", "tab": "Tab"}


def shown(key: str) -> str:
    """A key as people write it."""
    *modifiers, last = key.split("+")
    if last[:1] == "f" and last[1:].isdecimal():
        last = last.upper()
    return "+".join([*modifiers, _SIGNS.get(last, last)])


def in_force(screen: Screen[Any], wanted: Wanted, active: Active | None = None) -> Wanted:
    """(key, what it does) for (id or key, what it does), without those that do nothing here and now.

    `active` are the screen's active bindings, for whoever asks several times: finding them takes a while.
    """
    active = screen.active_bindings if active is None else active
    keys: dict[str, str] = {}
    for key, each in active.items():
        if each.binding.id and each.enabled:
            keys.setdefault(each.binding.id, key)
    keys |= {id: id for id, _ in wanted if id in active}
    return tuple((shown(keys[id]), does) for id, does in wanted if id in keys)
