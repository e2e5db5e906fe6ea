"""One open channel, read and written in, and what is done with a message of it."""

from __future__ import annotations

import time
from datetime import date, datetime
from urllib.parse import urlsplit

from textual import on, work

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.state.rows import Failed, Row, Sent
from asnity_tui.widgets.text.message_text import as_quote, as_text
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans
from asnity_tui.widgets.timeline.layout import one_line
from asnity_tui.widgets.timeline.messages import ActOn

from .compose_modes import Editing
from .restore_text import TakingBack

UNDO = 10
"""Seconds for which a deletion can be undone."""

MINE = 20
"""How many emoji that I use stand first."""


class Conversation(TakingBack):
    """Shows the session's open channel, and acts on it."""

    _today: tuple[date, str | None]
    """Which day it is, in which zone, as it was drawn."""

    def on_mount(self) -> None:
        """The first picture is of today."""
        self._today = self._calendar()

    def look(self, looking: bool) -> None:
        """Somebody can be looking at this, or not."""
        self.view.looking = looking

    def first_unread(self) -> None:
        """Go to the `new` rule."""
        rule = self.view.rows.new_after
        if rule is not None:
            self.view.go_to(rule + 1)

    @on(ActOn)
    def _act(self, event: ActOn) -> None:
        row = event.row
        if event.act in ("menu", "pin", "copy-link", "reactors"):
            return  # the screen does these
        if event.act in ("retry", "take-back", "discard"):
            self._act_on_unsent(event.act, row)
        elif event.act in ("copy", "quote"):
            turned = as_quote if event.act == "quote" else as_text
            self.app.copy_to_clipboard(turned(event.chosen, self.view.rows.context))
        elif event.act == "open-link":
            self._open_link(row, event.link)
        elif event.act == "origin":
            self._go_to_origin(event.channel_id, row)
        elif not isinstance(row.delivery, Sent) or row.message.deleted_at is not None or row.message.type != "TEXT":
            self.app.bell()
        elif event.act == "reply":
            self.set_mode(self.replying(row.message))
            self.composer.focus()
        elif event.act == "edit":
            self._edit(row)
        elif event.act == "delete":
            self._delete(event.channel_id, row)
        elif event.act == "react":
            self._react(event.channel_id, row, event.link)
        elif event.act == "unread-from":
            self._mark_unread(event.channel_id, row.message.id)

    def _act_on_unsent(self, act: str, row: Row) -> None:
        """Retry, take back or discard; what may be on its way can't be taken back."""
        if row.entry is None or not isinstance(row.delivery, Failed):
            self.app.bell()
        elif act == "retry":
            self.retry(row.entry.nonce)
        elif act == "take-back":
            self.take_back(row.entry.nonce)
        else:
            self.discard(row.entry.nonce)

    def _edit(self, row: Row) -> None:
        if self.is_mine(row):
            self.set_mode(Editing(row.message.id), row.message.content)
            self.composer.focus()
        else:
            self.notify("Only your own messages can be edited.", severity="warning", markup=False)

    @work(group="delete", exit_on_error=False)
    async def _delete(self, channel_id: str, row: Row) -> None:
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: the first picture has no dialog

        store = self.session.store
        community = store.communities.get(row.message.community_id)
        if row.message.sender_id != self.view.rows.context.me and (community is None or community.role == "member"):
            self.notify("Only your own messages can be deleted.", severity="warning", markup=False)
            return
        text = one_line(row.message, self.view.rows.context)
        if await self.app.push_screen_wait(Confirm("Delete this message?", text[:200], yes="Delete")):
            self._delete_now(channel_id, row.message.id)

    @work(group="delete", exit_on_error=False)
    async def _delete_now(self, channel_id: str, message_id: int) -> None:
        try:
            await self.session.delete(channel_id, message_id, hold_ms=UNDO * 1000)
        except (AsnityError, StorageError) as error:
            self.tell_not_done(error, channel_id, lambda: self._delete_now(channel_id, message_id))

    def undo_delete(self) -> bool:
        """Bring back what was deleted last, if that can be undone still."""
        entry = self.session.undo_delete(self.channel_id) if self.channel_id is not None else None
        return entry is not None

    @work(group="unread", exit_on_error=False)
    async def _mark_unread(self, channel_id: str, message_id: int) -> None:
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: the first picture has no dialog

        question = Confirm("Mark as unread?", "This message and everything after it.", yes="Mark as unread")
        if not await self.app.push_screen_wait(question):
            return
        if await self.load(self.session.mark_unread_from(channel_id, message_id)) and channel_id == self.channel_id:
            self.view.set_new_after(message_id - 1)

    def _go_to_origin(self, channel_id: str, row: Row) -> None:
        """To the message that is answered, loaded if it isn't."""
        if row.message.reply_to is None:
            self.app.bell()
        else:
            self.open(channel_id, at=row.message.reply_to)

    # The calendar

    def look_at_calendar(self) -> None:
        """On another day, or in another zone, all times are drawn anew; to be called once a second."""
        today = self._calendar()
        if today != self._today:
            self._today = today
            self.view.set_context(self._render_context())

    def _calendar(self) -> tuple[date, str | None]:
        time.tzset()  # else a process keeps the zone that it began in
        moment = datetime.fromtimestamp(self.now() / 1000, self._zone).astimezone(self._zone)
        return moment.date(), moment.tzname()

    # Reactions

    @work(group="react", exclusive=True, exit_on_error=False)
    async def _react(self, channel_id: str, row: Row, emoji: str | None) -> None:
        """Put an emoji under a message, or take mine back: the one that was clicked, or one that is chosen."""
        from asnity_tui.screens.dialogs.emoji_picker import EmojiPicker  # late: the first picture has no dialog

        me, message_id = self.view.rows.context.me, row.message.id
        mine = [emoji for emoji, reaction in row.message.reactions.items() if me in reaction.users]
        if emoji is None:
            used = tuple(dict.fromkeys((*row.message.reactions, *self.session.preferences.frequent_emoji(MINE))))
            picker = EmojiPicker("React with", await self.emoji_names(), used, mine)
            emoji = await self.app.push_screen_wait(picker)
        if emoji is not None:
            self.session.marks.react(channel_id, message_id, emoji, emoji not in mine)

    # Links

    @work(group="link", exit_on_error=False)
    async def _open_link(self, row: Row, link: str | None) -> None:
        """Open the link that was clicked, or the one there is, or the one that is chosen of several."""
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: the first picture has no dialog
        from asnity_tui.screens.dialogs.picker import Picker  # late: see above
        from asnity_tui.widgets.option import Option

        found = self.view.links_of(row)
        if link is None and len(found) > 1:
            options = [Option(each, spans((each, "plain"))) for each in found]
            link = await self.app.push_screen_wait(Picker("Open which link?", options))
        elif link is None and found:
            host = harmless_line(urlsplit(found[0]).hostname or found[0])
            question = Confirm(f"Open {host}?", harmless_line(found[0]), yes="Open")  # a letter may be a slip
            link = found[0] if await self.app.push_screen_wait(question) else None
        if link is not None:
            self.notify(f"Opening {urlsplit(link).hostname or link}", timeout=3, markup=False)
            self.app.open_url(link)
        elif not found:
            self.notify("There is no link in this message.", severity="warning", markup=False)
