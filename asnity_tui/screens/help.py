"""The list of all keys, by where they work, and of what is written behind a slash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import get_args

from textual.binding import Binding, BindingType

from asnity_tui.commands.bindings import ESCAPES, Wanted, shown
from asnity_tui.commands.command import Command, Group
from asnity_tui.commands.registry import REGISTRY
from asnity_tui.commands.slash import OFFERED, slash_of
from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.hangul_keys import JAMO
from asnity_tui.widgets.text.styles import Span
from asnity_tui.widgets.timeline.view import TimelineView

from .catch_up import CatchUp, MissedList
from .search import SearchScreen


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that is done by key (or by palette alone), for help and documents."""

    id: str
    part: str
    keys: tuple[str, ...]
    title: str
    help: str
    series: str = ""
    """The title of those that only differ in a number, together."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One line of the list of keys."""

    ids: tuple[str, ...]
    part: str
    keys: str
    title: str
    help: str


def key_lines(keymap: Mapping[str, str], between: str) -> tuple[KeyLine, ...]:
    """All keys as they are listed, several for one thing with `between` them; a series with its usual keys is one."""
    found = []
    for (part, series), group in groupby(all_keys(keymap), key=lambda each: (each.part, each.series)):
        keys = list(group)
        if series and not any(each.id in keymap for each in keys):
            first, last = keys[0], keys[-1]
            told = f"{shown(first.keys[0])} … {shown(last.keys[0])}"
            found.append(KeyLine(tuple(each.id for each in keys), part, told, series, first.help))
            continue
        for each in keys:
            found.append(KeyLine((each.id,), part, between.join(map(shown, each.keys)), each.title, each.help))
    return tuple(found)


def all_keys(keymap: Mapping[str, str]) -> tuple[Key, ...]:
    """Every command and every key with an id; `keymap` has those that the settings change."""
    found = [
        Key(each.id, part, _split(keymap.get(each.id, each.keys)), each.title, each.help, each.series)
        for part in get_args(Group)
        for each in REGISTRY
        if each.group == part and each.palette
    ]
    of_messages = next(index for index, each in enumerate(found) if each.part == "In the messages")
    found[of_messages:of_messages] = _bound("In the messages", TimelineView.BINDINGS, keymap)
    found += _bound("In the composer", Composer.BINDINGS, keymap)
    found += _bound("In lists", (*ListPane.BINDINGS, *ESCAPES), keymap)
    found += _bound("While searching", SearchScreen.BINDINGS, keymap)
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


class Help(Picker):
    """All keys, narrowed down by what is typed: a word of what it does, or a key."""

    def __init__(self, keymap: Mapping[str, str]) -> None:
        written = [_written(each) for each in OFFERED]
        super().__init__("Keys", [*(_line(each) for each in key_lines(keymap, " ")), *written])

    def hints(self) -> Wanted:
        """Moving and closing: choosing does nothing here."""
        return (("pick.close", "close"), ("pick.next", "down"), ("pick.page-down", "page down"))


def _written(command: Command) -> Option:
    slash = slash_of(command)
    left = (Span(f"{'/' + slash.name:<15} ", "accent"), Span(slash.help, "plain"))
    also = " ".join((*slash.aliases, slash.keywords))
    return Option(f"/{slash.name}", left, (Span("  Behind a slash", "faint"),), also=also)


def _line(line: KeyLine) -> Option:
    left = (Span(f"{line.keys or 'ctrl+p':<15} ", "accent" if line.keys else "faint"), Span(line.title, "plain"))
    said = (Span(f"  {line.help}", "faint"),) if line.help else ()
    also = " ".join(line.ids).replace(".", " ")
    return Option(line.ids[0], (*left, *said), (Span(f"  {line.part}", "faint"),), also=also)
