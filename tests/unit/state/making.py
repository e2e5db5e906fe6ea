"""Short ways to make what the state is told."""

from __future__ import annotations

from typing import Any

from asnity_server.protocol.models import Channel, Counters, Message
from asnity_server.protocol.responses import ChangesPage, MessagePage
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.outbox_entry import OutboxEntry
from asnity_tui.state.rows import Gap, Row
from asnity_tui.state.timeline import Timeline

ME, BOB = "meaaaaaaaaaa", "bobaaaaaaaaa"
HERE = "commaaaaaaaa"
GENERAL = HERE + "-aaaaaaaa"
THEN = "2026-11-20T10:00:00.000Z"


def message(message_id: int, rev: int | None = None, **given: Any) -> Message:
    """Message `message_id`, created with rev `rev` (the same number unless given), by bob."""
    return Message(
        **{
            "id": message_id,
            "channel_id": GENERAL,
            "community_id": HERE,
            "sender_id": BOB,
            "type": "TEXT",
            "content": f"text {message_id}",
            "created_at": THEN,
            "updated_at": THEN,
            "deleted_at": None,
            "rev": message_id if rev is None else rev,
            "nonce": None,
            "reply_to": None,
            "mentions": (),
            "mentions_all": False,
            "reactions": {},
            "pinned": False,
        }
        | given
    )


def deleted(message_id: int, rev: int) -> Message:
    """The same message after its deletion."""
    return message(message_id, rev, content="", deleted_at=THEN)


def messages(first: int, last: int) -> tuple[Message, ...]:
    """Messages `first` to `last`, each as it was created."""
    return tuple(message(each) for each in range(first, last + 1))


def counters(last_id: int, rev: int | None = None, *, read: int = 0, unread: int = 0, mentions: int = 0) -> Counters:
    """Counters of a channel, with as many steps as messages unless `rev` says otherwise."""
    return Counters(
        last_id=last_id, rev=last_id if rev is None else rev, read_id=read, unread=unread, mentions=mentions
    )


def channel(told: Counters | None = None, **given: Any) -> ChannelState:
    """A channel where I stand as `told` (everything read of an empty one)."""
    made = Channel(
        **{
            "id": GENERAL,
            "community_id": HERE,
            "kind": "public",
            "name": "general",
            "topic": "",
            "archived": False,
            "created_at": THEN,
        }
        | given
    )
    return ChannelState(made, me=ME, muted=False, counters=told or counters(0))


def page(*held: Message, rev: int, older: bool | None = None, newer: bool = False) -> MessagePage:
    """A page of history."""
    has_older = held[0].id > 1 if older is None and held else bool(older)
    return MessagePage(messages=held, has_older=has_older, has_newer=newer, rev=rev, users={})


def changed(*found: Message, rev: int, told: Counters | None = None, more: bool = False) -> ChangesPage:
    """An answer of `changes`."""
    return ChangesPage(messages=found, rev=rev, more=more, counters=told or counters(0, rev), users={})


def entry(nonce: str, **given: Any) -> OutboxEntry:
    """Something unsent; a new message unless given otherwise."""
    return OutboxEntry(
        **{
            "nonce": nonce,
            "community_id": HERE,
            "channel_id": GENERAL,
            "kind": "new",
            "content": f"text of {nonce}",
            "created_at": 1_795_168_800_000,
        }
        | given
    )


def looks(timeline: Timeline) -> list[int | str]:
    """A timeline's items in short: ids, `12~15` for a gap between two, nonces for what is pending."""
    short: list[int | str] = []
    for item in timeline.items():
        if isinstance(item, Gap):
            short.append(f"{item.after_id}~{item.before_id}")
        elif isinstance(item, Row):
            short.append(item.message.id or item.key.removeprefix("n"))
    return short
