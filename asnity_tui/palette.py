"""The command palette: everything that can be done here, found by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode

from .screens.chat import ChatScreen
from .screens.commands import COMMANDS
from .screens.help import shown
from .widgets.timeline import TimelineView


@dataclass(frozen=True)
class _Line:
    title: str
    help: str
    action: str
    node: DOMNode


class Commands(Provider):
    """The chat screen's commands, and what can be done with the chosen message."""

    def _lines(self) -> Iterator[_Line]:
        screen = self.screen
        if not isinstance(screen, ChatScreen):
            return
        for command in COMMANDS:
            keys = screen.keys.get(command.id, command.keys)
            title = f"{command.title}  ({shown(keys.split(',')[0])})" if keys else command.title
            yield _Line(title, command.help, command.action, screen)
        for binding in TimelineView.BINDINGS:
            if isinstance(binding, Binding) and binding.id and binding.id.startswith("message."):
                yield _Line(
                    f"Message: {binding.description}", binding.tooltip, binding.action, screen.conversation.view
                )

    async def discover(self) -> Hits:
        """All of it."""
        for line in self._lines():
            run = partial(self.app.run_action, line.action, line.node)
            yield DiscoveryHit(line.title, run, help=line.help)

    async def search(self, query: str) -> Hits:
        """What fits."""
        matcher = self.matcher(query)
        for line in self._lines():
            score = matcher.match(line.title)
            if score > 0:
                run = partial(self.app.run_action, line.action, line.node)
                yield Hit(score, matcher.highlight(line.title), run, help=line.help)
