"""Unsent messages: lists them, sends them again, discards them, or brings their text back to the composer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
from textual.widget import Widget

from asnity_server.protocol.errors import AsnityError, is_restored
from asnity_tui.client.clock import Clock
from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.worker_errors import start_worker
from asnity_tui.state.changes import EntryFailed
from asnity_tui.state.outbox_entry import OutboxEntry
from asnity_tui.state.rows import Failed, Gap, Row
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans
from asnity_tui.widgets.timeline.row_index import key_of

from .compose import ComposeController
from .compose_modes import Editing, Replying
from .open_channel import OpenChannel
from .timeline_controller import TimelineController

BRING_BACK = 10_000
"""Milliseconds for which something deleted or discarded can be brought back."""


class Discarded(msgspec.Struct, frozen=True):
    """The last thing that was discarded: an entry, or a text that stood in the composer."""

    at: int
    entry: OutboxEntry | None
    text: str


class UnsentMessages:
    """Acts on entries of the outbox that are held or failed, and on a text that can't be sent."""

    def __init__(
        self,
        host: Widget,
        session: Session,
        channel: OpenChannel,
        timeline: TimelineController,
        composer: Composer,
        composing: ComposeController,
        *,
        clock: Clock,
        go_to: Callable[[str], bool],
    ) -> None:
        """`go_to` opens a channel of mine; False if I am not in it."""
        self._host = host
        self._session = session
        self._channel = channel
        self._timeline = timeline
        self._view = timeline.view
        self._composer = composer
        self._composing = composing
        self._clock = clock
        self._go_to = go_to
        self._discarded: Discarded | None = None

    def failed_here(self) -> OutboxEntry | None:
        """Find the failed message under the cursor, else the newest of the open channel."""
        current = self._view.current if self._view.has_focus else None
        if isinstance(current, Row) and isinstance(current.delivery, Failed):
            return current.entry
        failed = [each for each in self._session.outbox.failed if each.channel_id == self._channel.id]
        return failed[-1] if failed else None

    def retry_here(self) -> bool:
        """Send again what failed here, or couldn't be saved; False if nothing did."""
        entry = self.failed_here()
        if self._composing.unsaved.accept():
            return True
        if entry is not None:
            self.retry(entry.nonce)
        return entry is not None

    def retry(self, nonce: str) -> None:
        """Send something that failed again."""
        if not self._session.sender.retry(nonce):
            self._host.notify("This can't be sent again unchanged. Edit it first.", severity="warning", markup=False)

    async def list(self) -> None:
        """List everything that isn't sent, in channels that I am no longer in, too; Enter leads to it."""
        from asnity_tui.screens.dialogs.picker import Picker  # late: the first picture has no dialog
        from asnity_tui.widgets.option import Option  # late: see above

        app, failed = self._host.app, self._session.outbox.failed
        options = [
            Option(
                each.nonce,
                spans((f"{self._place(each)}  ", "accent"), (harmless_line(each.content) or "a deletion", "plain")),
                below=(spans((f"   {harmless_line(each.error.message) if each.error else ''}", "faint")),),
            )
            for each in reversed(failed)
        ]
        chosen = await app.push_screen_wait(Picker("Not sent", options, nothing="Everything is sent."))
        entry = self._session.outbox.get(chosen) if chosen is not None else None
        if entry is None:
            return
        if self._go_to(entry.channel_id):
            self._host.screen.call_after_refresh(self.select, entry.nonce)
            return
        acts = [Option("copy", spans(("Copy", "plain"))), Option("discard", spans(("Discard", "plain")))]
        act = await app.push_screen_wait(Picker(f"Not sent to {self._place(entry)}", acts))
        if act == "copy":
            app.copy_to_clipboard(entry.content)
        elif act == "discard":
            self.discard(entry.nonce)

    def _place(self, entry: OutboxEntry) -> str:
        channel = self._session.store.channel(entry.channel_id)
        if channel is not None:
            return self._channel.title(channel)
        return harmless_line(entry.place) or "a channel that you left"

    def stuck_text(self) -> str:
        """Answer the text of the composer where it can't be sent, else an empty one."""
        return self._composer.text if self._composing.status.cannot_send() else ""

    def undo(self) -> bool:
        """Bring back what was discarded or deleted last; False if nothing was."""
        return self._bring_back() or self._undo_delete()

    # Discarding

    def discard(self, nonce: str) -> None:
        """Throw something unsent away; for a while it can be brought back."""
        entry = self._session.outbox.get(nonce)
        self._select_beside(f"n{nonce}")
        if entry is None or not self._session.sender.take_back(nonce):
            self._host.notify("It may have been sent already.", severity="warning", markup=False)
            return
        self._tell_discarded(Discarded(self._clock.now(), entry, ""))

    def discard_text(self) -> None:
        """Throw away what stands in the composer and can't be sent."""
        text = self._composer.text
        if text.strip():
            self._composer.put("")
            self._tell_discarded(Discarded(self._clock.now(), None, text))

    # Deleting

    def delete(self, channel_id: str, message_id: int) -> None:
        """Delete a message; for a while that can be undone."""
        start_worker(self._host, "delete", self._delete, channel_id, message_id)

    async def _delete(self, channel_id: str, message_id: int) -> None:
        try:
            await self._session.messages.delete(channel_id, message_id, hold_ms=BRING_BACK)
        except (AsnityError, StorageError) as error:
            self._composing.unsaved.report(error, channel_id, partial(self.delete, channel_id, message_id))

    def _undo_delete(self) -> bool:
        """Bring back what was deleted last, if that can be undone still."""
        return self._channel.id is not None and self._session.messages.undo_delete(self._channel.id) is not None

    # Undoing

    def _tell_discarded(self, discarded: Discarded) -> None:
        self._discarded = discarded
        self._host.notify("Discarded. ctrl+z brings it back.", timeout=BRING_BACK / 1000, markup=False)

    def _bring_back(self) -> bool:
        """Take back that something was discarded; False if nothing was, or too long ago."""
        discarded, self._discarded = self._discarded, None
        if discarded is None or self._clock.now() - discarded.at > BRING_BACK:
            return False
        if discarded.entry is None:
            self._composer.put_before(discarded.text)
        else:
            self._put_back(discarded.entry)
        return True

    def _put_back(self, entry: OutboxEntry) -> None:
        async def put_back() -> None:
            try:
                await self._session.sender.put_back(entry)
            except StorageError as error:
                self._discarded = Discarded(self._channel.now(), entry, "")
                self._host.notify(error_text(error), severity="error", markup=False)

        start_worker(self._host, "send", put_back)

    # The cursor

    def select(self, nonce: str) -> None:
        """Put its row under the cursor, with the focus on the messages."""
        index = self._view.rows.index_of(f"n{nonce}")
        if index is not None:
            self._view.focus()
            self._view.cursor.key = f"n{nonce}"
            self._view.scroll_position.reveal(index)

    def _select_beside(self, key: str) -> None:
        """Put the next row under the cursor, else the one before, as this one is about to go."""
        rows = self._view.rows
        index = rows.index_of(key) if self._view.cursor.key == key else None
        if index is not None and len(rows.items) > 1:
            self._view.cursor.key = key_of(rows.items[index + 1 if index + 1 < len(rows.items) else index - 1])

    # Back to the composer

    def undo_send(self) -> bool:
        """Take back what is still held; False if nothing is."""
        entry = self._session.messages.undo_send(self._channel.id) if self._channel.id is not None else None
        if entry is None:
            return False
        self._composing.put_before(entry.content, self._answered_by(entry))
        self._host.notify("Not sent. It's back in the composer.", timeout=2, markup=False)
        return True

    def take_back(self, nonce: str) -> None:
        """Bring the text of something unsent back to the composer, in front of what stands there."""
        entry = self._session.outbox.get(nonce)
        if entry is None or entry.kind == "delete" or self._session.sender.take_back(nonce) is None:
            self._host.notify("It may have been sent already.", severity="warning", markup=False)
            return
        if entry.kind == "modify" and entry.chat_id is not None and not _is_of_another(entry):
            self._composing.mode.set(Editing(entry.chat_id), entry.content)
        else:
            self._composing.put_before(entry.content, self._answered_by(entry))
        self._composer.focus()

    def _answered_by(self, entry: OutboxEntry) -> Replying | None:
        """Find the message that something unsent answers, if that is certain and on the screen."""
        if entry.reply_to is None or _is_of_another(entry):
            return None
        answered = self._view.rows.context.message_of(entry.reply_to)
        return self._composing.mode.replying(answered) if answered is not None else None

    def edit_refused(self, fact: EntryFailed) -> None:
        """Bring a refused edit back to the composer, if nothing is being written there."""
        entry = self._session.outbox.get(fact.nonce)
        free = self._composing.mode.current is None and not self._composer.text
        if entry is None or _is_of_another(entry):
            return
        if entry.kind == "modify" and entry.channel_id == self._channel.id and free:
            told = harmless_line(entry.error.message) if entry.error else "it was refused"
            self.take_back(fact.nonce)
            self._host.notify(f"The edit was not saved: {told}", severity="error", markup=False)

    def edit_last(self) -> None:
        """Bring my last message to the composer; one that isn't sent yet is taken back."""
        if self.undo_send():
            return
        for item in reversed(self._view.rows.items):
            if isinstance(item, Gap):
                return
            if self._timeline.may_edit(item):
                self._composing.mode.set(Editing(item.message.id), item.message.content)
                return


def _is_of_another(entry: OutboxEntry) -> bool:
    """Whether the message that an entry names may be another one now: the server was restored."""
    return entry.error is not None and is_restored(entry.error)
