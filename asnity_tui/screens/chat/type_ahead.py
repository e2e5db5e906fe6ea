"""Holds what is typed behind a command that leads elsewhere, until it is known where that is."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import msgspec

P = ParamSpec("P")


class TypedAhead(msgspec.Struct, eq=False):
    """One way to somewhere else that is being gone, and what was typed since it began."""

    origin: str | None
    """The channel where it began."""
    before: str
    """What stood in the composer then: it belongs there."""
    texts: list[str]
    """What was typed since and ended with Enter, in order."""

    def divided(self, text: str) -> tuple[str, list[str], str] | None:
        """What stays, what was ended with Enter since, and what was begun since; None if they can't be told apart."""
        whole = [*self.texts, text]
        if not whole[0].startswith(self.before):
            return None
        whole[0] = whole[0][len(self.before) :].lstrip() if self.before else whole[0]
        *texts, rest = whole
        return self.before, [each for each in texts if each.strip()], rest

    def together(self, text: str) -> str:
        """Everything, as one text."""
        return "\n".join(each for each in (*self.texts, text) if each)


_FLOW: ContextVar[TypedAhead | None] = ContextVar("flow", default=None)
"""What the running task is doing for the person, if that leads elsewhere; tasks that it starts inherit it."""


class Typed(Protocol):
    """The conversation, as those see it who lead away from it."""

    ahead: TypedAhead | None

    def begin_ahead(self) -> TypedAhead:
        """From here on, what is typed waits."""

    def end_ahead(self, ahead: TypedAhead) -> None:
        """It led nowhere: what was typed comes back, unsent."""


class LeadsAway(Protocol):
    """A screen with a conversation."""

    @property
    def conversation(self) -> Typed:
        """The open channel."""

    def run_worker(self, work: Coroutine[Any, Any, None], *, group: str, exit_on_error: bool) -> object:
        """Textual's way to begin a task."""


def may_lead(conversation: Typed) -> bool:
    """Whether the running task may still open a channel: not when the person has gone elsewhere since it began."""
    flow = _FLOW.get()
    return flow is None or flow is conversation.ahead


def is_led(ahead: TypedAhead) -> bool:
    """Whether the running task is the one that what was typed waits for."""
    return _FLOW.get() is ahead


async def lead(conversation: Typed, ahead: TypedAhead, doing: Coroutine[Any, Any, None]) -> None:
    """Go a way that was begun."""
    _FLOW.set(ahead)
    try:
        await doing
    finally:
        conversation.end_ahead(ahead)


Screen = TypeVar("Screen", bound=LeadsAway)


def leading(
    method: Callable[Concatenate[Screen, P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate[Screen, P], None]:
    """For methods of a screen that may end elsewhere: they run as a task, and what is typed waits from the call on."""

    def begin(self: Screen, /, *args: P.args, **kwargs: P.kwargs) -> None:
        conversation = self.conversation
        work = lead(conversation, conversation.begin_ahead(), method(self, *args, **kwargs))
        self.run_worker(work, group="dialog", exit_on_error=False)

    begin.__name__, begin.__doc__ = method.__name__, method.__doc__
    return begin
