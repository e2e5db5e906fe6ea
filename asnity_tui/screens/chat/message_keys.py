"""Keys while a message, or a list, has the focus: each waits for what the one before did, and text is written.

A letter that does something may move the focus or ask a question. What is typed after it, however fast, belongs to
where it led: else the rest of a word would act on messages, letter by letter.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, TypeAlias

from textual import events
from textual.screen import Screen
from textual.worker import Worker, WorkerError

from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.timeline.messages import KeyHandled

from .conversation import Conversation
from .sidebar import Panes

Typed: TypeAlias = events.Key | events.Paste

OPENING = ("dialog", "command ")
"""Beginnings of the groups of workers that may ask something before they do it."""

HELD_AT_MOST = 2.0
"""Seconds that keys wait for a question that is being opened; a machine that slow gets them a little early."""


class MessageKeys:
    """Takes keys before Textual hands them to what has the focus."""

    def __init__(self, screen: Screen[Any], conversation: Conversation, panes: Panes) -> None:
        self._screen = screen
        self._conversation = conversation
        self._panes = panes
        self._holding = False
        self._held: tuple[Typed, ...] = ()
        self._covered: asyncio.Event | None = None
        self._ended: asyncio.Task[None] | None = None

    @property
    def is_holding(self) -> bool:
        """Tell whether keys wait for what the one before them does."""
        return self._holding

    def holds(self, event: Typed) -> bool:
        """Hold a key that has to wait, until it comes again by itself; False if it needn't."""
        if self._holding:
            self._held += (event,)
        return self._holding

    async def take(self, event: Typed) -> bool:
        """Do what a key does where messages or lists have the focus; False if it is as usual."""
        screen, view = self._screen, self._conversation.view
        focused = screen.focused
        if focused is not view and not isinstance(focused, ListPane):
            return False
        active = screen.active_bindings.get(event.key) if isinstance(event, events.Key) else None
        if active is None:
            return self._write(event)
        if active.node is not view:
            return False
        self._holding, self._covered = True, asyncio.Event()
        before = set(screen.app.workers)
        await screen.app.run_action(active.binding.action, view)
        view.post_message(KeyHandled(view.channel_id, before))  # comes behind whatever the action posted
        return True

    def _write(self, event: Typed) -> bool:
        """Go on in the composer with what has no meaning here; False for what is no text."""
        text = event.text if isinstance(event, events.Paste) else event.character or ""
        printable = isinstance(event, events.Paste) or (event.is_printable and "+" not in event.key)
        if not text.strip() or not printable:
            return False
        composer = self._conversation.composer
        if composer.read_only:
            self._screen.app.bell()
            return True
        self._panes.uncover()
        self._screen.set_focus(composer)
        return False  # the composer has the focus now, and gets it

    def acted(self, event: KeyHandled) -> None:
        """Let the keys go that waited for an action, or for the question that it asks."""
        opening = [
            each for each in self._screen.app.workers if each not in event.before and each.group.startswith(OPENING)
        ]
        if opening and self._covered is not None:
            release = self._release_after(opening, self._covered)
            self._screen.run_worker(release, group="keys", exit_on_error=False)
        else:
            self._screen.app.call_later(self._release)

    async def _release_after(self, opening: list[Worker[object]], covered: asyncio.Event) -> None:
        """Wait until a question is asked, or isn't going to be."""
        # never cancelled: that would take the workers with it
        self._ended = asyncio.create_task(_ended(opening, covered))
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(covered.wait(), HELD_AT_MOST)
        finally:
            self._screen.app.call_later(self._release)

    def covered(self) -> None:
        """Note that a dialog covers the messages: what was typed belongs to it."""
        if self._covered is not None:
            self._covered.set()

    async def _release(self) -> None:
        """Let the keys that waited come again, in order; one of them may hold those behind it."""
        held, self._held, self._holding = self._held, (), False
        for event in held:
            await self._screen.app.on_event(event)


async def _ended(workers: list[Worker[object]], covered: asyncio.Event) -> None:
    for each in workers:
        with suppress(WorkerError):
            await each.wait()
    covered.set()
