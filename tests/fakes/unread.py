"""The naive count of what is unread: the model that every other way of counting must equal."""

from __future__ import annotations

from asnity_server.protocol.limits import COUNT_CAP
from asnity_server.protocol.models import Counters, Message

from .model import ChannelRecord


def is_unread(message: Message, user_id: str, read_id: int) -> bool:
    """Whether a message counts as unread for somebody who has read up to `read_id`."""
    return (
        message.id > read_id and message.sender_id != user_id and message.deleted_at is None and message.type == "TEXT"
    )


def count(channel: ChannelRecord, user_id: str, read_id: int) -> Counters:
    """The counters of one person in one channel."""
    fresh = [each for each in channel.messages[read_id:] if is_unread(each, user_id, read_id)]
    meant = [each for each in fresh if each.mentions_all or user_id in each.mentions]
    return Counters(
        last_id=channel.last_id,
        rev=channel.rev,
        read_id=read_id,
        unread=min(len(fresh), COUNT_CAP),
        mentions=min(len(meant), COUNT_CAP),
    )
