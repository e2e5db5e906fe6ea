"""Actions on a message of the open channel: replying, editing, deleting, reacting, following its links."""

from __future__ import annotations

from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

from textual.widget import Widget

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.screens.worker_errors import start_worker
from asnity_tui.state.rows import Failed, Row, Sent
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.message_text import as_quote, as_text
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans
from asnity_tui.widgets.timeline.layout import one_line
from asnity_tui.widgets.timeline.messages import ActOn

from .completion_sources import EmojiLoader
from .compose import ComposeController
from .open_channel import OpenChannel
from .outbox_actions import OutboxActions
from .timeline_controller import TimelineController

UNDO = 10
"""Seconds for which a deletion can be undone."""

MINE = 20
"""How many emoji that I use stand first."""


class GoTo(Protocol):
    """Opens a channel with a message marked."""

    def __call__(self, channel_id: str, *, at: int) -> None:
        """Do it."""


class MessageActions:
    """Does what the person wants done with a message, after asking where that can't be undone."""

    def __init__(
        self,
        host: Widget,
        session: Session,
        requests: PendingRequests,
        channel: OpenChannel,
        timeline: TimelineController,
        composing: ComposeController,
        outbox: OutboxActions,
        emoji: EmojiLoader,
        *,
        go_to: GoTo,
    ) -> None:
        """`host` runs what takes time, and has dialogs shown."""
        self._host = host
        self._session = session
        self._channel = channel
        self._timeline = timeline
        self._composing = composing
        self._outbox = outbox
        self._emoji = emoji
        self._requests = requests
        self._go_to = go_to

    def act(self, event: ActOn) -> None:
        """Do what a key or a click on a message says."""
        row, context = event.row, self._timeline.view.rows.context
        if event.act in ("menu", "pin", "copy-link", "reactors"):
            return  # the screen does these
        if event.act in ("retry", "take-back", "discard"):
            self._act_on_unsent(event.act, row)
        elif event.act in ("copy", "quote"):
            turned = as_quote if event.act == "quote" else as_text
            self._host.app.copy_to_clipboard(turned(event.chosen, context))
        elif event.act == "open-link":
            start_worker(self._host, "link", self._open_link, row, event.link)
        elif event.act == "origin":
            self._go_to_origin(event.channel_id, row)
        elif not isinstance(row.delivery, Sent) or row.message.deleted_at is not None or row.message.type != "TEXT":
            self._host.app.bell()
        elif event.act == "reply":
            self._composing.reply(row.message)
        elif event.act == "edit":
            self._edit(row)
        elif event.act == "delete":
            start_worker(self._host, "delete", self._delete, event.channel_id, row)
        elif event.act == "react":
            start_worker(self._host, "react", self._react, event.channel_id, row, event.link, exclusive=True)
        elif event.act == "unread-from":
            start_worker(self._host, "unread", self._mark_unread, event.channel_id, row.message.id)

    def _act_on_unsent(self, act: str, row: Row) -> None:
        """Retry, take back or discard; what may be on its way can't be taken back."""
        if row.entry is None or not isinstance(row.delivery, Failed):
            self._host.app.bell()
        elif act == "retry":
            self._outbox.retry(row.entry.nonce)
        elif act == "take-back":
            self._outbox.take_back(row.entry.nonce)
        else:
            self._outbox.discard(row.entry.nonce)

    def _edit(self, row: Row) -> None:
        if self._timeline.may_edit(row):
            self._composing.edit(row.message.id, row.message.content)
        else:
            self._host.notify("Only your own messages can be edited.", severity="warning", markup=False)

    async def _delete(self, channel_id: str, row: Row) -> None:
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: the first picture has no dialog

        store, context = self._session.store, self._timeline.view.rows.context
        community = store.communities.get(row.message.community_id)
        if row.message.sender_id != context.me and (community is None or community.role == "member"):
            self._host.notify("Only your own messages can be deleted.", severity="warning", markup=False)
            return
        text = one_line(row.message, context)
        if await self._host.app.push_screen_wait(Confirm("Delete this message?", text[:200], yes="Delete")):
            self.delete_now(channel_id, row.message.id)

    def delete_now(self, channel_id: str, message_id: int) -> None:
        """Delete a message; for a while that can be undone."""
        start_worker(self._host, "delete", self._delete_now, channel_id, message_id)

    async def _delete_now(self, channel_id: str, message_id: int) -> None:
        try:
            await self._session.messages.delete(channel_id, message_id, hold_ms=UNDO * 1000)
        except (AsnityError, StorageError) as error:
            again = partial(self.delete_now, channel_id, message_id)
            self._composing.unsaved.report(error, channel_id, again)

    def undo_delete(self) -> bool:
        """Bring back what was deleted last, if that can be undone still."""
        return self._channel.id is not None and self._session.messages.undo_delete(self._channel.id) is not None

    async def _mark_unread(self, channel_id: str, message_id: int) -> None:
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: the first picture has no dialog

        question = Confirm("Mark as unread?", "This message and everything after it.", yes="Mark as unread")
        if not await self._host.app.push_screen_wait(question):
            return
        marked = await self._requests.loaded(self._session.read_markers.mark_unread_from(channel_id, message_id))
        if marked and channel_id == self._channel.id:
            self._timeline.view.set_new_after(message_id - 1)

    def _go_to_origin(self, channel_id: str, row: Row) -> None:
        """Go to the message that is answered, loaded if it isn't."""
        if row.message.reply_to is None:
            self._host.app.bell()
        else:
            self._go_to(channel_id, at=row.message.reply_to)

    async def _react(self, channel_id: str, row: Row, emoji: str | None) -> None:
        """Put an emoji under a message, or take mine back: the one that was clicked, or one that is chosen."""
        from asnity_tui.screens.dialogs.emoji_picker import EmojiPicker  # late: the first picture has no dialog

        me, message_id = self._timeline.view.rows.context.me, row.message.id
        mine = [emoji for emoji, reaction in row.message.reactions.items() if me in reaction.users]
        if emoji is None:
            used = tuple(dict.fromkeys((*row.message.reactions, *self._session.preferences.frequent_emoji(MINE))))
            picker = EmojiPicker("React with", await self._emoji.names(), used, mine)
            emoji = await self._host.app.push_screen_wait(picker)
        if emoji is not None:
            self._session.reactions.react(channel_id, message_id, emoji, emoji not in mine)

    async def _open_link(self, row: Row, link: str | None) -> None:
        """Open the link that was clicked, or the one there is, or the one that is chosen of several."""
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: the first picture has no dialog
        from asnity_tui.screens.dialogs.picker import Picker  # late: see above

        app, found = self._host.app, self._timeline.view.rows.links_of(row)
        if link is None and len(found) > 1:
            options = [Option(each, spans((each, "plain"))) for each in found]
            link = await app.push_screen_wait(Picker("Open which link?", options))
        elif link is None and found:
            host = harmless_line(urlsplit(found[0]).hostname or found[0])
            question = Confirm(f"Open {host}?", harmless_line(found[0]), yes="Open")  # a letter may be a slip
            link = found[0] if await app.push_screen_wait(question) else None
        if link is not None:
            self._host.notify(f"Opening {urlsplit(link).hostname or link}", timeout=3, markup=False)
            app.open_url(link)
        elif not found:
            self._host.notify("There is no link in this message.", severity="warning", markup=False)
