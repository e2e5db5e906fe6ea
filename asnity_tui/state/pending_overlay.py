"""Overlays a timeline with unsent rows, edits, deletions and reactions until the server confirms them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from asnity_server.protocol import times
from asnity_server.protocol.errors import is_restored
from asnity_server.protocol.limits import REACTION_USERS
from asnity_server.protocol.models import Message, Reaction

from .outbox_entry import OutboxEntry
from .rows import Row, delivery_of, row_key


class PendingOverlay:
    """Rows as they are to be shown. The same row as long as neither the message nor what lies over it changes."""

    def __init__(self, me: str) -> None:
        self.unsent: tuple[Row, ...] = ()
        """New messages, in the order sent."""
        self._me = me
        self._changes: dict[int, OutboxEntry] = {}
        self._reactions: dict[int, Mapping[str, bool]] = {}
        self._rows: dict[int, Row] = {}

    def __contains__(self, message_id: int) -> bool:
        return message_id in self._changes or message_id in self._reactions

    @property
    def ids(self) -> tuple[int, ...]:
        """The messages that something lies over."""
        return tuple({**self._changes, **self._reactions})

    def show(self, entries: Iterable[OutboxEntry]) -> None:
        """Show these unsent things of the channel, in this order."""
        old = {row.key: row for row in self.unsent}
        unsent: list[Row] = []
        changes: dict[int, OutboxEntry] = {}
        for entry in entries:
            if entry.kind == "new" or (entry.error is not None and is_restored(entry.error)):
                # (an edit of a message that may be another one by now stands by itself)
                row = old.get("n" + entry.nonce)
                unsent.append(row if row is not None and row.entry is entry else self._unsent_row(entry))
            elif entry.chat_id is not None:
                # the last one shows, but what failed never hides what is still on its way
                shown = changes.get(entry.chat_id)
                if shown is None or shown.state == "failed" or entry.state != "failed":
                    changes[entry.chat_id] = entry
        self.unsent = tuple(unsent)
        self._changes = changes
        self._rows = {each: row for each, row in self._rows.items() if each in self}

    def react(self, message_id: int, emoji: str, on: bool | None) -> bool:
        """I have put an emoji under a message (or taken it back); None: the server knows. Whether that is news."""
        wished = dict(self._reactions.get(message_id, {}))
        if wished.get(emoji) == on:
            return False
        if on is None:
            del wished[emoji]
        else:
            wished[emoji] = on
        self._reactions[message_id] = wished
        if not wished:
            del self._reactions[message_id]
        self._rows.pop(message_id, None)
        return True

    def over(self, row: Row) -> Row:
        """A held row with what lies over its message; an edit that was refused shows the old text."""
        entry, wished = self._changes.get(row.message.id), self._reactions.get(row.message.id)
        if entry is None and not wished:
            return row
        shown = self._rows.get(row.message.id)
        if shown is not None and shown.entry is entry and shown.message.rev == row.message.rev:
            return shown
        message = row.message
        for emoji, on in (wished or {}).items():
            message = with_reaction(message, emoji, self._me, on=on)
        if entry is not None and entry.state != "failed" and message.deleted_at is None:
            now = times.to_wire(entry.created_at)
            if entry.kind == "modify":
                message = replace(message, content=entry.content, updated_at=now)
            else:
                message = replace(message, content="", deleted_at=now)
        delivery = row.delivery if entry is None else delivery_of(entry)
        shown = self._rows[message.id] = Row(row.key, message, delivery, entry)
        return shown

    def _unsent_row(self, entry: OutboxEntry) -> Row:
        now = times.to_wire(entry.created_at)
        message = Message(
            id=0,
            channel_id=entry.channel_id,
            community_id=entry.community_id,
            sender_id=self._me,
            type="TEXT",
            content=entry.content,
            created_at=now,
            updated_at=now,
            deleted_at=None,
            rev=0,
            nonce=entry.nonce,
            reply_to=entry.reply_to,
            mentions=(),
            mentions_all=False,
            reactions={},
            pinned=False,
        )
        return Row(row_key(message, self._me), message, delivery_of(entry), entry)


def has_reacted(message: Message, emoji: str, me: str) -> bool | None:
    """Whether I have put an emoji under a message; None where it names too few people to know."""
    reaction = message.reactions.get(emoji)
    if reaction is None:
        return False
    if me in reaction.users:
        return True
    return False if reaction.count <= len(reaction.users) else None


def with_reaction(message: Message, emoji: str, me: str, *, on: bool) -> Message:
    """A message with an emoji of mine put under it or taken back, as the server will show it.

    The server names the first `limits.REACTION_USERS` people only; where it doesn't say whether I am among the
    others, `on` believes what the person sees.
    """
    reacted = has_reacted(message, emoji, me)
    if reacted is on or message.deleted_at is not None:
        return message
    reactions = dict(message.reactions)
    old = reactions.get(emoji, Reaction(count=0, users=()))
    if on:
        users = old.users if len(old.users) >= REACTION_USERS else (*old.users, me)
        reactions[emoji] = Reaction(count=old.count + 1, users=users)
    elif old.count <= 1:
        del reactions[emoji]
    else:
        reactions[emoji] = Reaction(count=old.count - 1, users=tuple(each for each in old.users if each != me))
    return replace(message, reactions=reactions)
