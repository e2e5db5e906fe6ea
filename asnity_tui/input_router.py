"""Routes keys, pastes and clicks before Textual does: some wait, some are taken, all show activity."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.app import App
from textual.timer import Timer

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.terminal.key_order import KeyBarrier
from asnity_tui.widgets.composer import Composer

AGAIN = 5.0
"""Seconds for which the same key once more quits: as long as that is said."""


class QuitKeys:
    """The keys for quitting that hands know from shells: the first press says how, the second quits.

    They are ctrl+c where nothing is selected that it could copy, and ctrl+d where there is nothing to delete.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._said: Timer | None = None

    def press(self, key: str) -> None:
        """Say how to quit, or do it."""
        if self._said is None:
            self._app.notify(f"{key} again quits. Drafts and unsent messages are kept.", timeout=AGAIN, markup=False)
            self._said = self._app.set_timer(AGAIN, self.reset)
        else:
            self.reset()
            self._app.run_worker(self._app.action_quit(), group="quit", exclusive=True, exit_on_error=False)

    def reset(self) -> None:
        """Begin anew: something else was done, or nothing for a while."""
        if self._said is not None:
            self._said.stop()
            self._said = None


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
        if isinstance(event, KeyBarrier):
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
