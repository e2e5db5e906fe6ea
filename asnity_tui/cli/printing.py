"""Messages and findings as lines of text and as JSON, harmless for any terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from asnity_server.protocol import times
from asnity_server.protocol.models import Message
from asnity_tui.widgets.text.rich_body import ACTION
from asnity_tui.widgets.text.safe_text import harmless, harmless_line

from .doctor import Finding
from .outcome import as_json
from .tail import Seen

CONTINUED = "    "
"""In front of the second and later lines of a message, so that none of them looks like another's."""


def as_lines(seen: Seen) -> Iterator[str]:
    """Format a message as people read it: time, place, sender, text."""
    at = datetime.fromtimestamp(times.from_wire(seen.message.created_at) / 1000)
    sign = "@" if seen.direct else "#"
    called = "* " if seen.to_me else ""
    head = f"{at:%Y-%m-%d %H:%M} {called}{harmless_line(f'{sign}{seen.channel} · {seen.community}')}"
    first, *rest = harmless(seen.message.content).split("\n")
    name = harmless_line(seen.sender)
    yield head + (f" * {name} {first.removeprefix(ACTION)}" if first.startswith(ACTION) else f" {name}: {first}")
    yield from (CONTINUED + line for line in rest)


def as_object(seen: Seen) -> str:
    """Format a message for programs."""
    told = {
        "channel": seen.channel,
        "community": seen.community,
        "sender": seen.sender,
        "direct": seen.direct,
        "toMe": seen.to_me,
    }
    return as_json({**_told(seen.message), **told})


def stored(message: Message) -> str:
    """Format a sent message for programs."""
    return as_json(_told(message))


def _told(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "channelId": message.channel_id,
        "communityId": message.community_id,
        "senderId": message.sender_id,
        "type": message.type,
        "createdAt": message.created_at,
        "replyTo": message.reply_to,
        "content": message.content,
    }


def findings(found: Iterable[Finding]) -> Iterator[str]:
    """Format the doctor's findings for programs."""
    return (as_json(msgspec.to_builtins(each)) for each in found)
