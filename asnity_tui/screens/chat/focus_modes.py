"""Escape between composer and messages: leads there and back, and says whether letters are written or act."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from asnity_tui.client.clock import Clock
from asnity_tui.commands.keys_in_force import in_force
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.timeline.view import TimelineView

BOUNCE = 1000
"""Milliseconds after the way back to the composer in which Escape doesn't lead to the messages again."""


class FocusModes:
    """Leads from the composer to the messages only who means it.

    Whoever hammers on Escape ends in the composer, where nothing but text can come of a letter; with a text in it,
    one Escape may be a slip.
    """

    def __init__(
        self, host: Widget, view: TimelineView, composer: Composer, *, clock: Clock, changed: Callable[[], None]
    ) -> None:
        """`changed` is called when other words are to be said."""
        self._host = host
        self._view = view
        self._composer = composer
        self._clock = clock
        self._changed = changed
        self.way_back = ""
        """The way back to the composer, while a message is selected."""
        self._leaving = False
        """Escape was pressed with a text in the composer; once more, and the messages have the focus."""
        self._back_at = -BOUNCE
        """When somebody came back from the messages."""

    def leave_composer(self) -> None:
        """Go to the messages, or say that a second Escape does."""
        if self._clock.now() - self._back_at < BOUNCE:
            return
        if self._composer.text and not self._leaving:
            self._leaving = True
            self._changed()
        else:
            self.stay()
            self._view.focus()

    def stay(self) -> None:
        """Stay in the composer: something else was done there since Escape."""
        if self._leaving:
            self._leaving = False
            self._changed()

    def leave_messages(self) -> None:
        """Go back to the composer."""
        self._back_at = self._clock.now()
        self._composer.focus()

    def focus_moved(self) -> None:
        """Say below the messages, too, whether letters are written or do something with one."""
        keys = in_force(self._host.screen, (("timeline.leave", "back to writing"),)) if self._view.has_focus else ()
        self.way_back = ": ".join(keys[0]) if keys else ""
        self._changed()

    def hint(self) -> str:
        """Word the effect of a second Escape, or the way back, beside a text in the composer."""
        keys = in_force(self._host.screen, (("composer.leave", "again: messages"),)) if self._leaving else ()
        return " ".join(keys[0]) if keys else self.way_back if self._composer.text else ""
