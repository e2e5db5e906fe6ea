"""What isn't sent: its keys from the composer, too, the list of all of it, and taking back that it was discarded."""

from __future__ import annotations

from textual import on

from asnity_tui.state.outbox_entry import OutboxEntry
from asnity_tui.state.rows import Failed, Row
from asnity_tui.widgets.status_bar import StatusBar
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .message_keys import Selecting
from .type_ahead import leading


class Unsent(Selecting, part=True):
    """Acts on the failed message under the cursor, else on the newest of the open channel."""

    def _failed_here(self) -> OutboxEntry | None:
        view, channel_id = self.conversation.view, self.conversation.channel_id
        current = view.current if view.has_focus else None
        if isinstance(current, Row) and isinstance(current.delivery, Failed):
            return current.entry
        failed = [each for each in self.session.outbox.failed if each.channel_id == channel_id]
        return failed[-1] if failed else None

    def action_retry(self) -> None:
        """Send it again; where nothing failed here, show what did elsewhere."""
        entry = self._failed_here()
        if self.conversation.composing.unsaved.accept():
            return
        if entry is None:
            self.action_unsent()
        else:
            self.conversation.outbox.retry(entry.nonce)

    def action_take_back(self) -> None:
        """Bring it back to the composer."""
        entry = self._failed_here()
        if entry is None:
            self.app.bell()
        else:
            self.conversation.outbox.take_back(entry.nonce)

    def action_copy_unsent(self) -> None:
        """Copy what can't be sent."""
        entry = self._failed_here()
        text = (
            self.conversation.composer.text
            if self.conversation.composing.status.cannot_send()
            else entry.content
            if entry
            else ""
        )
        if text:
            self.app.copy_to_clipboard(text)
        else:
            self.app.bell()

    def action_discard(self) -> None:
        """Throw it away; ctrl+z brings it back."""
        entry = self._failed_here()
        if self.conversation.composing.status.cannot_send():
            self.conversation.outbox.discard_text()
        elif entry is not None:
            self.conversation.outbox.discard(entry.nonce)
        else:
            self.app.bell()

    def action_undo(self) -> None:
        """Take back that something was discarded, or bring back what was deleted last."""
        if not self.conversation.outbox.bring_back():
            super().action_undo()

    @on(StatusBar.UnsentClicked)
    def _unsent_clicked(self) -> None:
        self.action_unsent()

    @leading
    async def action_unsent(self) -> None:
        """Everything that isn't sent, in channels that I am no longer in, too; Enter leads to it."""
        from asnity_tui.screens.dialogs.picker import Picker  # late: the first picture has no dialog
        from asnity_tui.widgets.option import Option

        failed = self.session.outbox.failed
        options = [
            Option(
                each.nonce,
                spans((f"{self._place(each)}  ", "accent"), (harmless_line(each.content) or "a deletion", "plain")),
                below=(spans((f"   {harmless_line(each.error.message) if each.error else ''}", "faint")),),
            )
            for each in reversed(failed)
        ]
        chosen = await self.app.push_screen_wait(Picker("Not sent", options, nothing="Everything is sent."))
        entry = self.session.outbox.get(chosen) if chosen is not None else None
        if entry is None:
            return
        if self.go_to(entry.channel_id):
            self.call_after_refresh(self.conversation.outbox.select, entry.nonce)
            return
        acts = [Option("copy", spans(("Copy", "plain"))), Option("discard", spans(("Discard", "plain")))]
        act = await self.app.push_screen_wait(Picker(f"Not sent to {self._place(entry)}", acts))
        if act == "copy":
            self.app.copy_to_clipboard(entry.content)
        elif act == "discard":
            self.conversation.outbox.discard(entry.nonce)

    def _place(self, entry: OutboxEntry) -> str:
        channel = self.session.store.channel(entry.channel_id)
        if channel is not None:
            return self.conversation.title(channel)
        return harmless_line(entry.place) or "a channel that you left"
