"""Items of a timeline: rows with the state of their delivery, and gaps that are not loaded."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Message

from .outbox_entry import OutboxEntry, WaitReason


class Sent(msgspec.Struct, frozen=True):
    """The server has it."""


class Pending(msgspec.Struct, frozen=True):
    """On its way, or after another one that is."""


class Waiting(msgspec.Struct, frozen=True):
    """Couldn't be delivered yet and goes again by itself."""

    reason: WaitReason
    not_before: int | None
    """The next attempt, in milliseconds since 1970; None where it depends on something else (the connection)."""


class Failed(msgspec.Struct, frozen=True):
    """Refused for a reason that trying again won't mend."""

    error: ErrorInfo


Delivery: TypeAlias = Sent | Pending | Waiting | Failed

SENT = Sent()
PENDING = Pending()


class Row(msgspec.Struct, frozen=True, eq=False):
    """One message on the screen. The same object as long as nothing about it changes: compare with `is`."""

    key: str
    """The same for a message from its pending row to the end; unique in its timeline."""
    message: Message
    """As it is to be shown: with the new text of an edit that is on its way, without the text of such a deletion.

    A pending new message has id 0, rev 0 and this machine's time.
    """
    delivery: Delivery
    entry: OutboxEntry | None
    """What is unsent about it: a new message, an edit or a deletion."""


class Gap(msgspec.Struct, frozen=True):
    """Messages with `after_id` < id < `before_id` that are not loaded."""

    after_id: int
    before_id: int
    count: int


Item: TypeAlias = Row | Gap


def row_key(message: Message, me: str) -> str:
    """Return the key of a message's row: for my own the nonce, which the pending row has too; else the id."""
    if message.nonce is not None and message.sender_id == me:
        return "n" + message.nonce
    return f"m{message.id}"


def delivery_of(entry: OutboxEntry) -> Delivery:
    """How an unsent thing stands, for the row that shows it."""
    if entry.state == "failed" and entry.error is not None:
        return Failed(entry.error)
    if entry.state == "waiting" and entry.reason is not None:
        return Waiting(entry.reason, entry.not_before)
    return PENDING
