"""The writing half of an open channel: new messages, replies, edits, drafts, and what is held back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import tzinfo
from typing import Literal

from textual import on, work
from textual.widgets import TextArea

from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.models import Message
from asnity_tui.client.clock import Clock
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.sync.drafts import SubmittedText
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.messages import CommandSubmitted
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.state import changes
from asnity_tui.state.changes import Fact, Restored
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.text.styles import spans
from asnity_tui.widgets.timeline.layout import RenderContext, author_of, is_action, one_line

from .compose_modes import Editing, Replying
from .compose_warnings import WHO_READS, why_silent
from .type_ahead import TypedAhead, is_led
from .unsaved import Unkept


class Writing(Unkept, part=True):
    """Takes what is written in the composer to the session, or holds it while it isn't known where it belongs."""

    def __init__(self, session: Session, requests: PendingRequests, *, clock: Clock, zone: tzinfo | None) -> None:
        super().__init__(session, requests, clock=clock, zone=zone)
        self._answers: dict[str, Replying] = {}
        """What the draft of a channel answers."""
        self._edits: dict[str, tuple[Editing, str]] = {}
        """Changes to messages that were begun, by the channel in which."""
        self._turn = asyncio.Lock()
        """What was written first is sent first."""
        self.ahead: TypedAhead | None = None
        self._carried: tuple[list[str], str] | None = None
        """What was typed ahead and belongs to the channel that is being opened: see `TypedAhead.divided`."""
        self.composer.desk = self

    # From one channel to another

    def leave_writing(self) -> None:
        """Another channel comes, or none: what was typed ahead goes along, everything else stays."""
        self.offer_no_more()
        self._carried = None
        if self.channel_id is None and self.gone is None:
            return
        ahead, self.ahead = self.ahead, None
        if ahead is not None:
            parts = ahead.divided(self.composer.text) if is_led(ahead) else None
            if parts is not None:
                stays, texts, rest = parts
                self._carried = (texts, rest)
            else:
                stays = ahead.together(self.composer.text)
            if stays != self.composer.text:
                self.composer.put(stays)
        if self.channel_id is not None and isinstance(self.mode, Editing):
            self._edits[self.channel_id] = (self.mode, self.composer.text)
        elif self.channel_id is not None:
            self.session.set_draft(self.channel_id, self.composer.text)
        super().leave_writing()

    def begin_writing(self) -> None:
        """The channel's draft, with what it answers, or the change to a message that was begun here."""
        self.composer.read_only = False
        self._people_asked.clear()
        edit = self._edits.pop(self.channel_id, None) if self.channel_id else None
        self.mode = self._answered_here()
        if edit is not None:
            self.mode = edit[0]
            self.composer.put(edit[1])
        carried, self._carried = self._carried, None
        if self.ahead is not None:  # it began before any channel was open
            self.ahead.origin, self.ahead.before = self.channel_id, self.composer.text
        if carried is not None:
            self._take_up(*carried)
        self.say_writing()

    def _answered_here(self) -> Replying | None:
        """What the open channel's draft answers, since before the program began perhaps."""
        channel_id = self.channel_id or ""
        held, message_id = self._answers.get(channel_id), self.session.preferences.reply_to(channel_id)
        if held is None and message_id is not None and self.session.draft(channel_id).strip():
            timeline = self.channel.timeline if self.channel is not None else None
            message = timeline.find(message_id) if timeline is not None else None
            unknown = Replying(message_id, "", "an earlier message")
            held = self.replying(message, self._render_context()) if message is not None else unknown
            self._answers[channel_id] = held
        return held

    def write_on(self) -> None:
        """What was typed on the way here belongs here, where it began."""
        ahead = self.ahead
        parts = ahead.divided(self.composer.text) if ahead is not None and is_led(ahead) else None
        if parts is not None:
            self.ahead = None
            self.composer.put(parts[0])
            self._take_up(*parts[1:])
            self.say_writing()

    def _take_up(self, texts: list[str], rest: str) -> None:
        """Go on with what was typed ahead, now that it is known where it belongs."""
        if rest:
            draft = self.composer.text
            self.composer.put(f"{draft}\n{rest}" if draft.strip() else rest)
        while texts:
            text = texts.pop(0)
            if not self._enter(text, None):
                self.composer.put_before("\n".join((text, *texts)))
                break
            if self.ahead is not None:  # it was a command that leads on
                self.ahead.texts = texts
                break
        self.keep_draft()
        self.composer.focus()

    def begin_ahead(self) -> TypedAhead:
        """From here on, what is typed waits until it is known where it belongs; what waits already goes on waiting."""
        had = self.ahead
        here = self.gone.channel_id if self.gone is not None else self.channel_id
        now = TypedAhead(here, self.composer.text, [])
        self.ahead = now if had is None else TypedAhead(had.origin, had.before, had.texts)
        return self.ahead

    def end_ahead(self, ahead: TypedAhead) -> None:
        """It led nowhere: what was typed comes back to the composer, unsent."""
        if self.ahead is ahead:
            self.ahead = None
            text = ahead.together(self.composer.text)
            if text != self.composer.text:
                self.composer.put(text)
            self.say_writing()

    def command_failed(self, text: str, channel_id: str | None, ahead: TypedAhead | None) -> None:
        """What was typed behind a command comes back, else the command itself."""
        if ahead is not None:
            self.end_ahead(ahead)
        if channel_id == self.channel_id and not self.composer.text and self.ahead is None:
            self.composer.put(text)

    def closing(self) -> None:
        """The channel closed: nothing is answered or changed any more, but the text of a change stays."""
        channel_id = self.channel_id or ""
        if isinstance(self.mode, Editing):
            draft = self.session.draft(channel_id)
            if draft.strip():
                self.composer.put_before(draft)
        self.mode = None
        self._answers.pop(channel_id, None)
        self._edits.pop(channel_id, None)
        self.session.set_draft(channel_id, self.composer.text)

    # What is written now

    def set_mode(self, mode: Replying | Editing | None, text: str | None = None) -> None:
        """Reply, edit, or write anew; `text` replaces what stands in the composer."""
        was, self.mode = self.mode, mode
        if self.channel_id and isinstance(mode, Editing) and not isinstance(was, Editing):
            self.session.set_draft(self.channel_id, self.composer.text)
        if self.channel_id and isinstance(mode, Replying):
            self._answers[self.channel_id] = mode
            self.session.preferences.set_reply_to(self.channel_id, mode.message_id)
        elif self.channel_id and mode is None and text is None and isinstance(was, Editing):
            self.mode = self._answers.get(self.channel_id)
        elif self.channel_id and mode is None:
            self._answers.pop(self.channel_id, None)
            self.session.preferences.set_reply_to(self.channel_id, None)
        self.say_writing()
        if text is not None:
            self.composer.put(text)
        elif isinstance(was, Editing) and self.channel_id:
            self.composer.put(self.session.draft(self.channel_id))

    def replying(self, message: Message, render_context: RenderContext | None = None) -> Replying:
        """The mode that answers a message."""
        render_context = render_context or self.view.rows.context
        if message.deleted_at is not None:
            return Replying(message.id, "", "a deleted message")
        said = one_line(message, render_context)
        return Replying(message.id, "" if is_action(message) else author_of(message, render_context), said)

    def say_writing(self) -> None:
        """What is said above the composer of what is written there."""
        mode, left, right = self.mode, spans(), spans()
        if self.ahead is not None and (self.ahead.texts or self.composer.text != self.ahead.before):
            many = len(self.ahead.texts)
            held = f"{many} message{'s' if many > 1 else ''}" if many else "What you type"
            left = spans((f"   {held} will go to the channel being opened …", "accent"))
            right = spans(("Esc cancels ", "dim"))
        elif self.cannot_send():
            left, right = self.closed_words()
        elif self.unkept_words()[0]:
            left, right = self.unkept_words()
        elif isinstance(mode, Replying):
            left = spans(("   > ", "dim"), (f"{mode.name}: " if mode.name else "", "accent"), (mode.said, "dim"))
        elif mode is not None:
            left = spans(("   ", "plain"), ("Editing", "accent"))
        self.note.display = bool(left)
        self.note.say(left, right or (spans(("Esc cancels ", "dim")) if mode and left else ()))

    def cannot_send(self) -> str:
        """Why nothing can be sent from here."""
        if isinstance(self.mode, Editing):
            message = self.view.rows.context.message_of(self.mode.message_id)
            if message is not None and message.deleted_at is not None:
                return "The message that you are editing was deleted"
        return super().cannot_send()

    def keep_draft(self) -> None:
        """What stands in the composer is the channel's draft, even what nobody was told of yet."""
        channel_id = self.gone.channel_id if self.gone is not None else self.channel_id
        if channel_id is not None and self.ahead is not None:
            self.session.set_draft(channel_id, self.ahead.together(self.composer.text))
        elif channel_id is not None and not isinstance(self.mode, Editing):
            self.session.set_draft(channel_id, self.composer.text)

    @on(TextArea.Changed)
    def _typed(self) -> None:
        channel_id = self.gone.channel_id if self.gone is not None else self.channel_id
        if channel_id is None:
            return
        known = self.session.draft(channel_id)
        self.keep_draft()
        new = self.ahead is None and not isinstance(self.mode, Editing) and self.composer.text not in ("", known)
        if new and self.composer.has_focus and not self.cannot_send():
            self.session.typing(channel_id)
        if not self.composer.text:
            self.offer_no_more()
        self.say_typing()
        if self.ahead is not None or self.cannot_send():
            self.say_writing()
        self.offer()

    @on(Composer.Left)
    def _left_composer(self) -> None:
        if self.ahead is not None:
            self.end_ahead(self.ahead)
        elif isinstance(self.mode, Editing) and self.cannot_send():
            self.set_mode(None, self.composer.text)
        elif self.mode is not None:
            self.set_mode(None)
        elif self.gone is not None:
            self.explain()
        elif not self.undo_send():
            self.leave_composer()

    def undo_send(self) -> bool:
        """Take back what is still held; whether there was something."""
        raise NotImplementedError

    @on(Composer.TooLong)
    def _too_long(self, event: Composer.TooLong) -> None:
        many = f"{event.excess:,} character{'s' if event.excess != 1 else ''}"
        self.notify(f"This is {many} too long.", severity="warning", markup=False)

    def hurry(self) -> None:
        """Let what is held in this channel go now."""
        if self.channel_id is not None:
            self.session.hurry(self.channel_id)

    def submit(self, text: str) -> None:
        """Enter, at the very key: where the person is now is where the text goes."""
        if self.ahead is not None:
            self.ahead.texts.append(text)
            self.composer.put("")
            self.say_writing()
            return
        mode = self.mode
        done = self._enter(text, mode)
        if done:
            self.composer.put("")
            self.keep_draft()
        if done == "sent" and mode is not None:
            self.set_mode(None)

    def _enter(self, text: str, mode: Replying | Editing | None) -> Literal["sent", "done", ""]:
        """Send a text, or do what it says behind its slash; nothing where neither can be, which is said."""
        said = text
        if not isinstance(mode, Editing) and text.startswith("/"):
            from asnity_tui.commands import slash  # late: most texts are no commands
            from asnity_tui.commands.slash_commands import (  # late: they know everything that can be done
                BY_NAME,
                no_command,
                stays,
            )

            meant = slash.read(text, BY_NAME)
            if isinstance(meant, slash.Unknown):
                self.notify(no_command(meant.name), severity="warning", markup=False)
                return ""
            if isinstance(meant, slash.Do):
                ahead = None if stays(meant.name, meant.rest) else self.begin_ahead()
                if ahead is not None:
                    ahead.before = ""
                self.post_message(CommandSubmitted(meant.name, meant.rest, text, self.channel_id, ahead))
                return "done"
            said = meant.text
        if self.cannot_send():
            self.explain()
            return ""
        if self.channel is None or self.channel_id is None:
            return ""
        if why_silent(self.session.store, self.channel, now=self.now(), zone=self._zone):
            self.app.bell()  # the line above the composer says why
            return ""
        editing = isinstance(mode, Editing)
        self._send(self.channel_id, said, text, mode, None if editing else self.session.lift(self.channel_id, text))
        return "sent"

    @work(group="send", exit_on_error=False)
    async def _send(
        self, channel_id: str, text: str, typed: str, mode: Replying | Editing | None, lifted: SubmittedText | None
    ) -> None:
        """`typed` is what stood in the composer for it, which is `lifted` unless it is an edit."""
        try:
            async with self._turn:
                if self.names_wanted:
                    self.names_wanted = False
                    text = (await self.emoji_names()).replace(text)
                if isinstance(mode, Editing):
                    await self.session.edit(channel_id, mode.message_id, text)
                else:
                    reply_to = mode.message_id if mode else None
                    await self.session.send(channel_id, text, reply_to=reply_to, lifted=lifted)
        except BaseException as error:
            self.session.lower(lifted)
            self._give_back(channel_id, typed, mode)
            if not isinstance(error, AsnityError | StorageError):
                raise
            self.tell_not_done(error, channel_id, self.composer.submit)
            return
        if channel_id == self.channel_id and not isinstance(mode, Editing):
            self.view.set_new_after(None)  # whoever answers has read what was new
            self.newest()

    def _give_back(self, channel_id: str, text: str, mode: Replying | Editing | None) -> None:
        """What couldn't be sent is to be where it was written."""
        if self.gone is not None and channel_id == self.gone.channel_id:
            self.composer.put_before(text)
        elif channel_id == self.channel_id:
            self.put_before(text, mode)
        elif self.session.store.channel(channel_id) is None:
            self.session.keep_text(channel_id, text)
        else:
            held = self.session.draft(channel_id)
            self.session.set_draft(channel_id, text + (f"\n{held}" if held.strip() else ""))

    def take(self, facts: Sequence[Fact]) -> None:
        """Draw what changed."""
        if any(isinstance(each, changes.CommunityLive) for each in facts):
            self._people_asked.clear()
        if any(isinstance(each, WHO_READS) for each in facts):
            self.say_typing()
        if any(isinstance(each, Restored) for each in facts):
            self._start_over()
        if any(isinstance(each, changes.TimelineChanged) and each.channel_id == self.channel_id for each in facts):
            self._say_answered()
        super().take(facts)

    def _say_answered(self) -> None:
        """Say of the message that is being answered what it is now: it was loaded, edited or deleted."""
        mode = self.mode
        message = self._render_context().message_of(mode.message_id) if isinstance(mode, Replying) else None
        if message is not None and (said := self.replying(message, self._render_context())) != mode:
            self.mode = self._answers[self.channel_id or ""] = said
            self.say_writing()

    def _start_over(self) -> None:
        """The server was restored: what is shown, edited or answered may be another message; the text stays."""
        self._target, self._marking = None, False
        channel = self.channel
        if channel is not None:
            rule = channel.read_id if channel.counts[0] else None
            self._target = rule + 1 if rule is not None else None
            self._show(channel, rule)
        self._answers.clear()
        if isinstance(self.mode, Editing) and self.channel_id:
            self.put_before(self.composer.text, None)
        elif self.mode is not None:
            self.set_mode(None)

    def put_before(self, text: str, mode: Replying | Editing | None) -> None:
        """Put a text in front of what is being written, for which an edit makes room."""
        held = self.composer.text
        if isinstance(self.mode, Editing):
            held = self.session.draft(self.channel_id) if self.channel_id else ""
        self.set_mode(mode, text + (f"\n{held}" if held.strip() else ""))
        self.keep_draft()
