"""Reactions: one emoji of one person under one message, set, removed and listed."""

from __future__ import annotations

from asnity_server.api.storage.paging import page_of, position
from asnity_server.bus import ReactionsChanged
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol import codec, limits, responses
from asnity_server.protocol.emoji import clean_emoji
from asnity_server.protocol.errors import Conflict, NotFound
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.models import Message, Reaction
from asnity_server.protocol.requests import OfReaction, OfReactionPage, React

from .access import Caller, authorize_in_channel
from .messages import load, reload, require_message, step_rev
from .storage import row_mapping


def react(tx: WriteTx, caller: Caller, request: React) -> Message:
    """Set or take back an emoji of the caller's. What is so already changes nothing and is told to nobody."""
    emoji = clean_emoji(request.emoji)
    standing = authorize_in_channel(tx, "enter-room", caller, request.channel_id)
    message = require_message(tx, caller, "react", standing, request)
    if message.deleted_at is not None:
        raise NotFound("This message was deleted.")
    where = (message.channel_id, message.id, emoji)
    mine = "SELECT 1 FROM reactions WHERE channel_id = ? AND message_id = ? AND emoji = ? AND user_id = ?"
    if (tx.value(mine, (*where, caller.user_id)) is not None) == request.on:
        return message
    if request.on and emoji not in message.reactions and len(message.reactions) >= limits.REACTIONS:
        raise Conflict(f"This message has {limits.REACTIONS} different reactions already.")
    rev = step_rev(tx, message.channel_id)
    if request.on:
        tx.run(
            "INSERT INTO reactions (channel_id, message_id, emoji, user_id, rev) VALUES (?, ?, ?, ?, ?)",
            (*where, caller.user_id, rev),
        )
    else:
        tx.run(
            "DELETE FROM reactions WHERE channel_id = ? AND message_id = ? AND emoji = ? AND user_id = ?",
            (*where, caller.user_id),
        )
    # every reader of the message needs this, so it is kept with it as it is told
    told = {**message.reactions, emoji: _reaction(tx, where)}
    told = {each: reaction for each, reaction in told.items() if reaction.count}
    tx.run(
        "UPDATE messages SET reactions = ?, rev = ? WHERE channel_id = ? AND id = ?",
        (codec.encode(told).decode() if told else "", rev, message.channel_id, message.id),
    )
    changed = reload(tx, message.channel_id, message.id)
    tx.publish(ReactionsChanged(changed, caller.origin))
    return changed


def _reaction(tx: WriteTx, where: tuple[str, int, str]) -> Reaction:
    """Load the reaction of one emoji under one message."""
    count: int = tx.value("SELECT count(*) FROM reactions WHERE channel_id = ? AND message_id = ? AND emoji = ?", where)
    first = tx.all(
        "SELECT user_id FROM reactions WHERE channel_id = ? AND message_id = ? AND emoji = ? ORDER BY rev LIMIT ?",
        (*where, limits.REACTION_USERS),
    )
    return Reaction(count=count, users=tuple(user_id for (user_id,) in first))


def list_reactors(view: ReadTx, caller: Caller, request: OfReactionPage) -> responses.Reactors:
    """List those who set an emoji under a message that the caller may read; nobody where it isn't under it."""
    authorize_in_channel(view, "read-history", caller, request.channel_id)
    if load(view, request.channel_id, request.chat_id) is None:
        raise NotFound("Message not found.")
    after = position(request.cursor or None, start=0)
    found = view.all(
        "SELECT user_id, rev FROM reactions WHERE channel_id = ? AND message_id = ? AND emoji = ? AND rev > ?"
        " ORDER BY rev LIMIT ?",
        (request.channel_id, request.chat_id, clean_emoji(request.emoji), after, request.limit + 1),
    )
    told, more = page_of(found, request.limit, lambda row: str(row[1]))
    ids = tuple(row[0] for row in told)
    users = row_mapping.users_by_id(view, caller.user_id, community_of(request.channel_id), ids)
    return responses.Reactors(reactors=ids, users=users, cursor=more)


def add(tx: WriteTx, caller: Caller, request: OfReaction) -> Message:
    """Add a reaction over HTTP."""
    return react(tx, caller, _as_react(request, on=True))


def remove(tx: WriteTx, caller: Caller, request: OfReaction) -> Message:
    """Remove a reaction over HTTP."""
    return react(tx, caller, _as_react(request, on=False))


def _as_react(request: OfReaction, *, on: bool) -> React:
    return React(channel_id=request.channel_id, chat_id=request.chat_id, emoji=request.emoji, on=on)
