"""The writing half of a conversation: sends new messages, replies and edits, keeps drafts, runs slash commands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import tzinfo
from typing import Literal

from textual.widget import Widget

from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.models import Message
from asnity_tui.client.clock import Clock
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.sync.drafts import SubmittedText
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.worker_errors import start_worker
from asnity_tui.state.changes import (
    ChannelUpdated,
    CommunityChanged,
    CommunityLive,
    Fact,
    MembersChanged,
    PeopleChanged,
    Restored,
    TimelineChanged,
    TypingChanged,
    UsersChanged,
)
from asnity_tui.widgets.composer import Composer

from .completion_list import CompletionList
from .compose_modes import ComposeMode, Editing, FocusModes, Replying
from .compose_status import ComposeStatus, UnsavedOffer
from .compose_warnings import ComposeWarnings
from .open_channel import ClosedChannel, OpenChannel
from .timeline_controller import TimelineController
from .typeahead import CommandSubmitted, TypeAhead, TypedAhead

WHO_READS = (CommunityChanged, MembersChanged, PeopleChanged, UsersChanged)
"""Facts that may change whether I may write, and who reads it."""


class ComposeController:
    """Takes what is written in the composer to the session, or holds it while it isn't known where it belongs."""

    def __init__(
        self,
        host: Widget,
        session: Session,
        channel: OpenChannel,
        timeline: TimelineController,
        composer: Composer,
        completions: CompletionList,
        *,
        clock: Clock,
        zone: tzinfo | None,
    ) -> None:
        """`host` runs the sending and shows what is said of it."""
        self._host = host
        self._session = session
        self._channel = channel
        self._timeline = timeline
        self._composer = composer
        self._completions = completions
        self._turn = asyncio.Lock()
        """Held while something is sent, so that what was written first is sent first."""
        self.unsaved = UnsavedOffer(host, session, changed=self.draw_mode)
        self.mode = ComposeMode(session, channel, timeline, composer, changed=self.draw_mode)
        self.type_ahead = TypeAhead(
            channel,
            composer,
            submit=lambda text: bool(self._enter(text, None)),
            keep_draft=self.keep_draft,
            changed=self.draw_mode,
        )
        self.focus = FocusModes(host, timeline.view, composer, clock=clock, changed=self.draw)
        self.status = ComposeStatus(
            host,
            session,
            channel,
            composer,
            clock=clock,
            zone=zone,
            mode=self.mode,
            type_ahead=self.type_ahead,
            unsaved=self.unsaved,
            focus=self.focus,
            warnings=ComposeWarnings(session, zone=zone, people=completions.people),
        )

    def draw(self) -> None:
        """Draw the lines around the composer that others change, too."""
        self.status.draw()

    def draw_mode(self) -> None:
        """Draw what becomes of the text."""
        self.status.draw_mode()

    # From one channel to another

    def leave(self) -> None:
        """Leave the channel for another one, or none: what was typed ahead goes along, everything else stays."""
        self.unsaved.withdraw()
        self.type_ahead.leave()
        if self._channel.draft_id is None:
            return
        self.mode.leave()
        closed, self._channel.closed = self._channel.closed, None
        self.status.forget()
        self._composer.remove_class("-closed")
        if closed is not None:
            text = self._composer.text
            self._session.persistence.keep_text(closed.channel_id, text, place=closed.title, why=f"{closed.why}.")
            if text.strip():
                told = f"Your text for {closed.title} is kept: alt+o shows unsent messages."
                self._host.notify(told, markup=False)

    def open(self) -> None:
        """Go on with the draft of the open channel, or the edit that was begun there."""
        server = self._session.connection.server
        if server is not None:
            self._composer.limit = server.limits.content
        self._composer.put(self._session.drafts.get(self._channel.id or ""))
        self._begin()

    def close(self) -> None:
        """Show that no channel is open."""
        self._composer.put("")
        self._composer.aim("")
        self._begin()

    def _begin(self) -> None:
        self._composer.read_only = False
        self._completions.people.forget()
        self.mode.enter()
        self.type_ahead.arrive()
        self.draw_mode()

    def keep_for(self, closed: ClosedChannel) -> None:
        """Keep the text of a channel that closes: readable, and out of everybody's reach."""
        self._channel.closed = closed
        self.mode.close()
        self._channel.id = None
        self._session.close_channel()
        self._composer.read_only = False
        self._composer.add_class("-closed")
        self._composer.aim("")

    # The text

    def reply(self, message: Message, text: str | None = None) -> None:
        """Answer a message, with `text` in the composer if there is any."""
        self.mode.set(self.mode.replying(message), text)
        self._composer.focus()

    def edit(self, message_id: int, text: str) -> None:
        """Change the text of a message."""
        self.mode.set(Editing(message_id), text)
        self._composer.focus()

    def put_before(self, text: str, mode: Replying | Editing | None) -> None:
        """Put a text in front of what is being written, for which an edit makes room."""
        held = self.mode.draft()
        self.mode.set(mode, text + (f"\n{held}" if held.strip() else ""))
        self.keep_draft()

    def keep_draft(self) -> None:
        """Keep what stands in the composer as the channel's draft, even what nobody was told of yet."""
        channel_id, ahead = self._channel.draft_id, self.type_ahead.current
        if channel_id is not None and ahead is not None:
            self._session.drafts.set(channel_id, ahead.together(self._composer.text))
        elif channel_id is not None and not self.mode.is_editing:
            self._session.drafts.set(channel_id, self._composer.text)

    def text_changed(self) -> None:
        """Keep it, tell others that I write, and offer what may be meant."""
        channel_id, text = self._channel.draft_id, self._composer.text
        if channel_id is None:
            return
        known = self._session.drafts.get(channel_id)
        self.keep_draft()
        held = self.type_ahead.current is not None
        new = not held and not self.mode.is_editing and text not in ("", known)
        if new and self._composer.has_focus and not self.status.cannot_send():
            self._session.typing.typed(channel_id)
        if not text:
            self.unsaved.withdraw()
        self.draw()
        if held or self.status.cannot_send():
            self.draw_mode()
        self._completions.look()

    def cancel(self) -> bool:
        """End what is special about the text, at Escape; False if nothing is."""
        if self.type_ahead.current is not None:
            self.type_ahead.end(self.type_ahead.current)
        elif self.mode.is_editing and self.status.cannot_send():
            self.mode.set(None, self._composer.text)
        elif self.mode.current is not None:
            self.mode.set(None)
        elif self._channel.closed is not None:
            self.status.explain()
        else:
            return False
        return True

    # Enter: the composer asks this at the very key

    def offer(self) -> None:
        """See what is to be offered for the text as it stands."""
        self._completions.look()

    def take_offer(self) -> bool:
        """Put what is offered into the text; False if nothing is."""
        return self._completions.accept()

    def hurry(self) -> None:
        """Let what is held in this channel go now."""
        if self._channel.id is not None:
            self._session.sender.release_held(self._channel.id)

    def submit(self, text: str) -> None:
        """Send a text from where the person is now."""
        if self.type_ahead.hold(text):
            return
        mode = self.mode.current
        done = self._enter(text, mode)
        if done:
            self._composer.put("")
            self.keep_draft()
        if done == "sent" and mode is not None:
            self.mode.set(None)

    def _enter(self, text: str, mode: Replying | Editing | None) -> Literal["sent", "done", ""]:
        """Send a text, or do what it says behind its slash; nothing where neither can be, which is said."""
        if isinstance(mode, Editing) or not text.startswith("/"):
            return self._send_here(text, text, mode)
        from asnity_tui.commands import slash  # late: most texts are no commands, and it knows them all

        meant = slash.parse(text, slash.BY_NAME)
        if isinstance(meant, slash.Unknown):
            self._host.notify(slash.no_command(meant.name), severity="warning", markup=False)
            return ""
        if isinstance(meant, slash.Do):
            ahead = self.type_ahead.begin() if slash.leads(meant.name, meant.rest) else None
            if ahead is not None:
                ahead.before = ""
            self._host.post_message(CommandSubmitted(meant.name, meant.rest, text, self._channel.id, ahead))
            return "done"
        return self._send_here(meant.text, text, mode)

    def command_failed(self, text: str, channel_id: str | None, ahead: TypedAhead | None) -> None:
        """Bring back what was typed behind a command, else the command itself."""
        if ahead is not None:
            self.type_ahead.end(ahead)
        if channel_id == self._channel.id and not self._composer.text and self.type_ahead.current is None:
            self._composer.put(text)

    # Sending

    def _send_here(self, text: str, typed: str, mode: Replying | Editing | None) -> Literal["sent", ""]:
        """Send a text to the open channel; `typed` is what stood in the composer for it."""
        if self.status.cannot_send():
            self.status.explain()
            return ""
        channel = self._channel.state
        if channel is None:
            return ""
        if self.status.why_silent():
            self._host.app.bell()  # the line above the composer says why
            return ""
        submitted = None if isinstance(mode, Editing) else self._session.drafts.submit(channel.id, typed)
        start_worker(self._host, "send", self._send, channel.id, text, typed, mode, submitted)
        return "sent"

    async def _send(
        self, channel_id: str, text: str, typed: str, mode: Replying | Editing | None, submitted: SubmittedText | None
    ) -> None:
        """Hand a text to the session; `typed` stood in the composer for it, and is `submitted` unless it is an edit."""
        try:
            async with self._turn:
                text = await self._completions.emoji.replace(text)
                if isinstance(mode, Editing):
                    await self._session.messages.edit(channel_id, mode.message_id, text)
                else:
                    reply_to = mode.message_id if mode else None
                    await self._session.messages.send(channel_id, text, reply_to=reply_to, submitted=submitted)
        except BaseException as error:
            self._session.drafts.settle(submitted)
            self._give_back(channel_id, typed, mode)
            if not isinstance(error, AsnityError | StorageError):
                raise
            self.unsaved.report(error, channel_id, self._composer.submit)
            return
        if channel_id == self._channel.id and not isinstance(mode, Editing):
            self._timeline.view.set_new_after(None)  # whoever answers has read what was new
            self._timeline.go_to_newest()

    def _give_back(self, channel_id: str, text: str, mode: Replying | Editing | None) -> None:
        """Put what couldn't be sent where it was written."""
        closed = self._channel.closed
        if closed is not None and channel_id == closed.channel_id:
            self._composer.put_before(text)
        elif channel_id == self._channel.id:
            self.put_before(text, mode)
        elif self._session.store.channel(channel_id) is None:
            self._session.persistence.keep_text(channel_id, text)
        else:
            held = self._session.drafts.get(channel_id)
            self._session.drafts.set(channel_id, text + (f"\n{held}" if held.strip() else ""))

    # Following what changes

    def take(self, facts: Sequence[Fact]) -> None:
        """Draw what changed."""
        here = self._channel.id
        about_here = [each for each in facts if getattr(each, "channel_id", None) == here]
        if any(isinstance(each, CommunityLive) for each in facts):
            self._completions.people.forget()
        if any(isinstance(each, Restored) for each in facts):
            self._start_over()
        if any(isinstance(each, TimelineChanged) for each in about_here):
            self.mode.update_answered()
        if any(isinstance(each, WHO_READS) for each in facts) or any(
            isinstance(each, ChannelUpdated | TypingChanged) for each in about_here
        ):
            self.draw()

    def _start_over(self) -> None:
        """Keep the text alone: the server was restored, and what is edited or answered may be another message."""
        self.mode.forget_answers()
        if self.mode.is_editing and self._channel.id:
            self.put_before(self._composer.text, None)
        elif self.mode.current is not None:
            self.mode.set(None)
