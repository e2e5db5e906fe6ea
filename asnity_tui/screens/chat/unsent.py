"""Unsent messages: retried, taken back, copied and discarded from the composer, too, and listed all together."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from asnity_tui.client.sync.session import Session
from asnity_tui.state.outbox_entry import OutboxEntry
from asnity_tui.state.rows import Failed, Row
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .conversation import Conversation
from .navigation import Navigation


class UnsentMessages:
    """Finds messages that weren't sent, and does with them what may be done."""

    def __init__(
        self, screen: Screen[Any], session: Session, conversation: Conversation, navigation: Navigation
    ) -> None:
        """`screen` is what dialogs come over."""
        self._screen = screen
        self._session = session
        self._conversation = conversation
        self._navigation = navigation

    def failed_here(self) -> OutboxEntry | None:
        """Find the failed message under the cursor, else the newest of the open channel."""
        view, channel_id = self._conversation.view, self._conversation.channel_id
        current = view.current if view.has_focus else None
        if isinstance(current, Row) and isinstance(current.delivery, Failed):
            return current.entry
        failed = [each for each in self._session.outbox.failed if each.channel_id == channel_id]
        return failed[-1] if failed else None

    def stuck_text(self) -> str:
        """Answer the text of the composer where it can't be sent, else an empty one."""
        stuck = self._conversation.composing.status.cannot_send()
        return self._conversation.composer.text if stuck else ""

    def retry_here(self) -> bool:
        """Send again what failed in the open channel; False if nothing did."""
        entry = self.failed_here()
        if self._conversation.composing.unsaved.accept():
            return True
        if entry is not None:
            self.retry(entry.nonce)
        return entry is not None

    def retry(self, nonce: str) -> None:
        """Send a failed message again."""
        self._conversation.outbox.retry(nonce)

    def take_back(self, nonce: str) -> None:
        """Bring a failed message back to the composer."""
        self._conversation.outbox.take_back(nonce)

    def discard(self, nonce: str) -> None:
        """Throw a failed message away; for a while that can be undone."""
        self._conversation.outbox.discard(nonce)

    def discard_text(self) -> None:
        """Throw away the text of the composer; for a while that can be undone."""
        self._conversation.outbox.discard_text()

    def delete(self, channel_id: str, message_id: int) -> None:
        """Delete a message; for a while that can be undone."""
        self._conversation.outbox.delete(channel_id, message_id)

    def undo(self) -> bool:
        """Bring back what was discarded or deleted last; False if nothing was."""
        return self._conversation.outbox.bring_back() or self._conversation.outbox.undo_delete()

    async def list(self) -> None:
        """List everything that isn't sent, in channels that I am no longer in, too; Enter leads to it."""
        from asnity_tui.screens.dialogs.picker import Picker  # late: the first picture has no dialog
        from asnity_tui.widgets.option import Option

        app, failed = self._screen.app, self._session.outbox.failed
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
        if self._navigation.go_to(entry.channel_id):
            self._screen.call_after_refresh(self._conversation.outbox.select, entry.nonce)
            return
        acts = [Option("copy", spans(("Copy", "plain"))), Option("discard", spans(("Discard", "plain")))]
        act = await app.push_screen_wait(Picker(f"Not sent to {self._place(entry)}", acts))
        if act == "copy":
            app.copy_to_clipboard(entry.content)
        elif act == "discard":
            self._conversation.outbox.discard(entry.nonce)

    def _place(self, entry: OutboxEntry) -> str:
        channel = self._session.store.channel(entry.channel_id)
        if channel is not None:
            return self._conversation.title(channel)
        return harmless_line(entry.place) or "a channel that you left"
