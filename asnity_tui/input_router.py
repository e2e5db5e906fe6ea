"""Routes keys, pastes and clicks before Textual does: some wait, some are taken, all show activity."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.app import App

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.terminal.key_order import Acted
from asnity_tui.widgets.composer import Composer

from .quit_keys import QuitKeys

_HELD = frozenset(("alt", "ctrl", "meta", "super", "hyper"))
"""With one of these a key is no letter."""


def chat_screens(app: App[Any]) -> list[ChatScreen]:
    """List the chat screens that are open: one at most, whatever covers it."""
    return [screen for screen in app.screen_stack if isinstance(screen, ChatScreen)]


class InputRouter:
    """Looks at all input of an app first."""

    def __init__(self, app: App[Any], quit_keys: QuitKeys) -> None:
        self._app = app
        self._quit_keys = quit_keys

    async def take(self, event: events.Event) -> bool:
        """Deal with an event; whether Textual needn't any more.

        A key that is held with ctrl or alt is a command, never a letter in a text.
        """
        if isinstance(event, Acted):
            if event.is_forwarded:
                event.done.set()
            else:
                (self._app.focused or self._app.screen)._forward_event(event)
            return True
        if isinstance(event, events.Key) and not _HELD.isdisjoint(event.key.split("+")[:-1]):
            event.character = None
        if isinstance(event, events.Key | events.Paste | events.MouseDown | events.MouseScrollDown):
            for screen in chat_screens(self._app):
                screen.activity.touched()
                if isinstance(event, events.Key | events.Paste) and await self._taken(screen, event):
                    return True
        if isinstance(event, events.Key):
            await self._key(event)
        return False

    async def _taken(self, chat: ChatScreen, event: events.Key | events.Paste) -> bool:
        """Whether the chat screen deals with a key before Textual does, or lets it wait."""
        if event.is_forwarded:  # it comes back from what has the focus
            return False
        keys = chat.message_keys
        return keys.holds(event) or (chat is self._app.screen and await keys.take(event))

    async def _key(self, event: events.Key) -> None:
        if event.key not in ("ctrl+c", "ctrl+d"):
            self._quit_keys.reset()
        focused = self._app.screen.focused
        if not event.is_forwarded and not event.is_printable and isinstance(focused, Composer):
            await focused.caught_up()
