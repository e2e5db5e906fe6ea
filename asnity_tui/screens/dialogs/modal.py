"""The base of all dialogs: closed once, however fast keys come."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from asnity_tui.screens.worker_errors import leave_toasts

T = TypeVar("T")


class Modal(ModalScreen[T], Generic[T]):
    """A screen that lies over another one."""

    _is_answered = False

    def on_screen_suspend(self) -> None:
        """Another one lies over this one, and shows the toasts in its place."""
        leave_toasts(self)

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close with an answer. A second one, from a key that came with the first, is too late."""
        if self._is_answered:
            return AwaitComplete()
        self._is_answered = True
        return super().dismiss(result)
