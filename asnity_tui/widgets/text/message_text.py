"""Formats messages as plain text to copy: as they are, or as quotes."""

from __future__ import annotations

from collections.abc import Sequence

from asnity_server.protocol.lazy_patterns import LazyPattern
from asnity_server.protocol.models import Message
from asnity_tui.state.rows import Row
from asnity_tui.widgets.timeline.layout import RenderContext, clock

from .safe_text import harmless_line

_CONTROL = LazyPattern("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""No text has these; where one is pasted they might act."""


def as_text(rows: Sequence[Row], context: RenderContext, *, alone: bool = True) -> str:
    """Messages as they were written, each run of them after who wrote it and when; one `alone` is only its text."""
    if len(rows) == 1 and alone:
        return _content(rows[0].message)
    parts: list[str] = []
    sender = None
    for row in rows:
        message = row.message
        if message.sender_id != sender:
            sender = message.sender_id
            parts.append(f"{'' if not parts else chr(10)}{_name(message, context)} {clock(message, context)}")
        parts.append(_content(message))
    return "\n".join(parts)


def as_quote(rows: Sequence[Row], context: RenderContext) -> str:
    """Each line after a `>`, as people put it into a message; the first line of each run says who wrote it."""
    lines: list[str] = []
    sender = None
    for row in rows:
        message = row.message
        first, *rest = _content(message).split("\n")
        who = f"**{_name(message, context)}** " if message.sender_id != sender else ""
        sender = message.sender_id
        lines += [f"> {who}{first}", *(f"> {line}".rstrip() for line in rest)]
    return "\n".join(lines)


def _name(message: Message, context: RenderContext) -> str:
    return harmless_line(context.name_of(message.sender_id)) or "?"


def _content(message: Message) -> str:
    return "(message deleted)" if message.deleted_at is not None else _CONTROL.sub("", message.content)
