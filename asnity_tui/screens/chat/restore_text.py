"""Brings texts back to the composer: what is held or was refused, and my last message to change it."""

from __future__ import annotations

import msgspec
from textual import on, work

from asnity_server.protocol.errors import is_restored
from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.state.changes import EntryFailed
from asnity_tui.state.outbox_entry import OutboxEntry
from asnity_tui.state.rows import Gap, Row
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.timeline.row_index import key_of

from .compose import Writing
from .compose_modes import Editing, Replying


def _is_of_another(entry: OutboxEntry) -> bool:
    """Whether the message that an entry names may be another one now: the server was restored."""
    return entry.error is not None and is_restored(entry.error)


BRING_BACK = 10_000
"""Milliseconds for which something discarded can be brought back."""


class Discarded(msgspec.Struct, frozen=True):
    """What was thrown away last."""

    at: int
    entry: OutboxEntry | None
    text: str


class TakingBack(Writing, part=True):
    """A composer that texts come back to."""

    _discarded: Discarded | None = None

    # Discarding

    def retry(self, nonce: str) -> None:
        """Send something that failed again."""
        if not self.session.retry(nonce):
            self.notify("This can't be sent again unchanged. Edit it first.", severity="warning", markup=False)

    def discard(self, nonce: str) -> None:
        """Throw something unsent away; for a while it can be brought back."""
        entry = self.session.outbox.get(nonce)
        self._select_beside(f"n{nonce}")
        if entry is None or not self.session.discard(nonce):
            self.notify("It may have been sent already.", severity="warning", markup=False)
            return
        self._tell_discarded(Discarded(self._clock.now(), entry, ""))

    def discard_text(self) -> None:
        """Throw away what stands in the composer and can't be sent."""
        text = self.composer.text
        if text.strip():
            self.composer.put("")
            self._tell_discarded(Discarded(self._clock.now(), None, text))

    def _tell_discarded(self, discarded: Discarded) -> None:
        self._discarded = discarded
        self.notify("Discarded. ctrl+z brings it back.", timeout=BRING_BACK / 1000, markup=False)

    def bring_back(self) -> bool:
        """Take back that something was discarded; False if nothing was, or too long ago."""
        discarded, self._discarded = self._discarded, None
        if discarded is None or self._clock.now() - discarded.at > BRING_BACK:
            return False
        if discarded.entry is None:
            self.composer.put_before(discarded.text)
        else:
            self._put_back(discarded.entry)
        return True

    @work(group="send", exit_on_error=False)
    async def _put_back(self, entry: OutboxEntry) -> None:
        try:
            await self.session.put_back(entry)
        except StorageError as error:
            self._discarded = Discarded(self.now(), entry, "")
            self.notify(error_text(error), severity="error", markup=False)

    def select(self, key: str) -> None:
        """Put a row under the cursor, with the focus on the messages."""
        index = self.view.rows.index_of(key)
        if index is not None:
            self.view.focus()
            self.view.cursor = key
            self.view.reveal(index)

    def _select_beside(self, key: str) -> None:
        """A row is about to go: the next one, else the one before, is under the cursor then."""
        rows = self.view.rows
        index = rows.index_of(key) if self.view.cursor == key else None
        if index is not None and len(rows.items) > 1:
            self.view.cursor = key_of(rows.items[index + 1 if index + 1 < len(rows.items) else index - 1])

    # Coming back

    def undo_send(self) -> bool:
        """Take back what is still held; whether there was something."""
        entry = self.session.undo_send(self.channel_id) if self.channel_id is not None else None
        if entry is None:
            return False
        self.put_before(entry.content, self._answered_by(entry))
        self.notify("Not sent. It's back in the composer.", timeout=2, markup=False)
        return True

    def _answered_by(self, entry: OutboxEntry) -> Replying | None:
        """What something unsent answers, if that is certain and on the screen."""
        if entry.reply_to is None or _is_of_another(entry):
            return None
        answered = self.view.rows.context.message_of(entry.reply_to)
        return self.replying(answered) if answered is not None else None

    def take_back(self, nonce: str) -> None:
        """Bring the text of something unsent back to the composer, in front of what stands there."""
        entry = self.session.outbox.get(nonce)
        if entry is None or entry.kind == "delete" or self.session.take_back(nonce) is None:
            self.notify("It may have been sent already.", severity="warning", markup=False)
            return
        if entry.kind == "modify" and entry.chat_id is not None and not _is_of_another(entry):
            self.set_mode(Editing(entry.chat_id), entry.content)
        else:
            self.put_before(entry.content, self._answered_by(entry))
        self.composer.focus()

    def edit_refused(self, fact: EntryFailed) -> None:
        """A refused edit comes back to the composer, if nothing is being written there."""
        entry = self.session.outbox.get(fact.nonce)
        free = self.mode is None and not self.composer.text
        if entry is None or _is_of_another(entry):
            return
        if entry.kind == "modify" and entry.channel_id == self.channel_id and free:
            told = harmless_line(entry.error.message) if entry.error else "it was refused"
            self.take_back(fact.nonce)
            self.notify(f"The edit was not saved: {told}", severity="error", markup=False)

    @on(Composer.EditLast)
    def _edit_last(self) -> None:
        self.edit_last()

    def edit_last(self) -> None:
        """Bring my last message to the composer; one that isn't sent yet is taken back."""
        if self.undo_send():
            return
        for item in reversed(self.view.rows.items):
            if isinstance(item, Gap):
                return
            if self.is_mine(item):
                self.set_mode(Editing(item.message.id), item.message.content)
                return

    def is_mine(self, row: Row) -> bool:
        """Whether I wrote a message, and may still change it."""
        message, me = row.message, self.view.rows.context.me
        return bool(message.id and message.sender_id == me and message.deleted_at is None and message.type == "TEXT")
