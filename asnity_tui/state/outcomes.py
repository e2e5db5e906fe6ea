"""Applies the outcomes of my own writing: acknowledgements, copies and refusals."""

from __future__ import annotations

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Message

from .changes import NOTHING, Changes, EntryFailed
from .store import Store


def apply_ack(store: Store, nonce: str, message: Message) -> Changes:
    """Apply an acknowledgement: the server has what this nonce stands for; `message` is as it stands now."""
    channel = store.channel(message.channel_id)
    if channel is None:
        return store.settle(nonce)
    changes = channel.apply_step(message)
    if message.nonce == nonce:
        changes += channel.keep_own(message)
    return changes + store.settle(nonce)


def apply_copy(store: Store, message: Message) -> Changes:
    """Apply a message that the server answered as it stands now, after what I did to it."""
    channel = store.channel(message.channel_id)
    if channel is None:
        return NOTHING
    changes = channel.apply_step(message)
    is_held = channel.timeline is not None and channel.timeline.find(message.id) is not None
    return changes + (channel.keep_own(message) if is_held else NOTHING)


def apply_refusal(store: Store, nonce: str, error: ErrorInfo, now: int) -> Changes:
    """Apply a refusal, for good or for now."""
    entry = store.outbox.refuse(nonce, error, now)
    if entry is None:
        return NOTHING
    return (*((EntryFailed(nonce),) if entry.state == "failed" else ()), *store.show(entry))
