"""The state of one of my channels: its counters, its timeline, and steps that are held back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec.structs import replace

from asnity_server.protocol.events import ReactionChat
from asnity_server.protocol.models import Channel, Counters, Member, Message
from asnity_server.protocol.responses import MessagePage

from . import unread
from .changes import (
    NOTHING,
    Changes,
    ChannelUpdated,
    CommunityChanged,
    NeedChanges,
    NeedCounters,
    TimelineChanged,
)
from .outbox_entry import OutboxEntry
from .timeline import IdRanges, Step, Timeline
from .unread import Badge

HELD_BACK_MAX = 2_000
"""Steps held back at most while one is missing; the others are asked for afterwards."""

HELD_UNSEEN_MAX = 50
"""The same in a channel that isn't loaded: of that, there may be many."""

TYPING_FOR = 5_000
"""Milliseconds for which somebody is shown as typing after the last sign of it (it comes every 3 s)."""

TYPING_MAX = 100
"""People who are known to be typing at the same time; of more, those who began first are forgotten."""


class TypingUsers:
    """The people who are typing, by user id in the order they began, each for a while after the last sign of it."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}

    def at(self, now: int) -> tuple[str, ...]:
        """Ids of the people who are typing at `now` (milliseconds)."""
        return tuple(each for each, until in self._until.items() if until > now)

    def add(self, user_id: str, now: int) -> None:
        """Note that somebody typed at `now` (milliseconds)."""
        self._until = {each: until for each, until in self._until.items() if until > now}
        self._until[user_id] = now + TYPING_FOR
        if len(self._until) > TYPING_MAX:
            del self._until[next(iter(self._until))]

    def remove(self, user_id: str) -> bool:
        """Note that somebody's message is here; whether that person was shown as typing."""
        return self._until.pop(user_id, None) is not None


class ChannelState:
    """One of my channels. Widgets read; only the store changes it.

    Two things follow the channel's steps, each with its rev: the counters and, where one is loaded, the timeline. A
    step that isn't the next is held back for whichever misses something, until the missing ones are here or asked for.
    """

    def __init__(self, channel: Channel, *, me: str, muted: bool, counters: Counters) -> None:
        self.id = channel.id
        self.channel = channel
        self.muted = muted
        self.counters = counters
        """The server's, carried on by events."""
        self.timeline: Timeline | None = None
        """None until the channel is opened for the first time."""
        self.people: dict[str, Member] | None = None
        """Who is in it, by user id; None until somebody asked for the list (`session.members.load_channel`)."""
        self.typing = TypingUsers()
        self.marked_unread = False
        """Marked as unread by hand, here or elsewhere: nothing is read by itself until it is opened again."""
        self._me = me
        self._reading = 0
        self._uncertain = False
        self._held: dict[int, Step] = {}
        self._low = 0
        self._top = 0
        self._rows_changed = TimelineChanged(channel.id)
        self._counts_changed: Changes = (ChannelUpdated(channel.id), CommunityChanged(channel.community_id))

    # What shows

    @property
    def read_id(self) -> int:
        """Up to where I have read, what the server hasn't confirmed yet included."""
        return max(self.counters.read_id, self._reading)

    @property
    def unconfirmed_read_id(self) -> int | None:
        """Up to where I have read, if the server doesn't know it yet."""
        return self._reading if self._reading > self.counters.read_id else None

    @property
    def counts(self) -> tuple[int, int]:
        """Unread and mentions, as far as I have read here."""
        counters = self.counters
        if self._reading <= counters.read_id:
            return counters.unread, counters.mentions
        if self._reading >= counters.last_id:
            return 0, 0
        behind = None if self.timeline is None else self.timeline.messages_after(self._reading)
        return (counters.unread, counters.mentions) if behind is None else unread.count(behind, self._me)

    @property
    def badge(self) -> Badge:
        """The badge of its line in the list."""
        count, mentions = self.counts
        if self.channel.kind == "direct" and not self.muted:
            mentions = count
        return Badge(count, mentions, self.muted)

    def named(self) -> Iterator[str]:
        """Ids of everybody whom something names that is loaded."""
        yield from self.channel.members or ()
        yield from self.people or ()
        if self.timeline is not None:
            yield from self.timeline.named()

    # Following

    @property
    def behind(self) -> Literal["changes", "counters"] | None:
        """The kind of request that is due, because steps are missing or the counts are uncertain."""
        timeline = self.timeline
        if timeline is not None and (not timeline.loaded or timeline.rev < self.top):
            return "changes"
        return "counters" if self._uncertain or self.counters.rev < self._top else None

    @property
    def holds_back(self) -> bool:
        """Whether steps wait for one that is missing and may still come by itself."""
        return bool(self._held)

    def is_new(self, message: Message) -> bool:
        """Whether a message with this id was never counted nor held back."""
        return message.id > self.counters.last_id and message.rev not in self._held

    def apply_step(self, step: Step) -> Changes:
        """A step, by event or acknowledgement: taken if it is the next, held back beyond that, else known already."""
        rev, timeline, before, version = step.rev, self.timeline, self.counters, self._version
        if rev == before.rev + 1 and not self._held and (timeline is None or timeline.rev == before.rev):
            self._top = max(self._top, rev)
            self._count(step)
            if timeline is not None:
                timeline.follow(step)
        elif rev <= before.rev and (timeline is None or rev <= timeline.rev):
            return NOTHING
        else:
            self._top = max(self._top, rev)
            is_next = rev == before.rev + 1 or (timeline is not None and rev == timeline.rev + 1)
            if is_next or len(self._held) < (HELD_UNSEEN_MAX if timeline is None else HELD_BACK_MAX):
                self._held[rev] = step
            self._advance()
        return self._changes_since(before, version)

    def _advance(self) -> None:
        """Take what was held back and is next now."""
        timeline = self.timeline
        if timeline is not None and not timeline.knows_any:
            timeline.skip_to(self.counters.rev)
        # The counters go first, step by step: the held copy is what a message was before the step.
        while self._held:
            step = self._held.get(self.counters.rev + 1)
            if step is not None:
                self._count(step)
            held = None if timeline is None else self._held.get(timeline.rev + 1)
            if timeline is not None and held is not None:
                timeline.follow(held)
            if step is None and held is None:
                break
        low = self.counters.rev if timeline is None else min(self.counters.rev, timeline.rev)
        if self._held and low != self._low:
            self._held = {rev: step for rev, step in self._held.items() if rev > low}
        self._low = low

    @property
    def _version(self) -> int:
        return -1 if self.timeline is None else self.timeline.version

    def _changes_since(self, before: Counters, version: int) -> Changes:
        """What changed since then, and what is to be asked for."""
        now = self.counters
        told: Changes = NOTHING if self._version == version else (self._rows_changed,)
        if now is not before and (
            now.unread != before.unread or now.mentions != before.mentions or now.read_id != before.read_id
        ):
            told += self._counts_changed
        return told + self.needs

    @property
    def needs(self) -> Changes:
        """The request that is due, if any."""
        behind = self.behind
        if behind is None:
            return NOTHING
        return (NeedChanges(self.id) if behind == "changes" else NeedCounters(self.id),)

    def _count(self, step: Step) -> None:
        counters = self.counters
        if isinstance(step, ReactionChat):
            self.counters = replace(counters, rev=step.rev)
        elif step.id > counters.last_id:
            self.counters = unread.after_new(counters, step, self._me)
        else:
            certain = unread.after_change(counters, self._copy_before(step.id), step, self._me)
            if certain is None:
                self._uncertain = True
            self.counters = certain or replace(counters, rev=step.rev)

    def _copy_before(self, message_id: int) -> Message | None:
        """A message as it was at `counters.rev`, if it is held so."""
        timeline = self.timeline
        if timeline is None or timeline.rev < self.counters.rev:
            return None
        held = timeline.find(message_id)
        return held if held is not None and held.rev <= self.counters.rev else None

    # What the server says

    def apply_counters(self, told: Counters, *, ordered: bool, back: bool = False) -> Changes:
        """Counters from the server; those of a lower rev never win.

        Read markers don't step the rev. `ordered`: they came over the socket, where what is later is newer; an answer
        over HTTP that differs in the marker alone may be older or newer, so it only makes us ask. `back`: a marker
        that is lower counts, too.
        """
        before, version = self.counters, self._version
        self._apply_counters(told, ordered=ordered, back=back)
        self._advance()
        return self._changes_since(before, version)

    def _apply_counters(self, told: Counters, *, ordered: bool, back: bool = False) -> None:
        held = self.counters
        if told.rev == held.rev and told.read_id != held.read_id and not ordered:
            self._uncertain = True
        elif told.rev > held.rev or (told.rev == held.rev and (back or told.read_id >= held.read_id)):
            self.counters = _plain(told)
            self._uncertain = False
            if self._reading <= told.read_id:
                self._reading = 0
            if self.timeline is not None:
                self.timeline.raise_last_id(told.last_id)

    @property
    def top(self) -> int:
        """The highest rev that was heard of."""
        return max(self._top, self.counters.rev)

    @property
    def known_rev(self) -> int:
        """The highest rev that something here is current as of."""
        return self.counters.rev if self.timeline is None else max(self.counters.rev, self.timeline.rev)

    def trust_answer(self, rev: int, *, asked_at: int) -> None:
        """The server answered as of `rev` when `asked_at` was the highest rev that was heard of.

        What was told before the question and lies beyond the answer can't be: it is forgotten, not asked for for ever.
        """
        if rev < asked_at:
            self._held = {each: step for each, step in self._held.items() if not rev < each <= asked_at}
            self._top = max(self._held, default=rev)

    def repair(self, messages: Iterable[Message], ranges: IdRanges, reached: int, told: Counters) -> Changes:
        """All that changed in `ranges` up to the rev `reached`, and the counters that came with it."""
        before, version = self.counters, self._version
        if self.timeline is not None:
            self.timeline.merge_changes(messages, ranges, reached)
        self._apply_counters(told, ordered=False)
        self._advance()
        return self._changes_since(before, version)

    def ask_again(self) -> Changes:
        """The counts may be wrong."""
        self._uncertain = True
        return self._changes_since(self.counters, self._version)

    def start_over(self, told: Counters) -> Changes:
        """The server was restored, and may have gone another way since: nothing that is held counts any more."""
        self.counters = _plain(told)
        self._held.clear()
        self._top = told.rev
        self._reading = self._low = 0
        self._uncertain = self.marked_unread = False
        if self.timeline is None:
            return self._counts_changed
        self.timeline = None
        self.open_timeline()
        return (*self._counts_changed, self._rows_changed, NeedChanges(self.id))

    # What I do

    def show(self, entries: Iterable[OutboxEntry]) -> Changes:
        """These are my unsent things in this channel now."""
        if self.timeline is None:
            return NOTHING
        self.timeline.show(entries)
        return (self._rows_changed,)

    def open_page(self, page: MessagePage) -> Changes | None:
        """A page of history; None if it is too old to be mended from here, and nothing was done."""
        before, version = self.counters, self._version
        if not self.open_timeline().merge_page(page):
            return None
        self._advance()
        return self._changes_since(before, version)

    def keep_own(self, message: Message) -> Changes:
        """A new message of mine was stored: it stays on the screen, whatever is missing before it."""
        if self.timeline is None:
            return NOTHING
        version = self._version
        self.timeline.keep_own(message)
        return (self._rows_changed,) if self._version != version else NOTHING

    def react(self, message_id: int, emoji: str, on: bool | None) -> Changes:
        """I put an emoji under a message, or take it back; None: the server knows, or refused."""
        if self.timeline is None:
            return NOTHING
        version = self._version
        self.timeline.react(message_id, emoji, on)
        return (self._rows_changed,) if self._version != version else NOTHING

    def open_timeline(self, rev: int | None = None) -> Timeline:
        """The timeline, made if there is none yet: as of `rev`, or of now."""
        if self.timeline is None:
            rev = self.counters.rev if rev is None else rev
            self.timeline = Timeline(me=self._me, rev=rev, last_id=self.counters.last_id)
        return self.timeline

    def read_up_to(self, message_id: int) -> bool:
        """I have seen everything up to a message; whether that is news."""
        message_id = min(message_id, self.counters.last_id)
        if message_id <= self.read_id:
            return False
        self._reading = message_id
        return True

    def drop_reading(self) -> None:
        """Drop a read marker that the server doesn't know: it refused, or the marker was set back."""
        self._reading = 0


def _plain(told: Counters) -> Counters:
    """The counters of an answer that says other things, too."""
    return Counters(
        last_id=told.last_id, rev=told.rev, read_id=told.read_id, unread=told.unread, mentions=told.mentions
    )
