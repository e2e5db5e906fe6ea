"""Messages of mine: sent, edited and deleted by way of the outbox, and taken back while they are held."""

from __future__ import annotations

from collections.abc import Callable

from asnity_server.protocol import ids, text
from asnity_server.protocol.errors import NotFound, TooLarge
from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.drafts import SubmittedText
from asnity_tui.client.sync.outbox_sender import OutboxSender
from asnity_tui.client.sync.presence import TypingSignal
from asnity_tui.client.sync.read_markers import ReadMarkers
from asnity_tui.state.outbox_entry import EntryKind, OutboxEntry
from asnity_tui.state.store import Store


class MessagesApi:
    """Nothing here waits for the network: what is written is on the disk and on the screen when a method returns.

    Raises `Invalid` or `TooLarge` for text that no server takes, `StorageError` if the disk doesn't take it, `NotFound`
    if I am no longer in the channel.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        sender: OutboxSender,
        read_markers: ReadMarkers,
        typing: TypingSignal,
        content_limit: Callable[[], int],
    ) -> None:
        """`content_limit` answers how many characters the server takes."""
        self._store = store
        self._clock = clock
        self._sender = sender
        self._read_markers = read_markers
        self._typing = typing
        self._content_limit = content_limit
        self.hold_ms = 0
        """How long a new message waits before it is sent, so that `undo_send` can take it back."""
        self.sends_unkept = False
        """The person wants what can't be written to disk to be sent all the same, while there is a connection."""

    async def send(
        self, channel_id: str, content: str, *, reply_to: int | None = None, submitted: SubmittedText | None = None
    ) -> str:
        """Send a new message; answers its nonce. `submitted` is the text of the composer that it is made of."""
        self._read_markers.flush(channel_id)
        self._typing.sent(channel_id)
        self._sender.release_held(channel_id)
        entry = self._entry("new", channel_id, content=content, reply_to=reply_to, hold_ms=self.hold_ms)
        return await self._sender.add(entry, submitted, unkept=self.sends_unkept)

    async def edit(self, channel_id: str, message_id: int, content: str) -> str:
        """Give a message of mine new text."""
        entry = self._entry("modify", channel_id, content=content, chat_id=message_id)
        return await self._sender.add(entry, unkept=self.sends_unkept)

    async def delete(self, channel_id: str, message_id: int, *, hold_ms: int = 0) -> str:
        """Delete a message. Until `hold_ms` have passed `undo_delete` brings it back."""
        entry = self._entry("delete", channel_id, chat_id=message_id, hold_ms=hold_ms)
        return await self._sender.add(entry, unkept=self.sends_unkept)

    def _entry(
        self,
        kind: EntryKind,
        channel_id: str,
        *,
        content: str = "",
        chat_id: int | None = None,
        reply_to: int | None = None,
        hold_ms: int = 0,
    ) -> OutboxEntry:
        if self._store.channel(channel_id) is None:
            raise NotFound("You are no longer in this channel.")
        if kind != "delete":
            content, limit = text.clean_content(content), self._content_limit()
            if len(content) > limit:
                raise TooLarge(f"A message has at most {limit:,} characters here.", field="content")
        return OutboxEntry(
            nonce=ids.new_id(26),
            community_id=ids.community_of(channel_id),
            channel_id=channel_id,
            kind=kind,
            chat_id=chat_id,
            content=content,
            reply_to=reply_to,
            created_at=self._clock.wall(),
            state="waiting" if hold_ms else "queued",
            reason="undo" if hold_ms else None,
            not_before=self._clock.now() + hold_ms if hold_ms else None,
            generation=self._store.generation,
            owner=self._sender.owner,
        )

    def may_send_unkept(self, channel_id: str) -> bool:
        """Tell whether it can be offered to send something to a channel that can't be written to disk."""
        return not self.sends_unkept and self._store.is_live(channel_id)

    def undo_send(self, channel_id: str) -> OutboxEntry | None:
        """Take the newest message back that is still held for that, so that it goes back to the composer."""
        return self._undo(channel_id, deletion=False)

    def undo_delete(self, channel_id: str) -> OutboxEntry | None:
        """Take the newest deletion back that is still held for that."""
        return self._undo(channel_id, deletion=True)

    def _undo(self, channel_id: str, *, deletion: bool) -> OutboxEntry | None:
        held = [each for each in self._store.outbox.of_channel(channel_id) if each.reason == "undo"]
        matching = [each for each in held if (each.kind == "delete") == deletion]
        return self._sender.take_back(matching[-1].nonce) if matching else None
