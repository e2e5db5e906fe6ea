"""Key bindings of the chat screen and of its messages, and the keys that are in force.

The table is made from the registry, because keys are bound before the first paint, which loads no command:
`python -m asnity_tui.commands.registry` writes it, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from textual.binding import ActiveBinding, Binding
from textual.screen import Screen

# <keys>
SCREEN_KEYS: tuple[tuple[str, str, bool], ...] = (
    ("go.to", "ctrl+k", True),
    ("catch-up", "alt+i", True),
    ("search", "ctrl+f", True),
    ("channel.previous", "alt+up", True),
    ("channel.next", "alt+down", True),
    ("unread.previous", "alt+shift+up", True),
    ("unread.next", "alt+shift+down", True),
    ("unread.best", "alt+a", True),
    ("community.previous", "alt+pageup", True),
    ("community.next", "alt+pagedown", True),
    ("channel.last", "alt+s", True),
    ("unread.first", "alt+u", True),
    ("mention.previous", "alt+p", True),
    ("mention.next", "alt+n", True),
    ("go.day", "alt+g", True),
    ("go.link", "alt+l", True),
    ("timeline.end", "alt+end", True),
    ("channel.1", "alt+1", True),
    ("channel.2", "alt+2", True),
    ("channel.3", "alt+3", True),
    ("channel.4", "alt+4", True),
    ("channel.5", "alt+5", True),
    ("channel.6", "alt+6", True),
    ("channel.7", "alt+7", True),
    ("channel.8", "alt+8", True),
    ("channel.9", "alt+9", True),
    ("view.channels", "f2", True),
    ("view.members", "f8", True),
    ("view.plain", "f9", True),
    ("channel.topic", "alt+t", False),
    ("channel.menu", "alt+m", False),
    ("write.editor", "ctrl+o", True),
    ("unsent.retry", "alt+r", True),
    ("unsent.edit", "alt+e", True),
    ("unsent.copy", "alt+c", True),
    ("unsent.discard", "alt+x", True),
    ("unsent.list", "alt+o", True),
    ("undo", "ctrl+z", False),
    ("me.do-not-disturb", "alt+z", True),
    ("connection.now", "ctrl+r", True),
    ("help", "f1", True),
    ("quit", "ctrl+q", True),
)
MESSAGE_KEYS: tuple[tuple[str, str], ...] = (
    ("message.reply", "r,ㄱ"),
    ("message.edit", "e,ㄷ"),
    ("message.raw", "v,ㅍ"),
    ("message.origin", "p,ㅔ"),
    ("message.react", "plus"),
    ("message.reactors", "w,ㅈ"),
    ("message.delete", "d,ㅇ"),
    ("message.copy", "y,ㅛ"),
    ("message.quote", "greater_than_sign"),
    ("message.range", "V"),
    ("message.open-link", "o,ㅐ"),
    ("message.pin", "t,ㅅ"),
    ("message.copy-link", "Y"),
    ("message.menu", "m,ㅡ"),
    ("message.unread-from", "U,ㅕ"),
    ("message.retry", "R,ㄲ"),
    ("message.take-back", "E,ㄸ"),
    ("message.discard", "X,ㅌ,x"),
)
# </keys>

ESCAPES: tuple[Binding, ...] = (
    Binding("escape", "close_lists", "Back to writing", id="lists.leave", show=False),
    Binding(
        "escape",
        "give_up_waiting",
        "Stop waiting",
        id="waiting.give-up",
        tooltip="For an answer that takes longer than ten seconds",
        show=False,
        priority=True,
    ),
)
"""Escape, where nothing else wants it, and before everything else while something takes long."""


def screen_bindings() -> list[Binding]:
    """Bind the keys that work all over the chat screen."""
    keys = (
        Binding(keys, f"command('{id}')", id=id, priority=priority, show=False) for id, keys, priority in SCREEN_KEYS
    )
    return [*keys, *ESCAPES]


def message_bindings() -> list[Binding]:
    """Bind the keys of the message under the cursor."""
    return [Binding(keys, f"screen.command('{id}')", id=id, show=False) for id, keys in MESSAGE_KEYS]


# Keys in force, where the focus is: those of the settings, without what something nearer takes

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
