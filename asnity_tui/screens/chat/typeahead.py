"""Holds what is typed behind a command that leads elsewhere, until it is known where that is."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, ParamSpec

import msgspec
from textual.message import Message

from asnity_tui.widgets.composer import Composer

from .open_channel import OpenChannel

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
        """Divide a text: it stays, was ended with Enter since, or was begun since; None if that can't be told apart."""
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


def _is_led(ahead: TypedAhead) -> bool:
    """Whether the running task is the one that what was typed waits for."""
    return _FLOW.get() is ahead


class CommandSubmitted(Message):
    """A slash command was submitted."""

    def __init__(self, name: str, rest: str, text: str, channel_id: str | None, ahead: TypedAhead | None) -> None:
        """`name` is a command; `text` all that was written, in the channel `channel_id`.

        What is typed behind it waits in `ahead`, if it may lead elsewhere.
        """
        super().__init__()
        self.name = name
        self.rest = rest
        self.text = text
        self.channel_id = channel_id
        self.ahead = ahead


class TypeAhead:
    """Holds what is typed while a channel is being opened, and carries it there or gives it back."""

    def __init__(
        self,
        channel: OpenChannel,
        composer: Composer,
        *,
        submit: Callable[[str], bool],
        keep_draft: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        """`submit` takes a text as Enter does, and answers whether it did."""
        self.current: TypedAhead | None = None
        self._channel = channel
        self._composer = composer
        self._submit = submit
        self._keep_draft = keep_draft
        self._changed = changed
        self._carried: tuple[list[str], str] | None = None
        """What belongs to the channel that is being opened: see `TypedAhead.divided`."""

    def begin(self) -> TypedAhead:
        """From here on, what is typed waits until it is known where it belongs; what waits already goes on waiting."""
        had = self.current
        now = TypedAhead(self._channel.draft_id, self._composer.text, [])
        self.current = now if had is None else TypedAhead(had.origin, had.before, had.texts)
        return self.current

    def end(self, ahead: TypedAhead) -> None:
        """It led nowhere: what was typed comes back to the composer, unsent."""
        if self.current is ahead:
            self.current = None
            text = ahead.together(self._composer.text)
            if text != self._composer.text:
                self._composer.put(text)
            self._changed()

    def hold(self, text: str) -> bool:
        """Keep a text that was ended with Enter; False if nothing is being opened."""
        if self.current is None:
            return False
        self.current.texts.append(text)
        self._composer.put("")
        self._changed()
        return True

    def held_words(self, text: str) -> str:
        """Say what is held, if anything is beside what stood in the composer."""
        ahead = self.current
        if ahead is None or not (ahead.texts or text != ahead.before):
            return ""
        many = len(ahead.texts)
        return f"{many} message{'s' if many > 1 else ''}" if many else "What you type"

    def may_lead(self) -> bool:
        """Whether the running task may still open a channel: not when the person has gone elsewhere since it began."""
        flow = _FLOW.get()
        return flow is None or flow is self.current

    async def lead(self, ahead: TypedAhead, doing: Coroutine[Any, Any, None]) -> None:
        """Go a way that was begun."""
        _FLOW.set(ahead)
        try:
            await doing
        finally:
            self.end(ahead)

    # From one channel to another

    def leave(self) -> None:
        """Another channel comes, or none: what was typed ahead goes along if it was typed for that one."""
        self._carried = None
        if self._channel.draft_id is None:
            return
        ahead, self.current = self.current, None
        if ahead is not None:
            parts = ahead.divided(self._composer.text) if _is_led(ahead) else None
            if parts is not None:
                stays, texts, rest = parts
                self._carried = (texts, rest)
            else:
                stays = ahead.together(self._composer.text)
            if stays != self._composer.text:
                self._composer.put(stays)

    def arrive(self) -> None:
        """The channel is open: go on there with what came along."""
        carried, self._carried = self._carried, None
        if self.current is not None:  # it began before any channel was open
            self.current.origin, self.current.before = self._channel.id, self._composer.text
        if carried is not None:
            self._take_up(*carried)

    def stay(self) -> None:
        """It led to where it began: what was typed on the way belongs here."""
        ahead = self.current
        parts = ahead.divided(self._composer.text) if ahead is not None and _is_led(ahead) else None
        if parts is not None:
            self.current = None
            self._composer.put(parts[0])
            self._take_up(*parts[1:])
            self._changed()

    def _take_up(self, texts: list[str], rest: str) -> None:
        if rest:
            draft = self._composer.text
            self._composer.put(f"{draft}\n{rest}" if draft.strip() else rest)
        while texts:
            text = texts.pop(0)
            if not self._submit(text):
                self._composer.put_before("\n".join((text, *texts)))
                break
            if self.current is not None:  # it was a command that leads on
                self.current.texts = texts
                break
        self._keep_draft()
        self._composer.focus()
