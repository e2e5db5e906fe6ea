"""The modes of writing: new messages, replies and edits, by channel; and whether letters are written or act."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from textual.widget import Widget

from asnity_server.protocol.models import Message
from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.commands.bindings import in_force
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.timeline.layout import RenderContext, author_of, is_action, one_line
from asnity_tui.widgets.timeline.view import TimelineView

from .open_channel import OpenChannel
from .timeline_controller import TimelineController

BOUNCE = 1000
"""Milliseconds after the way back to the composer in which Escape doesn't lead to the messages again."""


class Replying(msgspec.Struct, frozen=True):
    """The text answers a message."""

    message_id: int
    name: str
    """Its author; empty where it says so by itself."""
    said: str
    """Its text in one harmless line."""


class Editing(msgspec.Struct, frozen=True):
    """The text replaces that of a message."""

    message_id: int


class ComposeMode:
    """The mode of the open channel, and those of the others until they are opened again."""

    def __init__(
        self,
        session: Session,
        channel: OpenChannel,
        timeline: TimelineController,
        composer: Composer,
        *,
        changed: Callable[[], None],
    ) -> None:
        self.current: Replying | Editing | None = None
        self._session = session
        self._channel = channel
        self._timeline = timeline
        self._composer = composer
        self._changed = changed
        self._answers: dict[str, Replying] = {}
        """The messages that drafts answer, by channel."""
        self._edits: dict[str, tuple[Editing, str]] = {}
        """Changes to messages that were begun, by the channel in which."""

    def set(self, mode: Replying | Editing | None, text: str | None = None) -> None:
        """Reply, edit, or write anew; `text` replaces what stands in the composer."""
        was, self.current, channel_id = self.current, mode, self._channel.id
        if channel_id and isinstance(mode, Editing) and not isinstance(was, Editing):
            self._session.drafts.set(channel_id, self._composer.text)
        if channel_id and isinstance(mode, Replying):
            self._answers[channel_id] = mode
            self._session.preferences.set_reply_to(channel_id, mode.message_id)
        elif channel_id and mode is None and text is None and isinstance(was, Editing):
            self.current = self._answers.get(channel_id)
        elif channel_id and mode is None:
            self._answers.pop(channel_id, None)
            self._session.preferences.set_reply_to(channel_id, None)
        self._changed()
        if text is not None:
            self._composer.put(text)
        elif isinstance(was, Editing) and channel_id:
            self._composer.put(self._session.drafts.get(channel_id))

    def replying(self, message: Message, context: RenderContext | None = None) -> Replying:
        """Make the mode that answers a message."""
        context = context or self._timeline.view.rows.context
        if message.deleted_at is not None:
            return Replying(message.id, "", "a deleted message")
        said = one_line(message, context)
        return Replying(message.id, "" if is_action(message) else author_of(message, context), said)

    @property
    def is_editing(self) -> bool:
        """Whether the text replaces that of a message."""
        return isinstance(self.current, Editing)

    @property
    def edits_deleted(self) -> bool:
        """Whether the message that is being edited was deleted meanwhile."""
        if not isinstance(self.current, Editing):
            return False
        message = self._timeline.view.rows.context.message_of(self.current.message_id)
        return message is not None and message.deleted_at is not None

    def draft(self) -> str:
        """Answer the draft of the open channel, which an edit leaves alone."""
        if isinstance(self.current, Editing):
            return self._session.drafts.get(self._channel.id) if self._channel.id else ""
        return self._composer.text

    # From one channel to another

    def leave(self) -> None:
        """Remember the text of the channel that is being left, as its draft or as the edit that it is."""
        channel_id = self._channel.id
        if channel_id is not None and isinstance(self.current, Editing):
            self._edits[channel_id] = (self.current, self._composer.text)
        elif channel_id is not None:
            self._session.drafts.set(channel_id, self._composer.text)

    def enter(self) -> None:
        """Take up the open channel's draft with what it answers, or the edit that was begun here."""
        edit = self._edits.pop(self._channel.id, None) if self._channel.id else None
        self.current = self._answered_here()
        if edit is not None:
            self.current = edit[0]
            self._composer.put(edit[1])

    def _answered_here(self) -> Replying | None:
        """Find the message that the open channel's draft answers, since before the program began perhaps."""
        channel_id = self._channel.id or ""
        held, message_id = self._answers.get(channel_id), self._session.preferences.reply_to(channel_id)
        if held is None and message_id is not None and self._session.drafts.get(channel_id).strip():
            context = self._timeline.context()
            message = context.message_of(message_id)
            unknown = Replying(message_id, "", "an earlier message")
            held = self.replying(message, context) if message is not None else unknown
            self._answers[channel_id] = held
        return held

    def close(self) -> None:
        """Answer and edit nothing any more, as the channel closed; the text of an edit stays."""
        channel_id = self._channel.id or ""
        if isinstance(self.current, Editing):
            draft = self._session.drafts.get(channel_id)
            if draft.strip():
                self._composer.put_before(draft)
        self.current = None
        self._answers.pop(channel_id, None)
        self._edits.pop(channel_id, None)
        self._session.drafts.set(channel_id, self._composer.text)

    # Changes of messages

    def update_answered(self) -> None:
        """Show the message that is being answered as it is now: it was loaded, edited or deleted."""
        mode, context = self.current, self._timeline.context()
        message = context.message_of(mode.message_id) if isinstance(mode, Replying) else None
        if message is not None and (said := self.replying(message, context)) != mode:
            self.current = self._answers[self._channel.id or ""] = said
            self._changed()

    def forget_answers(self) -> None:
        """Forget the messages that drafts answer: the server was restored, and they may be others."""
        self._answers.clear()


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
