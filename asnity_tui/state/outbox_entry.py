"""An entry of the outbox: a new message, an edit or a deletion that the server hasn't confirmed."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from asnity_server.protocol.errors import ErrorInfo

EntryKind: TypeAlias = Literal["new", "modify", "delete"]
EntryState: TypeAlias = Literal["queued", "sending", "waiting", "failed"]
WaitReason: TypeAlias = Literal["offline", "no-answer", "unavailable", "rate-limited", "signed-out", "internal", "undo"]
"""`undo`: the person wanted a while in which it can be taken back."""


class OutboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One unsent thing; the cache keeps it as it stands here."""

    nonce: str
    """Made once, kept through every attempt and restart."""
    community_id: str
    channel_id: str
    kind: EntryKind
    chat_id: int | None = None
    """Which message is meant; None for a new one."""
    content: str = ""
    """Empty for a deletion."""
    reply_to: int | None = None
    created_at: int
    """Milliseconds since 1970; the order in a channel is that of the outbox, not of this."""
    state: EntryState = "queued"
    attempts: int = 0
    """How many requests were begun for it since it was made or retried by hand."""
    unknown: bool = False
    """An attempt was begun whose outcome isn't known: the server may have it."""
    reason: WaitReason | None = None
    """What a waiting one waits for."""
    error: ErrorInfo | None = None
    """Why a failed one was refused; for a waiting one the last refusal, where there was one."""
    not_before: int | None = None
    """When a waiting one goes again (milliseconds since 1970); None: as soon as the connection allows."""
    generation: str = ""
    """Of which generation of the server its ids are; empty where that wasn't known."""
    place: str = ""
    """What its channel was called, once I am no longer in it."""
    unkept: bool = False
    """It couldn't be written to disk, and goes all the same: with the program it is gone."""
    owner: str = ""
    """Which running window sends it; the cache gives these names."""
