"""One open channel, read and written in: sending, replying, editing, and what is done with a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from urllib.parse import urlsplit

from textual import on, work
from textual.widgets import TextArea

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.clock import Clock
from asnity_tui.client.memory import NotKept
from asnity_tui.client.session import Session, words
from asnity_tui.state.changes import EntryFailed
from asnity_tui.state.rows import Failed, Gap, Row, Sent
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.inks import words as inked
from asnity_tui.widgets.safe_text import harmless, harmless_line
from asnity_tui.widgets.timeline_messages import ActOn

from .open_channel import OpenChannel


@dataclass(frozen=True, slots=True)
class Replying:
    """What is written next answers a message."""

    message_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Editing:
    """What is written next replaces the text of a message."""

    message_id: int


class Conversation(OpenChannel):
    """Shows the session's open channel, and acts on it."""

    def __init__(self, session: Session, *, clock: Clock, zone: tzinfo | None) -> None:
        super().__init__(session, clock=clock, zone=zone)
        self.mode: Replying | Editing | None = None
        self._sending = False

    def begin_writing(self) -> None:
        """A new message, unless something else is chosen."""
        self.mode = None
        self._say_mode()

    # Writing

    def set_mode(self, mode: Replying | Editing | None, text: str | None = None) -> None:
        """Reply, edit, or write anew; `text` replaces what stands in the composer."""
        was, self.mode = self.mode, mode
        self._say_mode()
        if text is not None:
            self.composer.put(text)
        elif isinstance(was, Editing) and self.channel_id:
            self.composer.put(self.session.draft(self.channel_id))

    def _say_mode(self) -> None:
        mode = self.mode
        told = f"Replying to {mode.name}" if isinstance(mode, Replying) else ("Editing" if mode else "")
        self.note.say(inked(("   ", "plain"), (told, "accent"), ("  Esc cancels", "dim")) if told else ())
        self.note.display = mode is not None

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self.channel_id is None:
            return
        if not isinstance(self.mode, Editing):
            known = self.session.draft(self.channel_id)
            if self.composer.text != known:
                self.session.set_draft(self.channel_id, self.composer.text)
                if self.composer.text and self.composer.has_focus:
                    self.session.typing(self.channel_id)
        self.say_typing()

    @on(Composer.Left)
    def _left_composer(self) -> None:
        if self.mode is not None:
            self.set_mode(None)
        else:
            self.view.focus()

    @on(Composer.TooLong)
    def _too_long(self, event: Composer.TooLong) -> None:
        many = f"{event.excess:,} character{'s' if event.excess != 1 else ''}"
        self.notify(f"This is {many} too long.", severity="warning", markup=False)

    @on(Composer.Submitted)
    def _submitted(self, event: Composer.Submitted) -> None:
        if self.channel_id is not None and not self._sending:
            self._sending = True
            self._send(self.channel_id, event.text, self.mode)

    @work(group="send", exit_on_error=False)
    async def _send(self, channel_id: str, text: str, mode: Replying | Editing | None) -> None:
        try:
            if isinstance(mode, Editing):
                await self.session.edit(channel_id, mode.message_id, text)
            else:
                reply_to = mode.message_id if mode else None
                await self.session.send(channel_id, text, reply_to=reply_to)
        except (AsnityError, NotKept) as error:
            self.notify(words(error), severity="error", markup=False)
            return
        finally:
            self._sending = False
        if channel_id != self.channel_id:
            self.session.set_draft(channel_id, "")
        elif isinstance(mode, Editing):
            self.set_mode(None)
        else:
            self.set_mode(None)
            self.composer.accepted(text)
            self.newest()

    @on(Composer.EditLast)
    def _edit_last(self) -> None:
        me = self.view.rows.scene.me
        for item in reversed(self.view.rows.items):
            if isinstance(item, Gap):
                return
            if self._mine(item, me):
                self.set_mode(Editing(item.message.id), item.message.content)
                return

    def _mine(self, row: Row, me: str) -> bool:
        message = row.message
        return bool(message.id and message.sender_id == me and message.deleted_at is None and message.type == "TEXT")

    # What is done with a message

    @on(ActOn)
    def _act(self, event: ActOn) -> None:
        row = event.row
        if event.act in ("menu", "pin", "copy-link"):
            return  # the screen does these
        if event.act in ("retry", "take-back", "discard"):
            self._act_on_unsent(event.act, row)
        elif event.act == "copy":
            self.app.copy_to_clipboard(harmless(row.message.content))
            self.notify("Copied.", timeout=2, markup=False)
        elif event.act == "open-link":
            self._open_link(row, event.link)
        elif not isinstance(row.delivery, Sent) or row.message.deleted_at is not None or row.message.type != "TEXT":
            self.app.bell()
        elif event.act == "reply":
            name = harmless_line(self.session.store.name_of(row.message.sender_id))
            self.set_mode(Replying(row.message.id, name))
            self.composer.focus()
        elif event.act == "edit":
            self._edit(row)
        elif event.act == "delete":
            self._delete(event.channel_id, row)
        elif event.act == "unread-from":
            self._mark_unread(event.channel_id, row.message.id)

    def _act_on_unsent(self, act: str, row: Row) -> None:
        """Retry, take back or discard; what may be on its way can't be taken back."""
        if row.entry is None or not isinstance(row.delivery, Failed):
            self.app.bell()
        elif act == "retry":
            self.session.retry(row.entry.nonce)
        elif act == "take-back":
            self.take_back(row.entry.nonce)
        elif not self.session.discard(row.entry.nonce):
            self.notify("This may be on its way already.", severity="warning", markup=False)

    def take_back(self, nonce: str) -> None:
        """Bring the text of something unsent back to the composer, in front of what stands there."""
        entry = self.session.outbox.get(nonce)
        if entry is None or entry.kind == "delete" or self.session.take_back(nonce) is None:
            self.notify("This may be on its way already.", severity="warning", markup=False)
            return
        if entry.kind == "modify" and entry.chat_id is not None:
            self.set_mode(Editing(entry.chat_id), entry.content)
        else:
            held = self.composer.text if not isinstance(self.mode, Editing) else ""
            self.set_mode(None, entry.content + (f"\n{held}" if held.strip() else ""))
        self.composer.focus()

    def edit_refused(self, fact: EntryFailed) -> None:
        """A refused edit comes back to the composer, if nothing is being written there."""
        entry = self.session.outbox.get(fact.nonce)
        free = self.mode is None and not self.composer.text
        if entry is not None and entry.kind == "modify" and entry.channel_id == self.channel_id and free:
            told = harmless_line(entry.error.message) if entry.error else "it was refused"
            self.take_back(fact.nonce)
            self.notify(f"The edit was not saved: {told}", severity="error", markup=False)

    def _edit(self, row: Row) -> None:
        if self._mine(row, self.view.rows.scene.me):
            self.set_mode(Editing(row.message.id), row.message.content)
            self.composer.focus()
        else:
            self.notify("Only your own messages can be edited.", severity="warning", markup=False)

    @work(group="delete", exit_on_error=False)
    async def _delete(self, channel_id: str, row: Row) -> None:
        from .dialog import Confirm  # late: the first picture has no dialog

        store = self.session.store
        community = store.communities.get(row.message.community_id)
        if row.message.sender_id != self.view.rows.scene.me and (community is None or community.role == "member"):
            self.notify("Only your own messages can be deleted.", severity="warning", markup=False)
            return
        text = harmless_line(row.message.content)
        if await self.app.push_screen_wait(Confirm("Delete this message for ever?", text[:200], yes="Delete")):
            try:
                await self.session.delete(channel_id, row.message.id)
            except (AsnityError, NotKept) as error:
                self.notify(words(error), severity="error", markup=False)

    @work(group="unread", exit_on_error=False)
    async def _mark_unread(self, channel_id: str, message_id: int) -> None:
        if await self.asked(self.session.mark_unread_from(channel_id, message_id)) and channel_id == self.channel_id:
            self.view.set_new_after(message_id - 1)

    @work(group="link", exit_on_error=False)
    async def _open_link(self, row: Row, link: str | None) -> None:
        """Open the link that was clicked, or the one there is, or the one that is chosen of several."""
        from .pick import Option, Pick  # late: the first picture has no dialog

        found = self.view.links_of(row)
        if link is None and len(found) > 1:
            options = [Option(each, inked((each, "plain"))) for each in found]
            link = await self.app.push_screen_wait(Pick("Open which link?", options))
        elif link is None and found:
            link = found[0]
        if link is not None:
            self.notify(f"Opening {urlsplit(link).hostname or link}", timeout=3, markup=False)
            self.app.open_url(link)
        elif not found:
            self.notify("There is no link in this message.", severity="warning", markup=False)
