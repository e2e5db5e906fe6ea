"""Whether the person is looking, is there at all, and wants to be told of what arrives."""

from __future__ import annotations

from collections.abc import Callable

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.state.changes import MessageArrived
from asnity_tui.state.notification_levels import should_notify

IDLE = 10 * 60_000
"""Milliseconds without a key after which others see that I am away."""

UNTOUCHED = 60_000
"""The same after which nobody is looking, where the terminal doesn't tell whether it has the focus."""

PAUSE = 3_000
"""Milliseconds between two notifications of one channel."""


class Attention:
    """Follows keys and the terminal's focus."""

    def __init__(self, session: Session, *, clock: Clock, alert: Callable[[str], None]) -> None:
        """`alert` gets a harmless sentence to be told outside of the program."""
        self.focused = True
        self._session = session
        self._clock = clock
        self._alert = alert
        self._knows_focus = False
        self._idle = False
        self._touched_at = clock.now()
        self._told_at: dict[str, int] = {}

    def touched(self) -> None:
        """A key, or the mouse."""
        self._touched_at = self._clock.now()
        if self._idle:
            self._idle = False
            self._session.set_idle(False)

    def focus_changed(self, focused: bool) -> None:
        """The terminal says whether it has the focus."""
        self._knows_focus = True
        self.focused = focused
        if focused:
            self.touched()

    def tick(self) -> None:
        """Now and then: is anybody there?"""
        if not self._idle and self._clock.now() - self._touched_at >= IDLE:
            self._idle = True
            self._session.set_idle(True)

    @property
    def looks_away(self) -> bool:
        """Nobody looks at the terminal, as far as one can know."""
        if self._knows_focus:
            return not self.focused
        return self._clock.now() - self._touched_at >= UNTOUCHED

    def arrived(self, fact: MessageArrived, sentence: Callable[[], str]) -> None:
        """A message came in: tell, if nobody looks and it is wanted."""
        if not self.looks_away or not should_notify(self._session.store, self._session.preferences, fact):
            return
        now = self._clock.now()
        if now - self._told_at.get(fact.channel_id, -PAUSE) >= PAUSE:
            self._told_at[fact.channel_id] = now
            self._alert(sentence())
