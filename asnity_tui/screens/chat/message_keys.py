"""Keys while a message, or a list, has the focus: each waits for what the one before did, and text is written.

A letter that does something may move the focus or ask a question. Whatever is typed behind it, however fast, belongs to
where it led: else the rest of a word would act on messages, letter by letter.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TypeAlias

from textual import events, on, work
from textual.widgets import TextArea
from textual.worker import Worker, WorkerError

from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.timeline.messages import KeyHandled

from .command_input import Commanding

Typed: TypeAlias = events.Key | events.Paste

OPENING = frozenset({"delete", "dialog", "link", "pin", "react", "unread"})
"""Groups of the workers that may ask something before they do it."""

HELD_AT_MOST = 2.0
"""Seconds that keys wait for a question that is being opened; a machine that slow gets them a little early."""


class Selecting(Commanding, part=True):
    """Takes keys before Textual hands them to what has the focus."""

    _holding = False
    _held: tuple[Typed, ...] = ()
    _covered: asyncio.Event | None = None
    _ended: asyncio.Task[None] | None = None

    @property
    def is_holding(self) -> bool:
        """Whether keys wait for what the one before them does."""
        return self._holding

    def holds(self, event: Typed) -> bool:
        """Whether a key has to wait; then it comes again by itself."""
        if self._holding:
            self._held += (event,)
        return self._holding

    async def take_key(self, event: Typed) -> bool:
        """Do what a key does where messages or lists have the focus; False if it is as usual."""
        view, focused = self.conversation.view, self.focused
        if focused is not view and not isinstance(focused, ListPane):
            return False
        active = self.active_bindings.get(event.key) if isinstance(event, events.Key) else None
        if active is None:
            return self._write(event)
        if active.node is not view:
            return False
        self._holding, self._covered = True, asyncio.Event()
        before = set(self.app.workers)
        await self.app.run_action(active.binding.action, view)
        view.post_message(KeyHandled(view.channel_id, before))  # comes behind whatever the action posted
        return True

    def _write(self, event: Typed) -> bool:
        """Go on in the composer with what has no meaning here; False for what is no text."""
        text = event.text if isinstance(event, events.Paste) else event.character or ""
        printable = isinstance(event, events.Paste) or (event.is_printable and "+" not in event.key)
        if not text.strip() or not printable:
            return False
        composer: TextArea = self.conversation.composer
        if composer.read_only:
            self.app.bell()
            return True
        self.remove_class("-lists-open", "-members-open")  # what lies over the composer
        self.set_focus(composer)
        return False  # the composer has the focus now, and gets it

    def action_undo(self) -> None:
        """Bring back what was deleted last; where nothing was and nobody writes, ctrl+z is the shell's."""
        if self.conversation.actions.undo_delete():
            return
        if self.conversation.composer.has_focus:
            self.notify("Nothing to undo.", timeout=2, markup=False)
        else:
            self.action_suspend()

    @on(KeyHandled)
    def _acted(self, event: KeyHandled) -> None:
        opening = [each for each in self.app.workers if each not in event.before and each.group in OPENING]
        if opening and self._covered is not None:
            self._let_go_behind(opening, self._covered)
        else:
            self.app.call_later(self._let_go)

    @work(group="keys", exit_on_error=False)
    async def _let_go_behind(self, opening: list[Worker[object]], covered: asyncio.Event) -> None:
        """Wait until a question is asked, or isn't going to be."""
        # never cancelled: that would take the workers with it
        self._ended = asyncio.create_task(_ended(opening, covered))
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(covered.wait(), HELD_AT_MOST)
        finally:
            self.app.call_later(self._let_go)

    def on_screen_suspend(self) -> None:
        """A dialog covers the messages: what was typed belongs to it. (Textual calls the base's method itself.)"""
        if self._covered is not None:
            self._covered.set()

    async def _let_go(self) -> None:
        """Let the keys that waited come again, in order; one of them may hold those behind it."""
        held, self._held, self._holding = self._held, (), False
        for event in held:
            await self.app.on_event(event)


async def _ended(workers: list[Worker[object]], covered: asyncio.Event) -> None:
    for each in workers:
        with suppress(WorkerError):
            await each.wait()
    covered.set()
