"""Messages posted, edited and deleted: dense ids, one rev per change, and a receipt for every nonce."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, NamedTuple

from asnity_server.bus import MessageDeleted, MessageEdited, MessagePosted
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.db.write_buffer import BatchInsert
from asnity_server.protocol.errors import Conflict, Invalid, NotFound
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.markup import mention_runs
from asnity_server.protocol.mentions import mention_keys, resolve_name
from asnity_server.protocol.models import Message
from asnity_server.protocol.requests import DeleteMessage, EditMessage, OfMessage, PostMessage
from asnity_server.protocol.text import EVERYONE, clean_content

from .access import Caller, authorize_in_channel, count_members
from .audit import record_in_channel
from .direct_lists import call_together
from .permissions import Standing, require
from .search import search_index
from .storage import row_mapping, write_cache


class _Asked(NamedTuple):
    """A request that may be a repeat, as far as that is told from other requests with the same nonce."""

    kind: Literal["new", "modify", "delete"]
    channel_id: str
    number: int | None
    """The message that is changed; for a new one, that which it answers."""
    content: str = ""


def load(view: ReadTx, channel_id: str, message_id: int) -> Message | None:
    """One message, deleted ones included."""
    row = view.one(
        f"SELECT {row_mapping.MESSAGE} FROM messages m WHERE m.channel_id = ? AND m.id = ?", (channel_id, message_id)
    )
    return None if row is None else row_mapping.message(row)


_MESSAGES = BatchInsert(
    f"INSERT INTO messages ({', '.join(row_mapping.MessageRow._fields)}) VALUES ",
    columns=len(row_mapping.MessageRow._fields),
)


def post(tx: WriteTx, caller: Caller, request: PostMessage) -> Message:
    """Store a new message. The same nonce again answers the message that it made, and changes nothing.

    Most messages ask nothing of the database: what it would answer is cached, and that a nonce is new is left to
    the index, which makes the buffer invalid where it isn't; then, unbuffered, it is looked up first.
    """
    content = clean_content(request.content)
    channel_id, user_id, nonce = request.channel_id, caller.user_id, request.nonce
    access = write_cache.channel_access(tx, user_id, channel_id)
    asked = _Asked("new", channel_id, request.reply_to, content)
    mentions: list[str] = []
    calls = request.reply_to is not None or "@" in content
    to_all = False
    if tx.buffer.careful or not access.may_post or calls:
        require("enter-room", access.standing)
        done = _message_of_receipt(tx, caller, nonce, asked)
        if done is not None:
            return done
        require("post", access.standing)
        if request.reply_to is not None and load(tx, channel_id, request.reply_to) is None:
            raise Invalid("The message you are replying to doesn't exist.", field="replyTo")
    comes_new = access.standing.kind == "direct" and call_together(tx, channel_id, by=user_id)
    if comes_new:
        access = write_cache.channel_access(tx, user_id, channel_id)
    if calls:
        mentions, to_all = _called(tx, channel_id, content, by=user_id, reply_to=request.reply_to)
        if to_all:
            _require_mention_all(tx, access.standing, channel_id)
    tail = write_cache.append_message(tx, access)
    message_id, rev, now = tail.last_id, tail.rev, tail.last_at
    stored = row_mapping.MessageRow(
        id=message_id, channel_id=channel_id, sender_id=user_id, type="TEXT", content=content, created_at=now,
        updated_at=now, deleted_at=None, rev=rev, nonce=nonce, reply_to=request.reply_to,
        mentions=" ".join(mentions), mentions_all=int(to_all), reactions="", pinned_at=None,
    )  # fmt: skip
    tx.buffer.insert(_MESSAGES, stored)
    _keep_receipt(tx, caller, nonce, asked, message_id, rev)
    if mentions and not to_all:
        _store_mentions(tx, channel_id, message_id, mentions, but=user_id)
    if not comes_new:
        tx.keep_cached()
    message = row_mapping.message(stored)
    tx.publish(MessagePosted(message, caller.origin))
    return message


def edit(tx: WriteTx, caller: Caller, request: EditMessage) -> Message:
    """Give one's own message new content; mentions follow it."""
    content = clean_content(request.content)
    standing = authorize_in_channel(tx, "enter-room", caller, request.channel_id)
    asked = _Asked("modify", request.channel_id, request.chat_id, content)
    done = _message_of_receipt(tx, caller, request.nonce, asked)
    if done is not None:
        return done
    old = require_message(tx, caller, "edit-message", standing, request)
    if old.type != "TEXT":
        raise Invalid("This message can't be edited.", field="chatId")
    if old.deleted_at is not None:
        raise NotFound("This message was deleted.")
    if content == old.content:
        _keep_receipt(tx, caller, request.nonce, asked, old.id, old.rev)
        return old
    mentions, to_all = _called(tx, request.channel_id, content, by=caller.user_id, reply_to=old.reply_to)
    if to_all and not old.mentions_all:
        _require_mention_all(tx, standing, request.channel_id)
    _drop_mentions(tx, old)
    if not to_all:
        _store_mentions(tx, request.channel_id, old.id, mentions, but=caller.user_id)
    rev = step_rev(tx, request.channel_id)
    _keep_receipt(tx, caller, request.nonce, asked, old.id, rev)
    tx.run(
        "UPDATE messages SET content = ?, updated_at = max(?, created_at + 1), rev = ?, mentions = ?, mentions_all = ?"
        " WHERE channel_id = ? AND id = ?",
        (
            content,
            tx.now,
            rev,
            " ".join(mentions),
            int(to_all),
            request.channel_id,
            old.id,
        ),
    )
    _reindex(tx, old)
    tx.scrub()
    message = reload(tx, request.channel_id, old.id)
    tx.publish(MessageEdited(message, caller.origin))
    return message


def delete(tx: WriteTx, caller: Caller, request: DeleteMessage) -> Message:
    """Delete a message for ever: its content leaves the database, its id and access stay."""
    standing = authorize_in_channel(tx, "enter-room", caller, request.channel_id)
    asked = _Asked("delete", request.channel_id, request.chat_id)
    done = _message_of_receipt(tx, caller, request.nonce, asked)
    if done is not None:
        return done
    old = require_message(tx, caller, "delete-message", standing, request)
    _keep_receipt(tx, caller, request.nonce, asked, old.id, old.rev)
    if old.deleted_at is not None:
        return old
    _drop_mentions(tx, old)
    tx.run("DELETE FROM reactions WHERE channel_id = ? AND message_id = ?", (request.channel_id, old.id))
    tx.run(
        "UPDATE messages SET content = '', deleted_at = ?, rev = ?, mentions = '', mentions_all = 0, reactions = '',"
        " pinned_at = NULL WHERE channel_id = ? AND id = ?",
        (tx.now, step_rev(tx, request.channel_id), request.channel_id, old.id),
    )
    _reindex(tx, old)
    tx.scrub()
    if old.sender_id != caller.user_id:
        deed = (request.channel_id, standing.kind)
        record_in_channel(tx, caller, "message-deleted", *deed, target_id=old.sender_id, message_id=old.id)
    message = reload(tx, request.channel_id, old.id)
    tx.publish(MessageDeleted(message, caller.origin))
    return message


_NAMED = """
SELECT u.username_key, u.id FROM json_each(?2) named JOIN users u ON u.username_key = named.value
JOIN channel_members m ON m.user_id = u.id AND m.channel_id = ?1
"""


def resolve_mentions(view: ReadTx, channel_id: str, content: str) -> tuple[list[str], bool]:
    """Return the ids of those in the channel whom `content` mentions, in order, and whether it mentions everyone."""
    runs = list(dict.fromkeys(mention_runs(content)))
    if not runs:
        return [], False
    keys = list(dict.fromkeys(each.key for run in runs for each in mention_keys(run)))
    people: dict[str, str] = dict(view.all(_NAMED, (channel_id, row_mapping.json_list(keys))))
    found = dict.fromkeys(each.key for run in runs if (each := resolve_name(run, people)))
    return [people[key] for key in found if key != EVERYONE], EVERYONE in found


_ANSWERED = """
SELECT m.sender_id FROM messages m JOIN channel_members cm ON cm.channel_id = m.channel_id AND cm.user_id = m.sender_id
WHERE m.channel_id = ? AND m.id = ? AND m.type = 'TEXT'
"""


def _called(view: ReadTx, channel_id: str, content: str, *, by: str, reply_to: int | None) -> tuple[list[str], bool]:
    """Return those whom a message mentions: by its content, and the author of the message that it answers.

    Who answers their own message calls nobody by that, nor does who answers somebody that has left the channel.
    """
    mentions, to_all = resolve_mentions(view, channel_id, content)
    answered = view.value(_ANSWERED, (channel_id, reply_to)) if reply_to is not None else None
    if answered is not None and answered not in (by, *mentions):
        mentions.append(answered)
    return mentions, to_all


def step_rev(tx: WriteTx, channel_id: str) -> int:
    """The rev of one more change in a channel."""
    rev: int = tx.value("UPDATE channels SET rev = rev + 1 WHERE id = ? RETURNING rev", (channel_id,))
    return rev


def require_message(
    tx: WriteTx,
    caller: Caller,
    action: Literal["edit-message", "delete-message", "react", "pin-message"],
    standing: Standing,
    request: OfMessage,
) -> Message:
    """The message that a request is about, after requiring `action`."""
    message = load(tx, request.channel_id, request.chat_id)
    if message is None:
        raise NotFound("Message not found.")
    require(action, replace(standing, own=message.sender_id == caller.user_id))
    return message


def _require_mention_all(tx: WriteTx, standing: Standing, channel_id: str) -> None:
    require("mention-all", replace(standing, people=count_members(tx, channel_id)))


def _drop_mentions(tx: WriteTx, message: Message) -> None:
    tx.run_many(
        "DELETE FROM mentions WHERE channel_id = ? AND user_id = ? AND message_id = ?",
        [(message.channel_id, user_id, message.id) for user_id in message.mentions],
    )


def _store_mentions(tx: WriteTx, channel_id: str, message_id: int, mentions: Iterable[str], *, but: str) -> None:
    """Store who counts as mentioned: nobody by themselves, and nobody twice by a message for everyone."""
    for user_id in mentions:
        if user_id != but:
            tx.run(
                "INSERT INTO mentions (channel_id, user_id, message_id) VALUES (?, ?, ?)",
                (channel_id, user_id, message_id),
            )


def _reindex(tx: WriteTx, old: Message) -> None:
    """Let search know a message by its new content alone."""
    seq = tx.value("SELECT seq FROM messages WHERE channel_id = ? AND id = ?", (old.channel_id, old.id))
    search_index.replace(tx, seq, old=old.content)


def reload(view: ReadTx, channel_id: str, message_id: int) -> Message:
    """A message that was just written, as it is now."""
    message = load(view, channel_id, message_id)
    assert message is not None, "a message that was just written is there"
    return message


_RECEIPTS = BatchInsert(
    "INSERT INTO receipts (community_id, sender_id, nonce, kind, channel_id, message_id, rev, created_at) VALUES ",
    columns=8,
)


def _message_of_receipt(tx: WriteTx, caller: Caller, nonce: str | None, asked: _Asked) -> Message | None:
    """The message that a nonce changed before, as it is now, if it did. Raises `Conflict` for another request's."""
    if nonce is None:
        return None
    row = tx.one(
        "SELECT kind, channel_id, message_id, rev FROM receipts WHERE community_id = ? AND sender_id = ? AND nonce = ?",
        (community_of(asked.channel_id), caller.user_id, nonce),
    )
    if row is None:
        return None
    kind, channel_id, message_id, rev = row
    if (kind, channel_id) == (asked.kind, asked.channel_id):
        message = reload(tx, channel_id, message_id)
        if _is_repeat(asked, message, rev):
            return message
    raise Conflict("This nonce was used for another request.")


def _is_repeat(asked: _Asked, message: Message, rev: int) -> bool:
    """Whether a request may be the one that brought `message` to `rev`.

    A receipt knows nothing of a text, not even its hash, by which it could be found again: what is asked is compared
    with the message while that still says what the first request made it say, and is believed afterwards.
    """
    number = message.reply_to if asked.kind == "new" else message.id
    if asked.number != number:
        return False
    if asked.kind == "new":
        is_as_made = message.updated_at == message.created_at
    else:
        is_as_made = asked.kind == "modify" and message.rev == rev
    return message.deleted_at is not None or not is_as_made or message.content == asked.content


def _keep_receipt(tx: WriteTx, caller: Caller, nonce: str | None, asked: _Asked, message_id: int, rev: int) -> None:
    """Remember that a nonce changed a message, which has this `rev` by it."""
    if nonce is not None:
        tx.buffer.insert(
            _RECEIPTS,
            (
                community_of(asked.channel_id),
                caller.user_id,
                nonce,
                asked.kind,
                asked.channel_id,
                message_id,
                rev,
                tx.now,
            ),
        )


def forget_old_receipts(tx: WriteTx, *, older_than: int) -> int:
    """Drop receipts of edits and deletions from before `older_than` (milliseconds); how many there were."""
    return tx.run("DELETE FROM receipts WHERE kind <> 'new' AND created_at < ?", (older_than,))
