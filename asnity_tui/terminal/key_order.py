"""Hands input to an app key by key: what comes after a key that acts waits until it has acted."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message

PATIENCE = 0.3
"""Seconds for a key to have its effect; what takes longer is not waited for."""


class KeyBarrier(events.Event):
    """Goes the way of a key, behind it; `done` when it has come to the end of it."""

    def __init__(self) -> None:
        super().__init__()
        self.done = asyncio.Event()


class InputQueue:
    """A queue of input that isn't handed over yet.

    Textual hands every key to the widget with the focus, and what no widget wants goes up to the app, which looks for a
    binding: a letter that follows closely is in the text before an Enter, an Esc or a ctrl+k has done anything.
    """

    def __init__(self, app: App[object]) -> None:
        self._app = app
        self._waiting: deque[Message] = deque()
        self._handing: asyncio.Task[None] | None = None

    def put(self, message: Message) -> None:
        """Hand a message over when all before it had their effect."""
        self._waiting.append(message)
        if self._handing is None or self._handing.done():
            self._handing = asyncio.create_task(self._hand_over(), name="asnity-keys")

    async def _hand_over(self) -> None:
        while self._waiting:
            message = self._waiting.popleft()
            acts = self._acts(message)
            dialogs = self._opening()
            self._app.post_message(message)
            if acts:
                try:
                    async with asyncio.timeout(PATIENCE):
                        await self._effect(dialogs)
                except TimeoutError:
                    continue

    def _acts(self, message: Message) -> bool:
        """Whether more may come of it than a letter in a text."""
        if isinstance(message, events.Key):
            focused = self._app.focused
            writes = focused is not None and focused.check_consume_key(message.key, message.character)
            return not (writes and message.is_printable)
        return isinstance(message, events.Paste)

    def _opening(self) -> set[object]:
        """Workers that may be about to open something."""
        return {each for each in self._app.workers if each.group in ("dialog", "palette") and not each.is_finished}

    async def _effect(self, dialogs: set[object]) -> None:
        acted, before = KeyBarrier(), self._top()
        self._app.post_message(acted)
        await acted.done.wait()
        while self._top() == before and self._opening() - dialogs:  # noqa: ASYNC110 - nobody tells when it is open
            await asyncio.sleep(0.002)
        if self._top() != before:
            await _laid_out(self._app.screen)

    def _top(self) -> int:
        """Which screen is shown."""
        return id(self._app.screen)


async def _laid_out(screen: Any) -> None:
    """Wait until a screen is there, with the focus where it begins."""
    laid_out = asyncio.Event()
    await screen._mounted_event.wait()
    screen.call_after_refresh(laid_out.set)
    await laid_out.wait()
