"""The command palette: everything that can be done here, found by name, with the key that does it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding
from textual.dom import DOMNode

from .screens.chat import ChatScreen
from .screens.commands import COMMANDS
from .screens.help import all_keys, shown
from .screens.pick import Option
from .widgets.inks import words
from .widgets.timeline import TimelineView


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that can be done: an action of a node."""

    option: Option
    action: str
    node: DOMNode


def doings(screen: ChatScreen) -> list[Doing]:
    """The chat screen's commands, and what can be done with the message under the cursor."""
    keys = {each.id: shown(each.keys[0]) for each in all_keys(screen.keys) if each.keys}
    found = []
    for command in COMMANDS:
        option = _option(command.id, command.title, command.help, keys.get(command.id, ""))
        found.append(Doing(option, command.action, screen))
    for binding in TimelineView.BINDINGS:
        if isinstance(binding, Binding) and binding.id and binding.id.startswith("message."):
            title = f"Message: {binding.description}"
            option = _option(binding.id, title, binding.tooltip, keys.get(binding.id, ""))
            found.append(Doing(option, binding.action, screen.conversation.view))
    return found


def theme_options(themes: Iterable[str], current: str) -> list[Option]:
    """Themes to choose from, our own first."""
    ordered = sorted(themes, key=lambda name: (not name.startswith("asnity"), name))
    return [
        Option(each, words((each, "plain")), words(("now" if each == current else "", "faint"))) for each in ordered
    ]


def _option(id: str, title: str, help: str, key: str) -> Option:
    return Option(id, words((title, "plain"), (f"  {help}", "faint")), words((key, "accent")))
