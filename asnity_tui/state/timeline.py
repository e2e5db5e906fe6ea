"""The timeline of one channel: loaded ranges with their gaps, the rev they are current as of, and unsent rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from asnity_server.protocol.events import ReactionChat
from asnity_server.protocol.limits import MAX_INTEGER
from asnity_server.protocol.models import Message
from asnity_server.protocol.responses import MessagePage

from .outbox_entry import OutboxEntry
from .pending_overlay import PendingOverlay
from .ranges import Ranges
from .rows import Gap, Item, Row

Step: TypeAlias = Message | ReactionChat
"""What steps a channel's rev, from an event or an acknowledgement."""

IdRanges: TypeAlias = tuple[tuple[int, int], ...]
"""Id ranges, both ends included."""

LONG_ABSENCE = 200
"""So many missed messages are still caught up with; of more, only the newest page is loaded and the rest is a gap."""

LOG = 256
"""The last steps that are remembered, for pages that were read before them and arrive after them."""


class Timeline:
    """The held messages of one channel. Widgets read; only the store changes it.

    Invariant: every held message is current as of `rev` or later. What comes with a higher rev than the next is not
    followed here, the channel holds it back.
    """

    def __init__(self, *, me: str, rev: int, last_id: int) -> None:
        self.rev = rev
        """Every held message is current as of this rev of the channel."""
        self.version = 0
        """Steps whenever `items()` would answer something else."""
        self.loaded = False
        """A page was taken in, be it empty: before that, nothing can be said about what isn't there."""
        self.last_id = last_id
        """The newest message's id as far as known, held or not."""
        self._me = me
        self._held = Ranges(me)
        self._begins_at = 1
        self._follows_newest = False
        """The newest message is held, or was when steps began to be missed."""
        self._log: deque[Step] = deque(maxlen=LOG)
        self._looked: tuple[int, int] | None = None
        self._overlay = PendingOverlay(me)
        self._items: tuple[Item, ...] | None = None

    # Looking

    def items(self) -> Sequence[Item]:
        """Rows and the gaps between them, oldest first, the pending new messages at the end in the order sent.

        Built when asked for and kept until something changes: ask freely. The stretch before the first row is no item
        (see `has_older`); the one after the last loaded message is, where it isn't loaded.
        """
        if self._items is None:
            self._items = tuple(self._build())
        return self._items

    @property
    def has_older(self) -> bool:
        """Whether there are messages before the first that is held."""
        oldest = self._held.oldest
        return self.last_id >= self._begins_at if oldest is None else oldest > self._begins_at

    @property
    def has_newer(self) -> bool:
        """Whether there are messages after the last that is held."""
        newest = self._held.newest
        return newest is not None and newest < self.last_id

    @property
    def oldest_id(self) -> int | None:
        """The first held message's id."""
        return self._held.oldest

    @property
    def newest_id(self) -> int | None:
        """The last held message's id."""
        return self._held.newest

    @property
    def knows_any(self) -> bool:
        """Whether anything is said here that a step could change: a message, or that there is none."""
        return self.loaded or bool(self._held)

    @property
    def held(self) -> int:
        """How many messages are held."""
        return len(self._held)

    def named(self) -> Iterator[str]:
        """Ids of everybody whom a held message names."""
        for held_range in self._held:
            for row in held_range.rows:
                yield row.message.sender_id
                yield from row.message.mentions
                for reaction in row.message.reactions.values():
                    yield from reaction.users

    def find(self, message_id: int) -> Message | None:
        """The server's copy of a message, if it is held (without the text of pending edits)."""
        row = self._held.row(message_id)
        return None if row is None else row.message

    def row(self, message_id: int) -> Row | None:
        """A message's row as `items()` has it, if it is held."""
        row = self._held.row(message_id)
        return None if row is None else self._overlay.over(row)

    def messages_after(self, message_id: int) -> Sequence[Message] | None:
        """The messages after `message_id` up to the newest, or None where they aren't all held."""
        tail = self._held.tail
        if message_id >= self.last_id:
            return ()
        if not tail or self.has_newer or tail[0].message.id > message_id + 1:
            return None
        return [row.message for row in tail[message_id + 1 - tail[0].message.id :]]

    def newest(self, limit: int) -> Sequence[Message]:
        """The newest messages without a gap, at most `limit`; none where the newest isn't held."""
        return () if self.has_newer else [row.message for row in self._held.tail[-limit:]]

    # Following

    def follow(self, step: Step) -> None:
        """Take the step `rev` + 1."""
        self.rev = step.rev
        self._log.append(step)
        if isinstance(step, ReactionChat):
            held = self._held.row(step.chat_id)
            if held is not None:
                self._held.replace(replace(held.message, reactions=step.reactions, rev=step.rev))
        else:
            self._held.extend(step)
            self.last_id = max(self.last_id, step.id)
            self._bound()
        self._changed()

    def raise_last_id(self, last_id: int) -> None:
        """The channel's newest message has at least this id."""
        if last_id > self.last_id:
            self.last_id = last_id
            self._changed()

    def keep_own(self, message: Message) -> None:
        """A message of mine was stored, perhaps beyond steps that are missing still: it stays on the screen."""
        if message.rev > self.rev and self._held.put((message,)):
            self.last_id = max(self.last_id, message.id)
            self._bound()
            self._changed()

    def skip_to(self, rev: int) -> None:
        """All that is held was brought up to `rev` otherwise."""
        if rev > self.rev:
            self.rev = rev
            self._log.clear()

    # Pages

    def restore(self, messages: Sequence[Message]) -> None:
        """Take in what was remembered as the newest messages as of `rev`."""
        self._held.put(messages)
        self._follows_newest = self.loaded = bool(messages)
        if messages:
            self.last_id = max(self.last_id, messages[-1].id)
        self._changed()

    def merge_page(self, page: MessagePage) -> bool:
        """Take in a page of history; False (and nothing is done) if it is older than can be mended from here."""
        brought = self._bring_up(page)
        if brought is None:
            return False
        self.loaded = True
        if page.messages and not page.has_older:
            self._begins_at = max(self._begins_at, page.messages[0].id)
        self._held.put(brought)
        if brought:
            self.last_id = max(self.last_id, brought[-1].id)
        elif not self._held and not page.has_newer:
            self._follows_newest = True  # of a channel without messages
        self._bound()
        self._changed()
        return True

    def _bring_up(self, page: MessagePage) -> list[Message] | None:
        """The page's messages as of `rev`, by the steps taken since it was read; None if those aren't all known."""
        messages = list(page.messages)
        if page.rev >= self.rev or not messages:
            return messages
        if not self._log or self._log[0].rev > page.rev + 1:
            return None
        first = messages[0].id
        for step in self._log:
            index = (step.chat_id if isinstance(step, ReactionChat) else step.id) - first
            if index == len(messages) and isinstance(step, Message):
                messages.append(step)
            elif 0 <= index < len(messages) and messages[index].rev < step.rev:
                messages[index] = (
                    step
                    if isinstance(step, Message)
                    else replace(messages[index], reactions=step.reactions, rev=step.rev)
                )
        return messages

    def look(self, first_id: int, last_id: int) -> None:
        """Which messages are on the screen: what is far from them is dropped first."""
        self._looked = (first_id, last_id)

    def stop_looking(self) -> None:
        """It isn't on the screen any more: the newest messages are what will be looked at next."""
        self._looked = None

    def _bound(self) -> None:
        first, last = self._looked or (self.last_id, self.last_id)
        newest = self._held.newest
        if self._held.bound(first, last) and self._held.newest != newest:
            self._follows_newest = False
        elif newest is not None and newest >= self.last_id:
            self._follows_newest = True

    # Repair

    def ranges(self) -> IdRanges:
        """The id ranges to ask `changes` for: what is held, and after it what was missed, unless that is too much."""
        held = [(each.first, each.last) for each in self._held]
        if self._follows_newest and not self.missed_much:
            held[-1:] = [(held[-1][0] if held else 1, MAX_INTEGER)]
        return tuple(held)

    @property
    def missed_much(self) -> bool:
        """Whether the newest was held once, and so much is missing now that only the newest page is worth loading."""
        return self._follows_newest and self.last_id - (self._held.newest or 0) > LONG_ABSENCE

    def merge_changes(self, messages: Iterable[Message], ranges: IdRanges, reached: int) -> bool:
        """Take in all that changed in `ranges` up to the rev `reached`.

        False if something is held by now that wasn't asked for: then `rev` stays, and it is to be asked again.
        """
        for message in sorted(messages, key=lambda each: each.id):
            self._held.extend(message)
            self.last_id = max(self.last_id, message.id)
        self._bound()
        covered = all(any(a <= each.first and each.last <= b for a, b in ranges) for each in self._held)
        if covered:
            self.skip_to(reached)
        self._changed()
        return covered

    # Unsent

    def show(self, entries: Iterable[OutboxEntry]) -> None:
        """Show these unsent things of the channel, in this order."""
        self._overlay.show(entries)
        self._changed()

    def react(self, message_id: int, emoji: str, on: bool | None) -> None:
        """Show that I have put an emoji under a message (or taken it back); None: the server knows."""
        if self._overlay.react(message_id, emoji, on):
            self._changed()

    # Items

    def _changed(self) -> None:
        self.version += 1
        self._items = None

    def _build(self) -> list[Item]:
        items: list[Item] = []
        last = 0
        for held_range in self._held:
            if items:
                items.append(Gap(last, held_range.first, held_range.first - last - 1))
            begin = len(items)
            items += held_range.rows
            last = held_range.last
            for message_id in self._overlay.ids:
                if held_range.first <= message_id <= last:
                    index = message_id - held_range.first
                    items[begin + index] = self._overlay.over(held_range.rows[index])
        if items and last < self.last_id:
            items.append(Gap(last, self.last_id + 1, self.last_id - last))
        items += self._overlay.unsent
        return items
