"""The fake server's messages: history, changes, writing, read markers."""

from __future__ import annotations

import msgspec

from asnity_server.protocol import markup, mentions, requests, responses, text, times
from asnity_server.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from asnity_server.protocol.events import ReadMarker
from asnity_server.protocol.models import Counters, Message, MessageType

from . import directs, moderation
from .model import Account, ChannelRecord, Receipt
from .world import Connection, World

CROWD = 50
"""Above so many people, `@channel` is for admins."""


# Reading


def history(world: World, account: Account, request: requests.History) -> responses.MessagePage:
    channel = world.visible(account, request.channel_id)
    asked = [request.before, request.after, request.around, request.at, request.ids]
    if sum(each is not None for each in asked) > 1:
        raise Invalid("Use only one of before, after, around, at and ids.")
    if request.ids is not None:
        found = [channel.messages[each - 1] for each in _ids(request.ids, channel)]
        first, last = (found[0].id, found[-1].id) if found else (1, channel.last_id)
    else:
        first, last = _stretch(channel, request)
        found = channel.messages[first - 1 : last]
    return responses.MessagePage(
        messages=tuple(found),
        has_older=first > 1,
        has_newer=last < channel.last_id,
        rev=channel.rev,
        users=world.users(account, channel.community_id, named(found)),
    )


def _ids(listed: str, channel: ChannelRecord) -> list[int]:
    try:
        wanted = {int(each) for each in listed.split(",")}
    except ValueError:
        raise Invalid("Ids are numbers, separated by commas.", field="ids") from None
    return [each for each in sorted(wanted) if 1 <= each <= channel.last_id]


def _stretch(channel: ChannelRecord, request: requests.History) -> tuple[int, int]:
    """The first and last id of the page that is asked for; where it is empty, the last is one below the first."""
    newest = channel.last_id
    if request.before is not None:
        last = min(max(request.before, 1) - 1, newest)
        return max(1, last - request.limit + 1), last
    if request.after is not None:
        first = min(request.after, newest) + 1
        return first, min(first + request.limit - 1, newest)
    around = request.around
    if request.at is not None:
        moment = times.from_wire(request.at, field="at")
        later = (each.id for each in channel.messages if times.from_wire(each.created_at) >= moment)
        around = next(later, newest)
    if around is None:
        return max(1, newest - request.limit + 1), newest
    first = max(1, min(around - request.limit // 2, newest - request.limit + 1))
    return first, min(first + request.limit - 1, newest)


def named(messages: list[Message]) -> set[str]:
    """Everyone whom messages name by id."""
    named: set[str] = set()
    for each in messages:
        named |= {each.sender_id, *each.mentions}
        for reaction in each.reactions.values():
            named.update(reaction.users)
    return named


def changes(world: World, account: Account, request: requests.Changes) -> responses.ChangesPage:
    channel = world.visible(account, request.channel_id)
    changed = sorted(
        (each for each in channel.messages if each.rev > request.since and request.from_ <= each.id <= request.to),
        key=lambda each: each.rev,
    )
    told = changed[: request.limit]
    more = len(changed) > len(told)
    return responses.ChangesPage(
        messages=tuple(told),
        rev=told[-1].rev if more else channel.rev,
        more=more,
        counters=world.counters(account, channel),
        users=world.users(account, channel.community_id, named(told)),
    )


# Writing


def post(world: World, account: Account, request: requests.PostMessage, *, via: Connection | None = None) -> Message:
    content = text.clean_content(request.content)
    channel = world.joined(account, request.channel_id)
    key = ("new", channel.id, request.reply_to, content)
    if done := _repeated(world, account, channel, request.nonce, key):
        return done
    writable(world, account, channel.id)
    world.require_heard(account, channel.community_id)
    if request.reply_to is not None and not 1 <= request.reply_to <= channel.last_id:
        raise Invalid("The message you are replying to doesn't exist.", field="replyTo")
    directs.call_together(world, channel)
    message = store(world, channel, account, content, nonce=request.nonce, reply_to=request.reply_to)
    _remember(world, account, message, request.nonce, key)
    world.tell_room(channel, "new-chat", message, but=via)
    return message


def store(
    world: World,
    channel: ChannelRecord,
    account: Account,
    content: str,
    *,
    nonce: str | None = None,
    reply_to: int | None = None,
    type: MessageType = "TEXT",
) -> Message:
    """Append a message and move its sender's read marker if nothing before it was unread."""
    everything_read = world.counters(account, channel).unread == 0
    now = times.to_wire(world.clock.now())
    mentions, everyone = mentioned(world, channel, account, content) if type == "TEXT" else ((), False)
    mentions = _and_answered(channel, account, mentions, reply_to)
    channel.rev += 1
    message = Message(
        id=channel.last_id + 1,
        channel_id=channel.id,
        community_id=channel.community_id,
        sender_id=account.id,
        type=type,
        content=content,
        created_at=now,
        updated_at=now,
        deleted_at=None,
        rev=channel.rev,
        nonce=nonce,
        reply_to=reply_to,
        mentions=mentions,
        mentions_all=everyone,
        reactions={},
        pinned=False,
    )
    channel.messages.append(message)
    world.written.append((channel.id, message.id))
    if everything_read and account.id in channel.seats:
        channel.seats[account.id].read_id = message.id
    return message


def edit(world: World, account: Account, request: requests.EditMessage, *, via: Connection | None = None) -> Message:
    content = text.clean_content(request.content)
    channel = world.joined(account, request.channel_id)
    key = ("modify", channel.id, request.chat_id, content)
    if done := _repeated(world, account, channel, request.nonce, key):
        return done
    old = find(writable(world, account, channel.id), request.chat_id)
    world.require_heard(account, channel.community_id)
    if old.sender_id != account.id:
        raise Forbidden("Only its author can edit a message.")
    if old.type != "TEXT":
        raise Invalid("This message can't be edited.", field="chatId")
    if old.deleted_at is not None:
        raise NotFound("This message was deleted.")
    if content == old.content:
        _remember(world, account, old, request.nonce, key)
        return old
    mentions, everyone = mentioned(world, channel, account, content, before=old)
    mentions = _and_answered(channel, account, mentions, old.reply_to)
    message = replace(
        channel,
        msgspec.structs.replace(
            old,
            content=content,
            updated_at=times.to_wire(world.clock.now()),
            mentions=mentions,
            mentions_all=everyone,
        ),
    )
    _remember(world, account, message, request.nonce, key)
    world.tell_room(channel, "modify-chat", message, but=via)
    return message


def delete(
    world: World, account: Account, request: requests.DeleteMessage, *, via: Connection | None = None
) -> Message:
    channel = world.joined(account, request.channel_id)
    key = ("delete", channel.id, request.chat_id, "")
    if done := _repeated(world, account, channel, request.nonce, key):
        return done
    old = find(writable(world, account, channel.id), request.chat_id)
    if old.sender_id != account.id and world.membership(account, channel.community_id).role == "member":
        raise Forbidden("Only your own messages can be deleted.")
    if old.deleted_at is not None:
        _remember(world, account, old, request.nonce, key)
        return old
    channel.reactors = {key: people for key, people in channel.reactors.items() if key[0] != old.id}
    channel.pins = [each for each in channel.pins if each != old.id]
    message = replace(
        channel,
        msgspec.structs.replace(
            old,
            content="",
            deleted_at=times.to_wire(world.clock.now()),
            mentions=(),
            mentions_all=False,
            reactions={},
            pinned=False,
        ),
    )
    _remember(world, account, message, request.nonce, key)
    if old.sender_id != account.id:
        community, author = world.communities[channel.community_id], world.accounts[old.sender_id]
        where = {"channel_id": channel.id, "chat_id": old.id}
        moderation.record(world, community, account, "message-deleted", target=author, **where)
    world.tell_room(channel, "delete-chat", message, but=via)
    return message


def mentioned(
    world: World, channel: ChannelRecord, account: Account, content: str, *, before: Message | None = None
) -> tuple[tuple[str, ...], bool]:
    """Find the people that the `@…` in a text mean, and whether everyone is meant."""
    found: list[str] = []
    everyone = False
    names = {text.name_key(world.accounts[each].username): each for each in channel.seats}
    for run in markup.mention_runs(content):
        named = mentions.resolve_name(run, names)
        if named is not None and named.key != text.EVERYONE:
            found.append(names[named.key])
        elif named is not None:
            role = world.communities[channel.community_id].members[account.id].role
            was_so = before is not None and before.mentions_all
            if len(channel.seats) > CROWD and role == "member" and not was_so:
                raise Forbidden(f"Only admins can use @channel in channels with more than {CROWD} members.")
            everyone = True
    return tuple(dict.fromkeys(found)), everyone


def _and_answered(
    channel: ChannelRecord, account: Account, mentions: tuple[str, ...], reply_to: int | None
) -> tuple[str, ...]:
    """Those who are meant, and the author of the message that is answered, if that is somebody else who is here."""
    answered = channel.messages[reply_to - 1] if reply_to is not None else None
    if answered is None or answered.type != "TEXT" or answered.sender_id not in channel.seats:
        return mentions
    return mentions if answered.sender_id in (account.id, *mentions) else (*mentions, answered.sender_id)


def writable(world: World, account: Account, channel_id: str) -> ChannelRecord:
    channel = world.joined(account, channel_id)
    if channel.archived:
        raise Forbidden("This channel is archived.")
    return channel


def find(channel: ChannelRecord, chat_id: int) -> Message:
    """A message by its id. Raises `NotFound`."""
    if not 1 <= chat_id <= channel.last_id:
        raise NotFound("Message not found.")
    return channel.messages[chat_id - 1]


def replace(channel: ChannelRecord, message: Message) -> Message:
    """Put a message in its place, one rev further."""
    channel.rev += 1
    changed = msgspec.structs.replace(message, rev=channel.rev)
    channel.messages[message.id - 1] = changed
    return changed


def _repeated(
    world: World, account: Account, channel: ChannelRecord, nonce: str | None, key: tuple[object, ...]
) -> Message | None:
    """What came of an earlier request with this nonce. Raises `Conflict` if that was another request."""
    receipt = world.receipts.get((channel.community_id, account.id, nonce)) if nonce else None
    if receipt is None:
        return None
    message = world.channels[receipt.channel_id].messages[receipt.chat_id - 1]
    is_text_gone = message.deleted_at is not None or message.content != receipt.request[3]
    if receipt.request[:3] != key[:3] or (receipt.request[3] != key[3] and not is_text_gone):
        raise Conflict("This nonce was used for something else.", field="nonce")
    return message


def _remember(world: World, account: Account, message: Message, nonce: str | None, key: tuple[object, ...]) -> None:
    if nonce:
        receipt = Receipt(request=key, channel_id=message.channel_id, chat_id=message.id)
        world.receipts[(message.community_id, account.id, nonce)] = receipt


# Read markers


def counters(world: World, account: Account, request: requests.OfChannel) -> Counters:
    return world.counters(account, world.joined(account, request.channel_id))


def move_read_marker(
    world: World, account: Account, request: requests.MoveReadMarker, *, via: Connection | None = None
) -> Counters:
    channel = world.joined(account, request.channel_id)
    seat = channel.seats.get(account.id)
    if seat is None:  # a direct channel that is closed: all of it counts as read
        return world.counters(account, channel)
    wanted = min(request.read_id, channel.last_id)
    if wanted > seat.read_id or request.set_back:
        seat.read_id = wanted
        now = world.counters(account, channel)
        marker = ReadMarker(channel_id=channel.id, set_back=request.set_back, **msgspec.structs.asdict(now))
        world.tell_devices(account.id, channel.community_id, "read-marker", marker, but=via)
    return world.counters(account, channel)
