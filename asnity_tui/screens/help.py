"""All keys, by where they work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.inks import Word
from asnity_tui.widgets.jamo import JAMO
from asnity_tui.widgets.list_pane import Entry, ListPane
from asnity_tui.widgets.timeline import TimelineView

from .catch_up import CatchUp, MissedList
from .commands import COMMANDS, ESCAPES, Part
from .dialog import Confirm
from .keys_in_force import shown
from .modal import Modal
from .search import Search


@dataclass(frozen=True, slots=True)
class Key:
    """What can be done by key (or by palette alone), for help and documents."""

    id: str
    part: str
    keys: tuple[str, ...]
    title: str
    help: str


def all_keys(keymap: Mapping[str, str]) -> tuple[Key, ...]:
    """Every command and every key with an id; `keymap` has those that the settings change."""
    found = [
        Key(each.id, part, _split(keymap.get(each.id, each.keys)), each.title, each.help)
        for part in get_args(Part)
        for each in COMMANDS
        if each.part == part
    ]
    found += _bound("In the messages", TimelineView.BINDINGS, keymap)
    found += _bound("In the composer", Composer.BINDINGS, keymap)
    found += _bound("In lists", (*ListPane.BINDINGS, *ESCAPES), keymap)
    found += _bound("While searching", Search.BINDINGS, keymap)
    found += _bound("While catching up", (*MissedList.BINDINGS, *CatchUp.BINDINGS), keymap)
    found += _bound("In questions", Confirm.BINDINGS, keymap)
    return tuple(found)


def _bound(part: str, bindings: Iterable[BindingType], keymap: Mapping[str, str]) -> list[Key]:
    return [
        Key(each.id, part, _split(keymap.get(each.id, each.key)), each.description, each.tooltip)
        for each in bindings
        if isinstance(each, Binding) and each.id
    ]


def _split(keys: str) -> tuple[str, ...]:
    """The keys without the jamo that stand on them anyway."""
    jamo = set(JAMO.values())
    return tuple(each for each in keys.split(",") if each and each not in jamo)


class Help(Modal[None]):
    """A list to scroll through."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1", "close", "Close", id="help.close", show=False),
    ]

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """Title and list."""
        with Vertical(classes="dialog help"):
            yield Static("Keys", classes="dialog-title")
            yield ListPane(id="help-list")

    def on_mount(self) -> None:
        """List all keys, part by part."""
        entries: list[Entry] = []
        part = ""
        for key in all_keys(self._keymap):
            if key.part != part:
                part = key.part
                entries += [Entry(None)] * bool(entries) + [Entry(None, (Word(part, "heading"),))]
            keys = " ".join(shown(each) for each in key.keys) or "ctrl+p"
            left = (Word(f"{keys:<20} ", "accent" if key.keys else "faint"), Word(f"{key.title:<27} ", "plain"))
            entries.append(Entry(key.id, (*left, *((Word(key.help, "faint"),) if key.help else ()))))
        pane = self.query_one(ListPane)
        pane.show(entries)
        pane.focus()

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)
