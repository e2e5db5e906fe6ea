"""The person's activity: whether somebody looks at the terminal, and is there at all."""

from __future__ import annotations

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session

IDLE = 10 * 60_000
"""Milliseconds without a key after which others see that I am away."""

UNTOUCHED = 60_000
"""The same after which nobody is looking, where the terminal doesn't tell whether it has the focus."""


class UserActivity:
    """Follows keys and the terminal's focus."""

    def __init__(self, session: Session, *, clock: Clock) -> None:
        self.focused = True
        self._session = session
        self._clock = clock
        self._knows_focus = False
        self._idle = False
        self._touched_at = clock.now()

    def touched(self) -> None:
        """Note a key, or the mouse."""
        self._touched_at = self._clock.now()
        if self._idle:
            self._idle = False
            self._session.set_idle(False)

    def focus_changed(self, focused: bool) -> None:
        """Note that the terminal got or lost the focus."""
        self._knows_focus = True
        self.focused = focused
        self._session.focus(focused)
        if focused:
            self.touched()

    def tick(self) -> None:
        """See now and then whether anybody is there."""
        if not self._idle and self._clock.now() - self._touched_at >= IDLE:
            self._idle = True
            self._session.set_idle(True)

    @property
    def looks_away(self) -> bool:
        """Whether nobody looks at the terminal, as far as one can know."""
        if self._knows_focus:
            return not self.focused
        return self._clock.now() - self._touched_at >= UNTOUCHED
