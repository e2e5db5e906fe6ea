"""The command palette: everything that can be done here, found by name, with the key that does it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode

from .screens.chat import ChatScreen
from .screens.commands import COMMANDS
from .screens.help import all_keys, shown
from .screens.here import may_here
from .screens.pick import Option, Pick
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
        if command.in_menu and not may_here(screen, command.id):
            continue
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


async def ask(app: App[None]) -> None:
    """Show the palette, and do what is chosen."""
    screen = app.screen
    found = {each.option.key: each for each in doings(screen)} if isinstance(screen, ChatScreen) else {}
    options = [each.option for each in found.values()]
    options.append(Option("theme", words(("Theme", "plain"), ("  Change the colours", "faint"))))
    chosen = await app.push_screen_wait(Pick("Commands", options))
    if chosen in found:
        await app.run_action(found[chosen].action, found[chosen].node)
    elif chosen is not None:
        theme = await app.push_screen_wait(Pick("Theme", theme_options(app.available_themes, app.theme)))
        app.theme = theme or app.theme


def _option(id: str, title: str, help: str, key: str) -> Option:
    return Option(id, words((title, "plain"), (f"  {help}", "faint")), words((key, "accent")))
