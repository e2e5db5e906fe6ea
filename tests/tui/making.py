"""Messages and rows for tests: everything that doesn't matter has a value that doesn't matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Message
from asnity_tui.state.outbox_entry import EntryKind, OutboxEntry
from asnity_tui.state.rows import PENDING, SENT, Delivery, Failed, Row
from asnity_tui.widgets.timeline.layout import RenderContext

ME = "meeeeeeeeeee"
NAMES = {ME: "mina", "a": "alice", "b": "bob", "k": "민지"}
START = datetime(2026, 11, 20, 10, 2, tzinfo=UTC)


def at(minutes: float) -> str:
    """A time on the wire, so many minutes after the start."""
    moment = START + timedelta(minutes=minutes)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message(id: int, sender: str, content: str, minutes: float = 0, **more: Any) -> Message:
    """A message."""
    values: dict[str, Any] = {
        "id": id,
        "channel_id": "c",
        "community_id": "x",
        "sender_id": sender,
        "type": "TEXT",
        "content": content,
        "created_at": at(minutes),
        "updated_at": at(minutes),
        "deleted_at": None,
        "rev": id,
        "nonce": None,
        "reply_to": None,
        "mentions": (),
        "mentions_all": False,
        "reactions": {},
        "pinned": False,
    }
    return Message(**{**values, **more})


def row(id: int, sender: str = "a", content: str = "hello", minutes: float = 0, **more: Any) -> Row:
    """A row that the server has."""
    return Row(f"m{id}", message(id, sender, content, minutes, **more), SENT, None)


def unsent(nonce: str, content: str, delivery: Delivery = PENDING, kind: EntryKind = "new", minutes: float = 0) -> Row:
    """A row of mine that the server doesn't have."""
    entry = OutboxEntry(nonce=nonce, community_id="x", channel_id="c", kind=kind, content=content, created_at=0)
    return Row("n" + nonce, message(0, ME, content, minutes), delivery, entry)


def refused(text: str) -> Failed:
    """A delivery that was refused."""
    return Failed(ErrorInfo(code="forbidden", message=text))


def render_context(**more: Any) -> RenderContext:
    """A context in UTC, with the names above."""
    values: dict[str, Any] = {
        "me": ME,
        "username": "mina",
        "zone": UTC,
        "year": 2026,
        "name_of": lambda user: NAMES.get(user, "?"),
        "usernames": NAMES.get,
        "message_of": lambda _: None,
    }
    return RenderContext(**{**values, **more})


def rows(first: int, last: int, *, text: str = "message {}", sender: str = "a") -> list[Row]:
    """Rows with ids `first` to `last`, three a minute."""
    return [row(id, sender, text.replace("{}", str(id)), id / 3) for id in range(first, last + 1)]
