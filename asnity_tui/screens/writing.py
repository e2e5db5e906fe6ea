"""The writing half of an open channel: new messages, replies, edits, drafts, and what is held back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import TextArea

from asnity_server.protocol.errors import AsnityError, is_restored
from asnity_server.protocol.models import Message
from asnity_tui.client.clock import Clock
from asnity_tui.client.memory import NotKept
from asnity_tui.client.session import Session, words
from asnity_tui.state import changes, slash
from asnity_tui.state.changes import EntryFailed, Fact, Restored
from asnity_tui.state.entries import Entry
from asnity_tui.state.rows import Gap, Row
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.inks import words as inked
from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.message_rows import said_in_a_line, who
from asnity_tui.widgets.safe_text import harmless_line

from .escaping import Escaping
from .leads import WantCommand
from .modes import Editing, Replying
from .remarks import WHO_READS, Remarks, why_silent

if TYPE_CHECKING:
    from asnity_tui.state.emoji_names import EmojiNames
    from asnity_tui.state.slash_offers import Command

    from .completing import Completing


def _names_of_commands() -> Collection[str]:
    """Everything that a slash command is called."""
    from .slash_commands import BY_NAME  # late: they know everything that can be done

    return BY_NAME


def _unknown(name: str) -> str:
    """What is told of a command that there isn't."""
    from asnity_tui.state.slash_offers import near  # late: slips are rare

    from .slash_commands import EVERYTHING  # late: see above

    found = near(name, EVERYTHING)
    meant = f" Did you mean {' or '.join(f'/{each}' for each in found)}?" if found else ""
    return f"There is no command /{harmless_line(name)}.{meant} Start with // to send it as a message."


def _is_of_another(entry: Entry) -> bool:
    """Whether the message that an entry names may be another one now: the server was restored."""
    return entry.error is not None and is_restored(entry.error)


class Writing(Escaping):
    """Takes what is written in the composer to the session."""

    def __init__(self, session: Session, *, clock: Clock, zone: tzinfo | None) -> None:
        super().__init__(session, clock=clock, zone=zone)
        self.mode: Replying | Editing | None = None
        self._answers: dict[str, Replying] = {}
        """What the draft of a channel answers."""
        self._sending = False
        self._names: EmojiNames | None = None
        self._names_wanted = False
        """An emoji's name was typed while the names weren't loaded yet."""
        self.composer.named = self._named
        self.offers = ListPane(id="offers")
        self.remark = Remarks(session, zone=zone, want_people=self._want_people, want_members=self._want_members)
        self._completing: Completing | None = None
        self._people_asked: set[str] = set()

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self.view
        yield self.typing_line
        yield self.offers
        yield self.remark
        yield self.note
        yield self.composer

    @property
    def completing(self) -> Completing:
        """What is offered for the word that is being written; made when something is first written."""
        if self._completing is None:
            from .completing import Completing  # late: see `_load_late`

            self._completing = Completing(
                self.session,
                self.composer,
                self.offers,
                channel=lambda: self.channel,
                now=self.now,
                commands=self._commands_offered,
                names=self._names_if_loaded,
                want_members=self._want_members,
                want_people=self._want_people,
            )
        return self._completing

    def _commands_offered(self) -> Sequence[Command]:
        """Slash commands that I may use here; none in an edit."""
        from .finding import Finding  # late: it is made of this
        from .slash_commands import offered  # late: see above

        screen = self.screen
        return offered(screen) if isinstance(screen, Finding) and not isinstance(self.mode, Editing) else ()

    def _look(self) -> None:
        """The text or the cursor changed."""
        if self.composer.text or self._completing is not None:
            self.completing.look()

    async def emoji_names(self) -> EmojiNames:
        """Short names of emoji, loaded in a thread when they are first needed."""
        if self._names is None:
            from asnity_tui.state.emoji_names import EmojiNames  # late: see `_load_late`

            self._names = await asyncio.to_thread(EmojiNames.load)
        return self._names

    def _names_if_loaded(self) -> EmojiNames | None:
        if self._names is None:
            self._load_names()
        return self._names

    @work(group="names", exclusive=True, exit_on_error=False)
    async def _load_names(self) -> None:
        names = await self.emoji_names()
        if self._names_wanted and not self._sending:
            self._names_wanted = False
            text, at = self.composer.text, self.composer.at
            if names.replace(text) != text:
                self.composer.exchange(names.replace(text), len(names.replace(text[:at])))
        self.completing.look()

    def _named(self, text: str) -> tuple[int, str] | None:
        """The emoji whose name a text ends with, and where that begins."""
        from asnity_tui.state.emoji_names import may_end_with_one  # late: see `_load_late`

        if not may_end_with_one(text):
            return None
        names = self._names_if_loaded()
        self._names_wanted |= names is None
        return names.ending(text) if names is not None else None

    def _want_members(self, community_id: str) -> None:
        self._want(community_id, self.session.load_members)

    def _want_people(self, channel_id: str) -> None:
        self._want(channel_id, self.session.load_people)

    def _want(self, where: str, load: Callable[[str], Awaitable[None]]) -> None:
        """Have people loaded; where that is refused, not again until there is another connection or channel."""
        if where not in self._people_asked and self.session.connection.status == "online":
            self._people_asked.add(where)
            self.run_worker(self._load_people(where, load), group="people", exit_on_error=False)

    async def _load_people(self, where: str, load: Callable[[str], Awaitable[None]]) -> None:
        if await self.asked(load(where)):
            self._people_asked.discard(where)
        self.completing.look()
        self.say_typing()

    def say_typing(self) -> None:
        """Who is typing, whether I may write, and what there is to say of what I wrote."""
        super().say_typing()
        if self.channel is not None:
            self._let_write(self.channel)
        self.remark.look(self.channel, self.composer.text, now=self.now())

    def begin_writing(self) -> None:
        """The channel's draft, with what it answers, unless something else is chosen."""
        self.composer.read_only = False
        self._people_asked.clear()
        self.mode = self._answers.get(self.channel_id) if self.channel_id else None
        self._say_mode()

    def set_mode(self, mode: Replying | Editing | None, text: str | None = None) -> None:
        """Reply, edit, or write anew; `text` replaces what stands in the composer."""
        was, self.mode = self.mode, mode
        if self.channel_id and isinstance(mode, Replying):
            self._answers[self.channel_id] = mode
        elif self.channel_id and mode is None and text is None and isinstance(was, Editing):
            self.mode = self._answers.get(self.channel_id)
        elif self.channel_id and mode is None:
            self._answers.pop(self.channel_id, None)
        self._say_mode()
        if text is not None:
            self.composer.put(text)
        elif isinstance(was, Editing) and self.channel_id:
            self.composer.put(self.session.draft(self.channel_id))

    def replying(self, message: Message) -> Replying:
        """The mode that answers a message."""
        scene = self.view.rows.scene
        said = said_in_a_line(message, scene)
        return Replying(message.id, who(message, scene), said)

    def _say_mode(self) -> None:
        mode = self.mode
        self.note.display = mode is not None
        if isinstance(mode, Replying):
            said = inked(("   > ", "dim"), (f"{mode.name}: ", "accent"), (mode.said, "dim"))
        else:
            said = inked(("   ", "plain"), ("Editing", "accent")) if mode else ()
        self.note.say(said, inked(("Esc cancels ", "dim")) if mode else ())

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
        self._look()

    @on(TextArea.SelectionChanged)
    def _moved(self) -> None:
        self._look()

    @on(Composer.Complete)
    def _complete(self, event: Composer.Complete) -> None:
        if event.act == "close":
            self.completing.close()
        elif event.act in ("word", "word-before"):
            self.completing.turn(1 if event.act == "word" else -1)
        elif event.act != "take":
            self.completing.move(1 if event.act == "next" else -1)
        elif not self.completing.take():
            self.composer.submit()

    @on(ListPane.Chosen, "#offers")
    def _offer_chosen(self, event: ListPane.Chosen) -> None:
        event.stop()
        self.completing.take(int(event.key))
        self.composer.focus()

    @on(Composer.Left)
    def _left_composer(self) -> None:
        if self.mode is not None:
            self.set_mode(None)
        elif not self._undo_send():
            self.leave_composer()

    @on(Composer.TooLong)
    def _too_long(self, event: Composer.TooLong) -> None:
        many = f"{event.excess:,} character{'s' if event.excess != 1 else ''}"
        self.notify(f"This is {many} too long.", severity="warning", markup=False)

    @on(Composer.Submitted)
    def _submitted(self, event: Composer.Submitted) -> None:
        if self.channel_id is None or self._sending:
            return
        text = event.text
        if not isinstance(self.mode, Editing) and text.startswith("/"):
            meant = slash.read(text, _names_of_commands())
            if isinstance(meant, slash.Unknown):
                self.notify(_unknown(meant.name), severity="warning", markup=False)
                return
            if isinstance(meant, slash.Do):
                self.composer.accepted(text)
                self.post_message(WantCommand(meant.name, meant.rest, text))
                return
            text = meant.text
        if self.channel and why_silent(self.session.store, self.channel, now=self.now(), zone=self._zone):
            self.app.bell()  # the line above the composer says why
            return
        self._sending = True
        self._send(self.channel_id, text, event.text, self.mode)

    @work(group="send", exit_on_error=False)
    async def _send(self, channel_id: str, text: str, typed: str, mode: Replying | Editing | None) -> None:
        """`typed` is what stands in the composer for it."""
        try:
            if self._names_wanted:
                text = (await self.emoji_names()).replace(text)
                self._names_wanted = False
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
            self._answers.pop(channel_id, None)
        elif isinstance(mode, Editing):
            self.set_mode(None)
        else:
            self.set_mode(None)
            self.composer.accepted(typed)
            self.view.set_new_after(None)  # whoever answers has read what was new
            self.newest()

    # What comes back to the composer

    def _undo_send(self) -> bool:
        """Take back what is still held; whether there was something."""
        entry = self.session.undo_send(self.channel_id) if self.channel_id is not None else None
        if entry is None:
            return False
        self._put_before(entry.content, self._answered_by(entry))
        self.notify("Not sent. It's back in the composer.", timeout=2, markup=False)
        return True

    def _answered_by(self, entry: Entry) -> Replying | None:
        """What something unsent answers, if that is certain and on the screen."""
        if entry.reply_to is None or _is_of_another(entry):
            return None
        answered = self.view.rows.scene.message_of(entry.reply_to)
        return self.replying(answered) if answered is not None else None

    def take(self, facts: Sequence[Fact]) -> None:
        """Draw what changed."""
        if any(isinstance(each, changes.CommunityLive) for each in facts):
            self._people_asked.clear()
        if any(isinstance(each, WHO_READS) for each in facts):
            self.say_typing()
        if any(isinstance(each, Restored) for each in facts):
            self._start_over()
        super().take(facts)

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
            draft = self.session.draft(self.channel_id)
            self._put_before(self.composer.text + (f"\n{draft}" if draft.strip() else ""), None)
        elif self.mode is not None:
            self.set_mode(None)

    def _put_before(self, text: str, mode: Replying | None) -> None:
        """Put a text in front of what stands in the composer."""
        held = self.composer.text if not isinstance(self.mode, Editing) else ""
        self.set_mode(mode, text + (f"\n{held}" if held.strip() else ""))

    def take_back(self, nonce: str) -> None:
        """Bring the text of something unsent back to the composer, in front of what stands there."""
        entry = self.session.outbox.get(nonce)
        if entry is None or entry.kind == "delete" or self.session.take_back(nonce) is None:
            self.notify("It may have been sent already.", severity="warning", markup=False)
            return
        if entry.kind == "modify" and entry.chat_id is not None and not _is_of_another(entry):
            self.set_mode(Editing(entry.chat_id), entry.content)
        else:
            self._put_before(entry.content, self._answered_by(entry))
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
    def edit_last(self) -> None:
        """Bring my last message to the composer."""
        for item in reversed(self.view.rows.items):
            if isinstance(item, Gap):
                return
            if self.is_mine(item):
                self.set_mode(Editing(item.message.id), item.message.content)
                return

    def is_mine(self, row: Row) -> bool:
        """Whether I wrote a message, and may still change it."""
        message, me = row.message, self.view.rows.scene.me
        return bool(message.id and message.sender_id == me and message.deleted_at is None and message.type == "TEXT")
