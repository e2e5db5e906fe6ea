"""Escape between composer and messages: where it leads, and what says whether letters are written or act."""

from __future__ import annotations

from datetime import tzinfo

from textual import events, on
from textual.widgets import TextArea

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.commands.keys_in_force import in_force
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.state.channel import ChannelState
from asnity_tui.widgets.timeline.messages import LeaveTimeline

from .timeline_controller import OpenChannel

BOUNCE = 1000
"""Milliseconds behind the way back to the composer in which Escape doesn't lead to the messages again."""


class Escaping(OpenChannel, part=True):
    """Leads from the composer to the messages only who means it.

    Whoever hammers on Escape ends in the composer, where nothing but text can come of a letter; with a text in it,
    one Escape may be a slip.
    """

    def __init__(self, session: Session, requests: PendingRequests, *, clock: Clock, zone: tzinfo | None) -> None:
        super().__init__(session, requests, clock=clock, zone=zone)
        self.away = ""
        """How to get back to the composer, while a message is selected."""
        self._leaving = False
        """Escape was pressed with a text in the composer; once more, and the messages have the focus."""
        self._back_at = -BOUNCE
        """When somebody came back from the messages."""

    def leave_composer(self) -> None:
        """Escape, and nothing was open that it would have closed."""
        if self._clock.now() - self._back_at < BOUNCE:
            return
        if self.composer.text and not self._leaving:
            self._leaving = True
            self.say_typing()
        else:
            self.stay()
            self.view.focus()

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    def stay(self) -> None:
        """Something else was done in the composer since Escape."""
        if self._leaving:
            self._leaving = False
            self.say_typing()

    @on(LeaveTimeline)
    def _leave_timeline(self) -> None:
        self._back_at = self._clock.now()
        self.composer.focus()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _focus_moved(self) -> None:
        """Say below the messages, too, whether letters are written or do something with one."""
        keys = in_force(self.screen, (("timeline.leave", "back to writing"),)) if self.view.has_focus else ()
        self.away = ": ".join(keys[0]) if keys else ""
        if self.channel is not None:
            self._let_write(self.channel)
        self.say_typing()

    def _let_write(self, channel: ChannelState) -> None:
        """Say where the text will go; while a message is selected, how to get back to writing."""
        super()._let_write(channel)
        if self.away and not self.composer.read_only:
            self.composer.aim("", self.away)

    def say_typing(self) -> None:
        """Who is typing, how much room is left, and what a second Escape would do, or how to get back."""
        keys = in_force(self.screen, (("composer.leave", "again: messages"),)) if self._leaving else ()
        self.beside = " ".join(keys[0]) if keys else self.away if self.composer.text else ""
        super().say_typing()
