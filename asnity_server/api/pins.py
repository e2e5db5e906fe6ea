"""Pins: messages of a channel that are kept at hand; pinned, unpinned and listed."""

from __future__ import annotations

from asnity_server.bus import MessageEdited
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol import limits, responses
from asnity_server.protocol.errors import Conflict, NotFound
from asnity_server.protocol.models import Message
from asnity_server.protocol.requests import OfChannel, OfMessage

from .access import Caller, authorize_in_channel
from .messages import reload, require_message, step_rev
from .storage import row_mapping


def pin(tx: WriteTx, caller: Caller, request: OfMessage) -> Message:
    """Pin a message. One that is pinned already stays where it is."""
    return _set(tx, caller, request, pinned=True)


def unpin(tx: WriteTx, caller: Caller, request: OfMessage) -> Message:
    """Take a pin away."""
    return _set(tx, caller, request, pinned=False)


def list_pins(view: ReadTx, caller: Caller, request: OfChannel) -> responses.Pins:
    """A channel's pinned messages, the one that was pinned last first."""
    authorize_in_channel(view, "read-history", caller, request.channel_id)
    found = view.all(
        f"SELECT {row_mapping.MESSAGE} FROM messages m INDEXED BY messages_pinned"
        " WHERE m.channel_id = ? AND m.pinned_at IS NOT NULL ORDER BY m.pinned_at DESC, m.id DESC",
        (request.channel_id,),
    )
    messages = tuple(row_mapping.message(row) for row in found)
    users = row_mapping.users_in(view, caller.user_id, request.channel_id, messages)
    return responses.Pins(messages=messages, users=users)


def _set(tx: WriteTx, caller: Caller, request: OfMessage, *, pinned: bool) -> Message:
    standing = authorize_in_channel(tx, "enter-room", caller, request.channel_id)
    message = require_message(tx, caller, "pin-message", standing, request)
    if message.deleted_at is not None:
        raise NotFound("This message was deleted.")
    if message.pinned == pinned:
        return message
    if pinned:
        pins = "SELECT count(*) FROM messages WHERE channel_id = ? AND pinned_at IS NOT NULL"
        if tx.value(pins, (request.channel_id,)) >= limits.PINS:
            raise Conflict(f"This channel has {limits.PINS} pins already. Unpin one first.")
        last = "SELECT max(pinned_at) FROM messages WHERE channel_id = ? AND pinned_at IS NOT NULL"
        # only the order counts, also behind one that was pinned while the clock was ahead
        pinned_at = max(tx.now, (tx.value(last, (request.channel_id,)) or 0) + 1)
    tx.run(
        "UPDATE messages SET pinned_at = ?, rev = ? WHERE channel_id = ? AND id = ?",
        (pinned_at if pinned else None, step_rev(tx, message.channel_id), message.channel_id, message.id),
    )
    changed = reload(tx, message.channel_id, message.id)
    tx.publish(MessageEdited(changed, caller.origin))
    return changed
